//! Grounds as sentences for people: for the citizen who asks who could see what, and for the auditor.

mod access;
mod parties;

use crate::{CitizenRelation, Ground, RelationKind, Rule};
use access::{ACCESS, Sentence};
use parties::{NAMES, PARTIES};

/// The languages that grounds are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Danish.
    Da,
    /// English.
    En,
}

impl Language {
    fn of<'a>(self, da: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Da => da,
            Self::En => en,
        }
    }
}

/// One sentence that tells a ground.
///
/// `name_of` gives the name of an organisation by its code (`sor:<code>`); without one the code itself stands. Names a
/// policy, an organisation, a role or an age, and never a person nor the id of anything that a person registered.
pub fn tell(
    ground: &Ground,
    language: Language,
    name_of: &dyn Fn(&str) -> Option<String>,
) -> String {
    let (key, parameter) = parts(&ground.detail);
    let known = sentences().find(|(rule, detail, ..)| (*rule, *detail) == (ground.rule, key));
    let Some((_, _, da, en)) = known else {
        return generic(ground.rule, language);
    };
    language
        .of(da, en)
        .replace("{ref}", &reference(ground, name_of))
        .replace("{kind}", kind(parameter, language))
}

fn sentences() -> impl Iterator<Item = &'static Sentence> {
    ACCESS.iter().chain(PARTIES)
}

/// The sentence for a ground that another version of Delt has written.
fn generic(rule: Rule, language: Language) -> String {
    let name = NAMES.iter().find(|(named, ..)| *named == rule);
    let name = name.map_or(rule.as_str(), |(_, da, en)| language.of(da, en));
    format!("{}: {name}.", language.of("Grund", "Ground"))
}

/// What stands before the parenthesis, and what stands in it.
fn parts(detail: &str) -> (&str, &str) {
    let (key, rest) = detail.split_once(" (").unwrap_or((detail, ""));
    (key, rest.split_once(')').map_or(rest, |(inside, _)| inside))
}

/// How much of a version's hash a person can compare by eye.
const VERSION_DIGITS: usize = 12;

fn reference(ground: &Ground, name_of: &dyn Fn(&str) -> Option<String>) -> String {
    let reference = &ground.reference;
    match ground.rule {
        Rule::Organisation => name_of(reference).unwrap_or_else(|| reference.clone()),
        Rule::PolicyVersion => reference.chars().take(VERSION_DIGITS).collect(),
        _ => reference.clone(),
    }
}

/// The kind of a treatment relation or of a right to act for a citizen.
fn kind(code: &str, language: Language) -> &'static str {
    let (da, en) = RelationKind::from_code(code)
        .map(relation)
        .or_else(|| CitizenRelation::from_code(code).map(right))
        .unwrap_or(("", ""));
    language.of(da, en)
}

const fn relation(kind: RelationKind) -> (&'static str, &'static str) {
    match kind {
        RelationKind::Admission => ("indlæggelse eller ambulant forløb", "admission"),
        RelationKind::Referral => ("henvisning", "referral"),
        RelationKind::Appointment => ("aftale", "appointment"),
        RelationKind::GpList => ("tilmelding til lægepraksis", "list of the practice"),
        RelationKind::HomeCare => ("visitation til hjemmepleje", "home care"),
        RelationKind::Attestation => ("fagpersonens eget ord", "the professional's own word"),
    }
}

const fn right(kind: CitizenRelation) -> (&'static str, &'static str) {
    match kind {
        CitizenRelation::Custody => ("forældremyndighed", "custody"),
        CitizenRelation::Guardian => ("værgemål", "guardianship"),
        CitizenRelation::Proxy => ("fuldmagt", "power of attorney"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rule: Rule, reference: &str, detail: &str) -> [String; 2] {
        let ground = Ground::new(rule, reference, detail);
        let name_of = |code: &str| (code == "sor:1100").then(|| "Rigshospitalet".to_owned());
        [Language::Da, Language::En].map(|language| tell(&ground, language, &name_of))
    }

    #[test]
    fn an_organisation_has_its_name_and_a_relation_its_kind() {
        let detail = "the place where the caller works";
        assert_eq!(
            told(Rule::Organisation, "sor:1100", detail),
            [
                "Den, der slår op, arbejder på Rigshospitalet.",
                "The caller works at Rigshospitalet."
            ]
        );
        assert_eq!(
            told(Rule::Organisation, "sor:9", detail)[1],
            "The caller works at sor:9."
        );
        assert_eq!(
            told(Rule::Relation, "an id", "a treatment relation (gp-list)"),
            [
                "Der er en behandlingsrelation (tilmelding til lægepraksis).",
                "There is a treatment relation (list of the practice)."
            ]
        );
    }

    #[test]
    fn what_no_sentence_tells_is_told_by_its_rule() {
        assert_eq!(
            told(Rule::ConsentBlock, "an id", "words of another version"),
            ["Grund: en spærring.", "Ground: a block."]
        );
    }

    #[test]
    fn every_rule_has_a_name_and_a_sentence_and_no_sentence_stands_twice() {
        for (rule, ..) in NAMES {
            assert!(sentences().any(|(of, ..)| of == rule), "{rule:?}");
        }
        for (at, (rule, key, da, en)) in sentences().enumerate() {
            assert!(NAMES.iter().any(|(named, ..)| named == rule), "{rule:?}");
            let again = |(other, detail, ..): &&Sentence| (other, detail) == (rule, key);
            assert_eq!(sentences().position(|one| again(&one)), Some(at), "{key}");
            let marks = |text: &str| ["{ref}", "{kind}"].map(|mark| text.contains(mark));
            assert_eq!(marks(da), marks(en), "{key}");
        }
    }
}
