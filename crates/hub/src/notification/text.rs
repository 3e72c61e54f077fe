//! What a notification says, in Danish and English, to somebody who knows neither codes nor law.

use delt_policy::OverrideGround;

use super::{KeptNotification, NotificationKind};

/// A sentence in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalizedText {
    /// BCP 47: `da` or `en`.
    pub language: &'static str,
    pub text: String,
}

/// What happened, where, who did it, on which ground, and what becomes of it. `place` is the organisation's name.
pub(super) fn texts(kept: &KeptNotification, place: &str) -> Vec<LocalizedText> {
    let (da, en) = match kept.kind {
        NotificationKind::BreakGlass => break_glass(kept, place),
        NotificationKind::RelationUnconfirmed => relation_unconfirmed(kept, place),
    };
    let text = |language, text| LocalizedText { language, text };
    vec![text("da", da), text("en", en)]
}

fn break_glass(kept: &KeptNotification, place: &str) -> (String, String) {
    let (role_da, role_en) = role(&kept.role);
    let (ground_da, ground_en) = ground(kept.ground);
    (
        format!(
            "{role_da} ved {place} har brugt nødadgang til din journal (værdispring). {ground_da} Det bliver \
             gennemgået, om det var i orden."
        ),
        format!(
            "{role_en} at {place} used emergency access to your record (break-glass). {ground_en} It will be \
             reviewed whether that was right."
        ),
    )
}

fn relation_unconfirmed(kept: &KeptNotification, place: &str) -> (String, String) {
    let (role_da, role_en) = role(&kept.role);
    (
        format!(
            "{role_da} ved {place} oplyste at have dig i behandling og fik derfor adgang til din journal. Intet har \
             bekræftet det inden fristen. Det bliver gennemgået, om det var i orden."
        ),
        format!(
            "{role_en} at {place} said that they were treating you and was let into your record. Nothing confirmed \
             it in time. It will be reviewed whether that was right."
        ),
    )
}

/// The grounds of Sundhedsloven § 42 a as they are said to the citizen.
const fn ground(ground: Option<OverrideGround>) -> (&'static str, &'static str) {
    match ground {
        Some(OverrideGround::CitizenLiftsBlock) => (
            "Begrundelsen efter loven var, at du selv var til stede og ophævede din spærring for denne behandling.",
            "The lawful ground was that you were present and lifted your block for this treatment.",
        ),
        Some(OverrideGround::EssentialConsideration) => (
            "Begrundelsen efter loven var, at det var nødvendigt af hensyn til dig, og at du ikke kunne spørges.",
            "The lawful ground was that it was essential for you, and that you could not be asked.",
        ),
        None => (
            "Begrundelsen efter loven er ikke oplyst.",
            "No lawful ground is known.",
        ),
    }
}

/// `MedCom`'s codes of authorised professions in words; a code that is not among them stands for itself.
fn role(code: &str) -> (&str, &str) {
    match code {
        "ambulancebehandler" => ("Ambulancebehandler", "Ambulance technician"),
        "bandagist" => ("Bandagist", "Prosthetist and orthotist"),
        "behandlerfarmaceut" => ("Behandlerfarmaceut", "Prescribing pharmacist"),
        "bioanalytiker" => ("Bioanalytiker", "Biomedical laboratory scientist"),
        "ergoterapeut" => ("Ergoterapeut", "Occupational therapist"),
        "fodterapeut" => ("Fodterapeut", "Podiatrist"),
        "fysioterapeut" => ("Fysioterapeut", "Physiotherapist"),
        "jordemoder" => ("Jordemoder", "Midwife"),
        "kiropraktor" => ("Kiropraktor", "Chiropractor"),
        "kliniskdiaetist" => ("Klinisk diætist", "Clinical dietitian"),
        "klinisktandtekniker" => ("Klinisk tandtekniker", "Clinical dental technician"),
        "laege" => ("Læge", "Physician"),
        "optikerogoptometrist" => ("Optiker og optometrist", "Optometrist"),
        "osteopat" => ("Osteopat", "Osteopath"),
        "radiograf" => ("Radiograf", "Radiographer"),
        "socialogsundhedsassistent" => ("Social- og sundhedsassistent", "Health care assistant"),
        "sygeplejerske" => ("Sygeplejerske", "Nurse"),
        "tandlaege" => ("Tandlæge", "Dentist"),
        "tandplejer" => ("Tandplejer", "Dental hygienist"),
        other => (other, other),
    }
}

#[cfg(test)]
mod tests {
    use delt_policy::{OrganisationId, PatientKey};
    use uuid::Uuid;

    use super::*;

    fn kept(kind: NotificationKind, ground: Option<OverrideGround>) -> KeptNotification {
        KeptNotification {
            id: Uuid::nil(),
            kind,
            patient: PatientKey::new([1; 32]),
            subject: Uuid::nil(),
            created_at: 0,
            organisation: OrganisationId::sor("990021000016004").unwrap(),
            role: "laege".to_owned(),
            ground,
            reason: String::new(),
            audit_entry_id: None,
        }
    }

    #[test]
    fn who_where_and_on_which_ground_stand_in_both_languages() {
        for ground in OverrideGround::ALL {
            let told = texts(
                &kept(NotificationKind::BreakGlass, Some(ground)),
                "Hospitalet",
            );
            let [da, en] = told.as_slice() else {
                panic!("two languages");
            };
            assert_eq!((da.language, en.language), ("da", "en"));
            assert!(da.text.starts_with("Læge ved Hospitalet "), "{}", da.text);
            assert!(
                en.text.starts_with("Physician at Hospitalet "),
                "{}",
                en.text
            );
            let lifts = ground == OverrideGround::CitizenLiftsBlock;
            assert_eq!(da.text.contains("ophævede din spærring"), lifts);
            assert_eq!(en.text.contains("could not be asked"), !lifts);
        }
    }

    #[test]
    fn a_word_that_nothing_confirmed_is_told_without_a_ground() {
        let told = texts(
            &kept(NotificationKind::RelationUnconfirmed, None),
            "Klinikken",
        );
        for LocalizedText { text, .. } in told {
            assert!(text.contains("Klinikken"), "{text}");
            assert!(
                !text.contains("ground") && !text.contains("loven"),
                "{text}"
            );
        }
    }
}
