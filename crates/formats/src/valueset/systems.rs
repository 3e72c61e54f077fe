//! The code systems of the Danish profile, as bare OIDs (XDS writes them so; FHIR puts `urn:oid:` before).

/// Class codes.
pub const CLASS: &str = "1.2.208.184.100.9";
/// LOINC.
pub const LOINC: &str = "2.16.840.1.113883.6.1";
/// `MedCom`'s type codes.
pub const MEDCOM_TYPE: &str = "1.2.208.184.100.1";
/// `MedCom`'s format codes.
pub const FORMAT: &str = "1.2.208.184.100.10";
/// SNOMED CT.
pub const SNOMED_CT: &str = "2.16.840.1.113883.6.96";
/// SKS, the health service's classification.
pub const SKS: &str = "1.2.208.176.2.4";
/// NPU, laboratory and measurement codes.
pub const NPU: &str = "1.2.208.176.2.1";
/// Questionnaires for patient-reported outcomes.
pub const PRO: &str = "1.2.208.176.7.3.1";
/// `MedCom`'s analysis codes.
pub const MEDCOM_ANALYSIS: &str = "1.2.208.184.100.8";
/// Actions in a hearing examination.
pub const NOAH: &str = "urn:ad:dk:medcom:noah:action-categories";
/// Home communities.
pub const COMMUNITY: &str = "1.2.208.176.8.1";
/// Languages (RFC 3066).
pub const LANGUAGE: &str = "2.16.840.1.113883.6.121";
/// Media types (IANA).
pub const MEDIA_TYPE: &str = "2.16.840.1.113883.5.79";
/// HL7 confidentiality.
pub const CONFIDENTIALITY: &str = "2.16.840.1.113883.5.25";
