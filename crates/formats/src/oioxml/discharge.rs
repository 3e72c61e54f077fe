//! XDIS01, the discharge letter (udskrivningsepikrise).

use time::PrimitiveDateTime;

use super::header::{Header, open};
use super::values::{date_time, expect, required_date_time};
use super::{ClinicalText, Diagnosis, LetterKind, OioxmlError, Patient};
use crate::Limits;
use crate::violation::{Problems, ViolationCode};
use crate::xml::{self, Field};

/// The version of XDIS01 that is read here.
const VERSION: &str = "XD0133L";
/// The type code of XDIS01.
const TYPE: &str = "XDIS01";

/// A discharge letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DischargeLetter {
    /// Envelope, letter head, sender and receiver. Status and time of authorisation are always there.
    pub header: Header,
    /// The patient.
    pub patient: Patient,
    /// When the patient was admitted, Danish local time.
    pub admission: Option<PrimitiveDateTime>,
    /// When the patient was discharged, Danish local time.
    pub discharge: PrimitiveDateTime,
    /// The diagnoses, the main one first.
    pub diagnoses: Vec<Diagnosis>,
    /// The clinical text, in order; at least one piece.
    pub clinical: Vec<ClinicalText>,
}

/// Reads a discharge letter.
///
/// # Errors
/// The bytes are no `Emessage`, hold another letter, or the letter breaks rules (all of them are told).
pub fn parse_discharge_letter(
    bytes: &[u8],
    limits: &Limits,
) -> Result<DischargeLetter, OioxmlError> {
    let root = xml::read(bytes, limits)?;
    let opened = open(&root)?;
    opened.expect(LetterKind::DischargeLetter, "DischargeLetter (XDIS01)")?;
    let mut problems = Problems::default();
    check_head(&opened.letter.child("Letter"), &mut problems);
    let header = opened.header(&mut problems);
    let letter = read(header, &opened.letter, &mut problems);
    problems.finish(letter).map_err(OioxmlError::Invalid)
}

/// What XDIS01 asks of the head beyond what every letter has.
fn check_head(letter: &Field<'_>, problems: &mut Problems) {
    expect(
        &letter.child("VersionCode"),
        VERSION,
        ViolationCode::UnknownVersion,
        problems,
    );
    expect(
        &letter.child("StatisticalCode"),
        TYPE,
        ViolationCode::UnknownCode,
        problems,
    );
    expect(
        &letter.child("TypeCode"),
        TYPE,
        ViolationCode::UnknownCode,
        problems,
    );
    letter.child("StatusCode").required(problems);
    if !letter.child("Authorisation").is_there() {
        letter.child("Authorisation").missing(problems);
    }
}

fn read(
    header: Option<Header>,
    letter: &Field<'_>,
    problems: &mut Problems,
) -> Option<DischargeLetter> {
    let patient = Patient::read(&letter.child("Patient"), problems);
    let admission = date_time(&letter.child("Admission"), problems);
    let discharge = required_date_time(&letter.child("Discharge"), problems);
    let diagnoses = Diagnosis::read_all(&letter.child("Diagnose"), problems);
    let clinical = ClinicalText::read_all(letter, problems);
    if clinical.is_empty() {
        letter.child("ClinicalInformation").missing(problems);
    }
    if let (Some(admission), Some(discharge)) = (admission, discharge)
        && discharge < admission
    {
        let path = letter.child("Discharge");
        problems.push(
            path.path(),
            ViolationCode::Inconsistent,
            "is before the admission",
        );
    }
    Some(DischargeLetter {
        header: header?,
        patient: patient?,
        admission,
        discharge: discharge?,
        diagnoses,
        clinical,
    })
}
