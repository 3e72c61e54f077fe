//! An explanation in Danish and English sentences, built from the counts and the grounds.

use delt_hub::{
    consent::operations::{Access, Explained, WhatIf},
    organisation::Directory,
};
use delt_policy::{
    Ground, OrganisationId, Rule,
    tell::{Language, tell},
};
use delt_proto::consent::v1::Explanation;

const LANGUAGES: [(Language, &str); 2] = [(Language::Da, "da"), (Language::En, "en")];
/// So many grounds are told in sentences; all of them stand beside as grounds.
const TOLD_MAX: usize = 40;

/// The whole answer: what would be seen, what a consent would change, what to keep in mind, and why.
pub(super) fn of(explained: &Explained, directory: &Directory) -> Vec<Explanation> {
    in_both(|language| {
        let mut told = vec![summary(explained, language)];
        told.extend(explained.what_if.map(|thought| what_if(thought, language)));
        told.extend(reservations(explained, language));
        if !explained.everybody {
            told.extend(reasons(&explained.access, directory, language));
        }
        told
    })
}

/// One place and role.
pub(super) fn of_place(access: &Access, directory: &Directory) -> Vec<Explanation> {
    in_both(|language| {
        let mut told = vec![one(access, language)];
        told.extend(reasons(access, directory, language));
        told
    })
}

fn in_both(sentences: impl Fn(Language) -> Vec<String>) -> Vec<Explanation> {
    LANGUAGES
        .into_iter()
        .flat_map(|(language, code)| {
            let explanation = |text| Explanation {
                language: code.to_owned(),
                text,
            };
            sentences(language).into_iter().map(explanation)
        })
        .collect()
}

/// Each ground in a sentence, none twice.
fn reasons(access: &Access, directory: &Directory, language: Language) -> Vec<String> {
    let name_of = |code: &str| {
        let organisation = OrganisationId::parse(code).ok()?;
        Some(directory.organisation(&organisation)?.name.clone())
    };
    let mut told: Vec<String> = Vec::new();
    for ground in &access.grounds {
        let mut sentence = tell(ground, language, &name_of);
        if access.visible > 0 && closes(ground) {
            sentence = of_some(&sentence, language);
        }
        if told.len() < TOLD_MAX && !told.contains(&sentence) {
            told.push(sentence);
        }
    }
    told
}

/// Whether a ground closes entries to the role.
fn closes(ground: &Ground) -> bool {
    ground.rule == Rule::Role && !ground.detail.contains("permits it")
}

/// Beside a rule that opens, one that closes speaks of some entries only.
fn of_some(sentence: &str, language: Language) -> String {
    match language {
        Language::Da => format!("For nogle af oplysningerne gælder: {sentence}"),
        Language::En => format!("For some of the entries: {sentence}"),
    }
}

fn summary(explained: &Explained, language: Language) -> String {
    if explained.everybody {
        everybody(explained, language)
    } else {
        one(&explained.access, language)
    }
}

fn one(access: &Access, language: Language) -> String {
    let (visible, all) = (access.visible, all(access));
    match (access.admitted, language) {
        (false, Language::Da) => "Den sundhedsperson ville ikke få adgang til noget.".to_owned(),
        (false, Language::En) => "That professional would get no access.".to_owned(),
        (true, Language::Da) => format!(
            "Den sundhedsperson ville se {visible} af {all} oplysninger{}.",
            withheld(access, language)
        ),
        (true, Language::En) => format!(
            "That professional would see {visible} of {all} entries{}.",
            withheld(access, language)
        ),
    }
}

fn everybody(explained: &Explained, language: Language) -> String {
    let access = &explained.access;
    let (visible, all, places) = (access.visible, all(access), explained.places.len());
    let withheld = withheld(access, language);
    match (places, language) {
        (0, Language::Da) => {
            "Ingen steder har en behandlingsrelation, der giver adgang.".to_owned()
        }
        (0, Language::En) => "No place has a treatment relation that gives access.".to_owned(),
        (_, Language::Da) => format!(
            "Mindst én af de sundhedspersoner, der behandler borgeren, kan se {visible} af {all} oplysninger{withheld}."
        ),
        (_, Language::En) => format!(
            "At least one of those who treat the citizen can see {visible} of {all} entries{withheld}."
        ),
    }
}

fn all(access: &Access) -> u32 {
    access.visible
        + access.withheld_by_consent
        + access.withheld_by_role
        + access.withheld_by_purpose
}

/// "; 3 are withheld by the citizen's blocks, 2 lie outside the role", as far as there are any.
fn withheld(access: &Access, language: Language) -> String {
    let (consent, role, purpose) = match language {
        Language::Da => (
            "holdes tilbage af borgerens spærringer",
            "ligger uden for rollen",
            "ligger uden for formålet",
        ),
        Language::En => (
            "are withheld by the citizen's blocks",
            "lie outside the role",
            "lie outside the purpose",
        ),
    };
    let parts = [
        (access.withheld_by_consent, consent),
        (access.withheld_by_role, role),
        (access.withheld_by_purpose, purpose),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, why)| format!("{count} {why}")).collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("; {}", parts.join(", "))
    }
}

fn what_if(thought: WhatIf, language: Language) -> String {
    let WhatIf {
        entries,
        entries_hidden: hidden,
        entries_opened: opened,
        places,
        places_affected: affected,
    } = thought;
    let mut told = Vec::new();
    if hidden > 0 || opened == 0 {
        told.push(match language {
            Language::Da => format!(
                "Dette ville skjule {hidden} af {entries} oplysninger for {affected} af {places} steder."
            ),
            Language::En => format!(
                "This would hide {hidden} of {entries} entries from {affected} of {places} places."
            ),
        });
    }
    if opened > 0 {
        told.push(match language {
            Language::Da => {
                format!("Dette ville åbne {opened} oplysninger for {affected} af {places} steder.")
            }
            Language::En => {
                format!("This would open {opened} entries to {affected} of {places} places.")
            }
        });
    }
    told.join(" ")
}

fn reservations(explained: &Explained, language: Language) -> Vec<String> {
    let early = match language {
        Language::Da => {
            "Fra før det tidspunkt er ingen rollepolitik registreret: den første, der kendes, er brugt."
        }
        Language::En => {
            "No role policies are recorded from before that time: the first that are known were used."
        }
    };
    let more = match language {
        Language::Da => "Flere steder behandler borgeren end dem, der er vist.",
        Language::En => "More places treat the citizen than are shown.",
    };
    [
        (explained.assumed_policies, early),
        (explained.more_places, more),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, text)| text.to_owned())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_that_is_being_thought_of_is_told_in_one_sentence() {
        let thought = WhatIf {
            entries: 31,
            entries_hidden: 14,
            entries_opened: 0,
            places: 5,
            places_affected: 3,
        };
        assert_eq!(
            what_if(thought, Language::Da),
            "Dette ville skjule 14 af 31 oplysninger for 3 af 5 steder."
        );
        assert_eq!(
            what_if(thought, Language::En),
            "This would hide 14 of 31 entries from 3 of 5 places."
        );
        let permit = WhatIf {
            entries_hidden: 0,
            entries_opened: 2,
            ..thought
        };
        assert_eq!(
            what_if(permit, Language::En),
            "This would open 2 entries to 3 of 5 places."
        );
    }

    #[test]
    fn counts_that_are_nothing_are_not_told() {
        let mut access = Access {
            admitted: true,
            visible: 17,
            ..Access::default()
        };
        assert_eq!(
            one(&access, Language::En),
            "That professional would see 17 of 17 entries."
        );
        access.withheld_by_consent = 14;
        access.withheld_by_purpose = 1;
        assert_eq!(
            one(&access, Language::Da),
            "Den sundhedsperson ville se 17 af 32 oplysninger; 14 holdes tilbage af borgerens spærringer, 1 ligger uden for \
             formålet."
        );
    }
}
