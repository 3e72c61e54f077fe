//! Which of the token's purposes of use a request is for.

use super::claims::Coding;
use super::token::invalid;
use crate::error::{Error, Result, code};
use delt_policy::Purpose;

/// HL7 v3-ActReason as FHIR names it, and by its OID as XSPA does.
const ACT_REASON: [&str; 2] = [
    "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "urn:oid:2.16.840.1.113883.5.8",
];

/// The request's pick, if the token has it; else the token's only purpose. `None` when the token names none and
/// none was picked, which only a system may do.
///
/// # Errors
/// `PURPOSE_NOT_CHOSEN`, or `PURPOSE_NOT_ALLOWED` for a purpose that the token has and Delt has no rule for.
pub(super) fn choose(listed: &[Coding], picked: Option<&str>) -> Result<Option<Purpose>> {
    let mut codes: Vec<&str> = listed
        .iter()
        .filter(|c| ACT_REASON.contains(&c.system.as_str()))
        .map(|c| c.code.as_str())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let chosen = match (picked, codes.as_slice()) {
        (Some(picked), codes) if codes.contains(&picked) => picked,
        (None, []) => return Ok(None),
        (None, [only]) => only,
        _ => return Err(Error::new(code::PURPOSE_NOT_CHOSEN)),
    };
    known(chosen).map(Some)
}

/// As [`choose`], for a person: there is always a reason why a person asks.
pub(super) fn choose_for_person(listed: &[Coding], picked: Option<&str>) -> Result<Purpose> {
    choose(listed, picked)?.ok_or_else(|| invalid("`purpose_of_use` names no purpose"))
}

fn known(code: &str) -> Result<Purpose> {
    Purpose::from_code(code).ok_or_else(|| Error::new(code::PURPOSE_NOT_ALLOWED))
}
