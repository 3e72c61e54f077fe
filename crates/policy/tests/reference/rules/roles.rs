//! What each role may see at all: the policies of `deploy/policy/` said once more, by hand, as a table.

use delt_policy::{Purpose, Sector};

/// A role with the kind of code it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    Professional(String),
    NationalRole(String),
    Administrative(String),
}

use Principal as P;
use Sector::{GeneralPractice, Municipality, Private, Region, SpecialistPractice};

const TREATING: &[Sector] = &[
    Region,
    GeneralPractice,
    SpecialistPractice,
    Municipality,
    Private,
];
const CLINICS: &[Sector] = &[Region, GeneralPractice, SpecialistPractice, Private];

const CLASSES: [&str; 13] = [
    "appointment",
    "home-measurement",
    "questionnaire",
    "stamkort",
    "care-plan",
    "diagnosis-list",
    "discharge-letter",
    "lab-report",
    "imaging",
    "medication",
    "pregnancy",
    "note",
    "other",
];
const HOME_NURSE: &[&str] = &[
    "appointment",
    "home-measurement",
    "questionnaire",
    "stamkort",
    "care-plan",
    "discharge-letter",
    "lab-report",
    "medication",
];
const MIDWIFE: &[&str] = &[
    "appointment",
    "home-measurement",
    "questionnaire",
    "stamkort",
    "care-plan",
    "discharge-letter",
    "lab-report",
    "imaging",
    "medication",
    "pregnancy",
    "note",
];
const CARE_ASSISTANT: &[&str] = &[
    "appointment",
    "home-measurement",
    "stamkort",
    "care-plan",
    "discharge-letter",
    "medication",
];
const THERAPIST: &[&str] = &[
    "appointment",
    "questionnaire",
    "stamkort",
    "care-plan",
    "discharge-letter",
    "imaging",
];

/// The class of a document by its type code.
pub(crate) fn class(type_code: &str) -> &'static str {
    match type_code.trim() {
        "56446-8" | "39289-4" | "39290-2" => "appointment",
        "53576-5" | "103140-0" => "home-measurement",
        "74468-0" | "74465-6" => "questionnaire",
        "PDC" => "stamkort",
        "81215-6" => "care-plan",
        "11450-4" => "diagnosis-list",
        "18842-5" => "discharge-letter",
        "11502-2" => "lab-report",
        "18748-4" | "55113-5" => "imaging",
        "10160-0" | "56445-0" | "57833-6" => "medication",
        "57059-8" | "PFR" | "PRF" | "PSCR" | "PMR" => "pregnancy",
        "CMR" | "11506-3" | "11488-4" | "34109-9" | "34133-9" | "57133-1" => "note",
        _ => "other",
    }
}

/// Whether the role may read a class of documents with a confidentiality code for a purpose.
pub(crate) fn may_read(
    who: &Principal,
    helper: bool,
    purpose: Purpose,
    sector: Sector,
    class: &str,
    confidentiality: &str,
) -> bool {
    let normal = confidentiality.trim() == "N";
    if helper && (purpose == Purpose::Btg || !normal) {
        return false;
    }
    match purpose {
        Purpose::Treat => treats(who, sector, class, normal),
        Purpose::Btg => breaks_glass(who, sector, class, confidentiality.trim()),
        Purpose::Hoperat | Purpose::Hqualimp => looks_back(who, helper, sector, class, normal),
        Purpose::Patrqt | Purpose::Hsysadmin => false,
    }
}

fn treats(who: &Principal, sector: Sector, class: &str, normal: bool) -> bool {
    let (sectors, classes): (&[Sector], &[&str]) = match who {
        P::Professional(role) => match (role.as_str(), sector) {
            ("laege", _) => return TREATING.contains(&sector),
            ("sygeplejerske", Municipality) => (&[Municipality], HOME_NURSE),
            ("sygeplejerske", _) => (CLINICS, &CLASSES),
            ("socialogsundhedsassistent", _) => (&[Municipality, Region, Private], CARE_ASSISTANT),
            ("jordemoder", _) => (&[Region, SpecialistPractice, Private], MIDWIFE),
            ("fysioterapeut" | "ergoterapeut", _) => (
                &[Region, Municipality, SpecialistPractice, Private],
                THERAPIST,
            ),
            _ => return false,
        },
        P::NationalRole(role) => match role.as_str() {
            "nspPlejeAssR3" | "nspSundAssistR2" => {
                (&[Municipality], &["appointment", "stamkort", "care-plan"])
            }
            _ => return false,
        },
        P::Administrative(role) => match role.as_str() {
            "laegesekretaer" => (CLINICS, &["appointment", "stamkort"]),
            _ => return false,
        },
    };
    normal && sectors.contains(&sector) && classes.contains(&class)
}

/// For learning and quality work: what the same role sees for treatment, of normal confidentiality, and in person.
fn looks_back(who: &Principal, helper: bool, sector: Sector, class: &str, normal: bool) -> bool {
    let P::Professional(role) = who else {
        return false;
    };
    let roles = [
        "laege",
        "sygeplejerske",
        "jordemoder",
        "fysioterapeut",
        "ergoterapeut",
    ];
    normal && !helper && roles.contains(&role.as_str()) && treats(who, sector, class, normal)
}

fn breaks_glass(who: &Principal, sector: Sector, class: &str, confidentiality: &str) -> bool {
    let P::Professional(role) = who else {
        return false;
    };
    let normal = confidentiality == "N";
    match (role.as_str(), sector) {
        ("laege", _) => TREATING.contains(&sector),
        ("sygeplejerske", Municipality) => {
            normal && (HOME_NURSE.contains(&class) || class == "note")
        }
        ("sygeplejerske", _) => (normal || confidentiality == "R") && CLINICS.contains(&sector),
        ("jordemoder", Region | Private) => normal && MIDWIFE.contains(&class),
        _ => false,
    }
}

/// Whether the role sees anything at all for the purpose.
pub(crate) fn may_read_anything(
    who: &Principal,
    helper: bool,
    purpose: Purpose,
    sector: Sector,
) -> bool {
    CLASSES.iter().any(|class| {
        ["N", "R", "V"]
            .iter()
            .any(|code| may_read(who, helper, purpose, sector, class, code))
    })
}

/// Whether the role may see which identities the patient has.
pub(crate) fn may_identify(
    who: &Principal,
    helper: bool,
    purpose: Purpose,
    sector: Sector,
) -> bool {
    let P::Professional(role) = who else {
        return false;
    };
    let known = [
        "laege",
        "sygeplejerske",
        "socialogsundhedsassistent",
        "jordemoder",
        "fysioterapeut",
        "ergoterapeut",
    ];
    TREATING.contains(&sector)
        && match purpose {
            Purpose::Treat => known.contains(&role.as_str()),
            Purpose::Btg => {
                !helper && ["laege", "sygeplejerske", "jordemoder"].contains(&role.as_str())
            }
            _ => false,
        }
}

/// Whether the role may say by its own word that it treats the patient.
pub(crate) fn may_attest(who: &Principal, helper: bool, sector: Sector) -> bool {
    let P::Professional(role) = who else {
        return false;
    };
    !helper
        && TREATING.contains(&sector)
        && ["laege", "sygeplejerske", "jordemoder"].contains(&role.as_str())
}
