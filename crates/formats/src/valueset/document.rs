//! What a document is and how it is written (classCode, typeCode, formatCode and the small sets).

use super::Codes;

/// Class codes.
pub(super) const CLASSES: Codes = &[("001", "Klinisk rapport")];

/// Type codes from LOINC.
pub(super) const TYPES_LOINC: Codes = &[
    ("53576-5", "Hjemmemålinger (PHMR)"),
    ("74468-0", "Spørgeskemadefinition (QFDD)"),
    ("56446-8", "Aftaleoversigt (APD)"),
    ("39289-4", "Aftale mellem patient og sundhedsperson (APD)"),
    ("39290-2", "Aftale om forløb eller program (APD)"),
    ("103140-0", "Bilag med sundhedsoplysninger (PHAD)"),
    ("74465-6", "Spørgeskemasvar (QRD)"),
    ("11450-4", "Diagnoseoversigt fra praktiserende læge (PLR)"),
    ("81215-6", "Plan (CPD)"),
    ("11502-2", "Laboratoriesvar"),
    ("57059-8", "Graviditetsbesøg"),
    ("28615-3", "Høreundersøgelse"),
];

/// Type codes of `MedCom`. The code system calls the pregnancy referral PRF, the value set PFR: both are accepted.
pub(super) const TYPES_MEDCOM: Codes = &[
    ("CMR", "Klinisk målerapport"),
    ("PDC", "Stamkort"),
    ("MADC", "MADC"),
    ("PFR", "Svangrejournal (henvisning)"),
    ("PRF", "Svangrejournal (henvisning)"),
    ("PSCR", "Vandrejournal"),
    ("PMR", "Graviditetsmålinger"),
];

/// Format codes of `MedCom`.
pub(super) const FORMATS: Codes = &[
    ("urn:ad:dk:medcom:apd-v2.0.1:full", "DK APD 2.0.1"),
    (
        "urn:ad:dk:medcom:appointmentsummary:full",
        "DK Appointment Summary",
    ),
    ("urn:ad:dk:medcom:cmr-v1.0:full", "DK CMR 1.0"),
    ("urn:ad:dk:medcom:cpd-v1.0.1:full", "DK CPD 1.0.1"),
    ("urn:ad:dk:medcom:cpd-v2.0:full", "DK CPD 2.0"),
    (
        "urn:ad:dk:medcom:sds:cpd-v1.0.1:maternity",
        "DK CPD 1.0.1, graviditet",
    ),
    (
        "urn:ad:dk:medcom:labreports:svareksponeringsservice",
        "Laboratoriesvar (samling af svar)",
    ),
    ("urn:ad:dk:medcom:pdc-v2.0:full", "DK PDC 2.0"),
    ("urn:ad:dk:medcom:pdc-v3.0:full", "DK PDC 3.0"),
    ("urn:ad:dk:medcom:phmr-v1.3:full", "DK PHMR 1.3"),
    ("urn:ad:dk:medcom:prvs-v1.0:full", "DK PRVS 1.0"),
    ("urn:ad:dk:medcom:qfdd-v1.1:full", "DK QFDD 1.1"),
    ("urn:ad:dk:medcom:qfdd-v1.2:full", "DK QFDD 1.2"),
    ("urn:ad:dk:medcom:qrd-v1.1:full", "DK QRD 1.1"),
    ("urn:ad:dk:medcom:qrd-v1.2:full", "DK QRD 1.2"),
    ("urn:ad:dk:medcom:qrd-v1.3:full", "DK QRD 1.3"),
    ("urn:ad:dk:medcom:phad-v1.0:full", "DK PHAD 1.0"),
    ("urn:ad:dk:medcom:plr-v1.0:full", "DK PLR 1.0"),
    ("urn:ad:dk:medcom:nauf-v500:full", "Noah audiogram 500"),
    ("urn:ad:dk:medcom:nauf-v502:full", "Noah audiogram 502"),
    ("urn:ad:dk:medcom:nimf-v500:full", "Noah impedans 500"),
    ("urn:ad:dk:medcom:nadf-v501:full", "Noah admittans 501"),
    (
        "urn:ad:dk:medcom:nhisf-v500:full",
        "Noah høreapparatvalg 500",
    ),
    ("urn:ad:dk:medcom:prf-v1.0:full", "DK PRF 1.0"),
    ("urn:ad:dk:medcom:pscr-v1.0:full", "DK PSCR 1.0"),
    ("urn:ad:dk:medcom:pmr-v1.0:full", "DK PMR 1.0"),
];

/// Home communities in production.
pub(super) const COMMUNITIES: Codes = &[
    ("1.2.208.176.8.1", "Det fælles danske IHE XDS-domæne"),
    ("1.2.208.193.100", "Primærsektorens domæne"),
];

/// Home communities of the national test environments.
pub(super) const TEST_COMMUNITIES: Codes = &[
    ("1.2.208.176.43210.8.10", "TEST1"),
    ("1.2.208.176.43210.8.20", "TEST2"),
    ("1.2.208.176.43210.8.30", "PRODTEST"),
    ("1.2.208.176.43210.8.40", "UDDANNELSE"),
    ("1.2.208.176.43210.8.50", "STAGING"),
];

/// Languages.
pub(super) const LANGUAGES: Codes = &[("da-DK", "dansk (Danmark)"), ("da", "dansk")];

/// Media types.
pub(super) const MIME_TYPES: Codes = &[
    ("text/xml", "XML (CDA, OIOXML)"),
    ("application/fhir+json", "FHIR i JSON"),
    ("application/fhir+xml", "FHIR i XML"),
];

/// Confidentiality: the Danish profile fixes it to normal.
pub(super) const CONFIDENTIALITY: Codes = &[("N", "normal")];
