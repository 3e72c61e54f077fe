//! The reason for breaking the glass: free text that may name people, so it is kept sealed, and compared by a keyed tag.

use delt_policy::PatientKey;
use uuid::Uuid;

use crate::{Error, Result, keys::Keyring};

const PURPOSE: &str = "break-glass-reason";

/// Seals a reason for the row of its opening.
pub(super) fn seal(
    keys: &Keyring,
    patient: &PatientKey,
    opening: Uuid,
    reason: &str,
) -> Result<Vec<u8>> {
    keys.seal(PURPOSE, &row(patient, opening), reason.as_bytes())
}

/// The reverse of [`seal`]; fails for a reason that was sealed for another row.
pub(crate) fn open(
    keys: &Keyring,
    patient: &PatientKey,
    opening: Uuid,
    sealed: &[u8],
) -> Result<String> {
    let plain = keys.open(PURPOSE, &row(patient, opening), sealed)?;
    String::from_utf8(plain).map_err(|_| Error::internal("a stored reason is not text"))
}

/// What tells one reason from another without telling it.
pub(super) fn tag(keys: &Keyring, reason: &str) -> [u8; 32] {
    keys.tag(PURPOSE, &[reason.as_bytes()])
}

fn row(patient: &PatientKey, opening: Uuid) -> Vec<u8> {
    [patient.as_bytes().as_slice(), opening.as_bytes()].concat()
}
