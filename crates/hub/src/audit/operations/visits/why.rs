//! Why somebody could look, or could not, as the citizen is told.

use delt_ledger::{Ground as Logged, Outcome};
use delt_policy::{Ground, Language, Rule, tell};

use crate::{notification::LocalizedText, organisation::Directory};

/// What a look rested on: what the decision weighed, without what is the same for everybody.
const TOLD: &[Rule] = &[
    Rule::Purpose,
    Rule::Relation,
    Rule::Attestation,
    Rule::PastRelation,
    Rule::QualityPermission,
    Rule::BreakGlass,
    Rule::OverrideGround,
    Rule::Opening,
    Rule::OwnRecord,
    Rule::Age,
    Rule::Delegation,
    Rule::Helper,
    Rule::OwnSource,
    Rule::Patient,
];

/// What may tell of a document that was opened: not for those who act for the citizen.
const TOLD_TO_THE_CITIZEN: &[Rule] = &[Rule::ConsentBlock, Rule::ConsentPermit];

/// What refuses before anything is looked at.
const TOLD_OF_REFUSALS: &[Rule] = &[Rule::Role, Rule::Organisation];

/// The grounds that are told, each once.
pub(super) fn told(
    grounds: &[Logged],
    outcome: Outcome,
    for_another: bool,
    into: &mut Vec<Ground>,
) {
    let refused = outcome == Outcome::Denied;
    let rules = TOLD
        .iter()
        .chain(TOLD_TO_THE_CITIZEN.iter().filter(|_| !for_another))
        .chain(TOLD_OF_REFUSALS.iter().filter(|_| refused));
    for rule in rules {
        for ground in grounds.iter().filter(|g| g.rule == rule.as_str()) {
            let ground = Ground {
                rule: *rule,
                reference: ground.reference.clone().unwrap_or_default(),
                detail: ground.detail.clone().unwrap_or_default(),
            };
            if !into.contains(&ground) {
                into.push(ground);
            }
        }
    }
}

/// Whether who acts for the citizen is told of this ground of a look: of what they would be told with the visit, and of what is the same for everybody.
pub(in crate::audit::operations) fn is_told(ground: &Logged, outcome: Outcome) -> bool {
    let mut into = Vec::new();
    told(std::slice::from_ref(ground), outcome, true, &mut into);
    let common = [Rule::Role, Rule::Organisation, Rule::PolicyVersion];
    !into.is_empty() || common.iter().any(|rule| ground.rule == rule.as_str())
}

/// The grounds as sentences, each once.
pub(super) fn texts(grounds: &[Ground], directory: &Directory) -> Vec<LocalizedText> {
    let name_of = |code: &str| {
        let id = delt_policy::OrganisationId::parse(code).ok()?;
        Some(directory.organisation(&id)?.name.clone())
    };
    let mut texts: Vec<LocalizedText> = Vec::new();
    for (language, tag) in [(Language::Da, "da"), (Language::En, "en")] {
        for ground in grounds {
            let text = tell(ground, language, &name_of);
            if !texts.iter().any(|told| told.text == text) {
                texts.push(LocalizedText {
                    language: tag,
                    text,
                });
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_acts_for_the_citizen_is_not_told_which_consent_opened_a_document() {
        let is_told = |rule: &str| {
            let ground = Logged {
                rule: rule.to_owned(),
                reference: Some("r".to_owned()),
                detail: None,
            };
            is_told(&ground, Outcome::Permitted)
        };
        for rule in [
            "relation",
            "role",
            "policy-version",
            "opening",
            "delegation",
        ] {
            assert!(is_told(rule), "{rule}");
        }
        for rule in ["consent-permit", "consent-block", "what comes later"] {
            assert!(!is_told(rule), "{rule}");
        }
    }
}
