//! Which formats a type of document may have.

use super::{delt, systems::LOINC, systems::MEDCOM_TYPE};
use crate::identifier::system::bare;

type Rule = (&'static str, &'static str, &'static [&'static str]);

const APD: &[&str] = &[
    "urn:ad:dk:medcom:apd-v2.0.1:full",
    "urn:ad:dk:medcom:appointmentsummary:full",
];
const PREGNANCY_REFERRAL: &[&str] = &["urn:ad:dk:medcom:prf-v1.0:full"];

/// APD, PHAD, QRD and PLR have such a rule in `MedCom`'s value sets; the others follow from the name
/// that type and format share. A type that is not here (57059-8, MADC) has no known rule.
const RULES: &[Rule] = &[
    (LOINC, "56446-8", APD),
    (LOINC, "39289-4", APD),
    (LOINC, "39290-2", APD),
    (LOINC, "103140-0", &["urn:ad:dk:medcom:phad-v1.0:full"]),
    (
        LOINC,
        "74465-6",
        &[
            "urn:ad:dk:medcom:qrd-v1.1:full",
            "urn:ad:dk:medcom:qrd-v1.2:full",
            "urn:ad:dk:medcom:qrd-v1.3:full",
        ],
    ),
    (LOINC, "11450-4", &["urn:ad:dk:medcom:plr-v1.0:full"]),
    (
        LOINC,
        "53576-5",
        &[
            "urn:ad:dk:medcom:phmr-v1.3:full",
            delt::FORMAT_HOMECARE_OBSERVATION,
        ],
    ),
    (
        LOINC,
        "74468-0",
        &[
            "urn:ad:dk:medcom:qfdd-v1.1:full",
            "urn:ad:dk:medcom:qfdd-v1.2:full",
        ],
    ),
    (
        LOINC,
        "81215-6",
        &[
            "urn:ad:dk:medcom:cpd-v1.0.1:full",
            "urn:ad:dk:medcom:cpd-v2.0:full",
            "urn:ad:dk:medcom:sds:cpd-v1.0.1:maternity",
        ],
    ),
    (
        LOINC,
        "11502-2",
        &["urn:ad:dk:medcom:labreports:svareksponeringsservice"],
    ),
    (
        LOINC,
        "28615-3",
        &[
            "urn:ad:dk:medcom:nauf-v500:full",
            "urn:ad:dk:medcom:nauf-v502:full",
            "urn:ad:dk:medcom:nimf-v500:full",
            "urn:ad:dk:medcom:nadf-v501:full",
            "urn:ad:dk:medcom:nhisf-v500:full",
        ],
    ),
    (MEDCOM_TYPE, "CMR", &["urn:ad:dk:medcom:cmr-v1.0:full"]),
    (
        MEDCOM_TYPE,
        "PDC",
        &[
            "urn:ad:dk:medcom:pdc-v2.0:full",
            "urn:ad:dk:medcom:pdc-v3.0:full",
        ],
    ),
    (MEDCOM_TYPE, "PFR", PREGNANCY_REFERRAL),
    (MEDCOM_TYPE, "PRF", PREGNANCY_REFERRAL),
    (MEDCOM_TYPE, "PSCR", &["urn:ad:dk:medcom:pscr-v1.0:full"]),
    (MEDCOM_TYPE, "PMR", &["urn:ad:dk:medcom:pmr-v1.0:full"]),
    (LOINC, delt::TYPE_DISCHARGE_LETTER, &[delt::FORMAT_XDIS01]),
    (
        LOINC,
        delt::TYPE_HOSPITAL_NOTIFICATION,
        &[delt::FORMAT_HOSPITAL_NOTIFICATION],
    ),
    (
        LOINC,
        delt::TYPE_CARE_COMMUNICATION,
        &[delt::FORMAT_CARE_COMMUNICATION],
    ),
];

/// The format codes that a document of this type may have; `None` where no rule is known.
#[must_use]
pub fn allowed_formats(type_system: &str, type_code: &str) -> Option<&'static [&'static str]> {
    let rule = RULES
        .iter()
        .find(|(s, c, _)| *s == bare(type_system) && *c == type_code);
    rule.map(|(_, _, formats)| *formats)
}
