//! Delt's own additions to the national sets, kept apart so that a validator can tell them from it.
//!
//! The national profile knows documents only. Delt also indexes messages (a discharge letter that
//! passes through is an entry like any other), and these need a type and a format.

use super::Codes;

/// The code system of Delt's own format codes.
pub const FORMAT_SYSTEM: &str = "urn:delt:format";
/// LOINC 18842-5, Discharge summary: the type of an entry that points at an XDIS01 discharge letter.
pub const TYPE_DISCHARGE_LETTER: &str = "18842-5";
/// LOINC 34133-9, Summarization of episode note: the type of an entry that points at a hospital notification.
pub const TYPE_HOSPITAL_NOTIFICATION: &str = "34133-9";
/// LOINC 34109-9, Note: the type of an entry that points at a care communication.
pub const TYPE_CARE_COMMUNICATION: &str = "34109-9";
/// The format of an XDIS01 discharge letter in OIOXML; the URN is the one of `MedCom`'s message definitions.
pub const FORMAT_XDIS01: &str =
    "urn:dk:healthcare:medcom:messaging:oioxml:schema:xsd:meddis:xdis01:xd0133l";
/// The format of a `HospitalNotification` FHIR message.
pub const FORMAT_HOSPITAL_NOTIFICATION: &str = "urn:dk:medcom:fhir:hospital-notification-message";
/// The format of a `CareCommunication` FHIR message.
pub const FORMAT_CARE_COMMUNICATION: &str = "urn:dk:medcom:fhir:care-communication-message";
/// The format of a `HomeCareObservation` FHIR message, whose type is that of home measurements (53576-5).
pub const FORMAT_HOMECARE_OBSERVATION: &str = "urn:dk:medcom:fhir:homecareobservation-message";

pub(super) const TYPES: Codes = &[
    (TYPE_DISCHARGE_LETTER, "Epikrise"),
    (TYPE_HOSPITAL_NOTIFICATION, "Advis om sygehusophold"),
    (TYPE_CARE_COMMUNICATION, "Korrespondance"),
];

pub(super) const FORMATS: Codes = &[
    (FORMAT_XDIS01, "MedCom XDIS01 epikrise (OIOXML)"),
    (
        FORMAT_HOSPITAL_NOTIFICATION,
        "MedCom HospitalNotification (FHIR)",
    ),
    (FORMAT_CARE_COMMUNICATION, "MedCom CareCommunication (FHIR)"),
    (
        FORMAT_HOMECARE_OBSERVATION,
        "MedCom HomeCareObservation (FHIR)",
    ),
];
