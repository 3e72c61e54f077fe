//! What a document is about (eventCodeList), by code system.

use super::Codes;

/// Episode-of-care labels of SKS.
pub(super) const SKS: Codes = &[
    ("ALAL01", "Kræftsygdomme"),
    ("ALAL02", "Hjertesygdomme"),
    (
        "ALAL03",
        "Psykiske lidelser og adfærdsmæssige forstyrrelser",
    ),
    ("ALAL21", "Kronisk obstruktiv lungesygdom (KOL)"),
    ("ALAL22", "Type 2-diabetes"),
    ("ALAL23", "Osteoporose"),
    ("ALAL51", "Graviditet, fødsel og barsel"),
    ("ALAL52", "Nyfødte"),
];

/// Questionnaires for patient-reported outcomes (PRO).
pub(super) const PRO: Codes = &[
    ("3d3d6f46-ea42-4d64-a2bb-52646dcd6513", "Psoriasis v.3"),
    ("1de279ff-99fd-4544-9e41-300f56bc08e4", "Diabetes v.10"),
    (
        "898cba44-c668-41e8-ac25-c2b880ac7090",
        "Hjerterehabilitering uddrag start v.3",
    ),
    (
        "c820effc-91d3-45cd-b2df-53ae95284349",
        "Hjerterehabilitering uddrag slut v.3",
    ),
];

/// Laboratory and measurement codes of the Danish NPU subset.
pub(super) const NPU: Codes = &[
    ("NPU03804", "Pt—Legeme; masse = ? kg"),
    ("NPU19748", "P—C-reaktivt protein; massek. = ? mg/L"),
    ("NPU22089", "P(kB)—Glucose; stofk. = ? mmol/L"),
    ("NPU03963", "U—Erythrocytter; arb.k.(proc.) = ?"),
    ("DNK05472", "Arm—Blodtryk(systolisk); tryk = ? mmHg"),
    ("DNK05473", "Arm—Blodtryk(diastolisk); tryk = ? mmHg"),
    ("NPU21692", "Hjerte—Systole; frekv. = ? × 1/min"),
];

/// `MedCom`'s own analysis codes. The value set writes them under 1.2.208.184.100.1, the code system
/// that defines them has the OID 1.2.208.184.100.8; both are in use, so both are accepted.
pub(super) const MEDCOM: Codes = &[
    (
        "MCS88100",
        "Lunge—Lungefunktionsundersøgelse COPD FEV6; vol. = ? L",
    ),
    (
        "MCS88015",
        "Lunge—Lungefunktionsundersøgelse FEV1; vol. = ? L",
    ),
];

/// Actions in a hearing examination (Noah).
pub(super) const NOAH: Codes = &[
    ("1", "Audiogram"),
    ("15", "Impedans (venstre øre)"),
    ("16", "Impedans (højre øre)"),
    ("129", "Valg af høreapparat (venstre øre)"),
    ("130", "Valg af høreapparat (højre øre)"),
];
