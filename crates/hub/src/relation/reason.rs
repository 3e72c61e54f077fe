//! The reason for an attestation: free text that may name people, so it is kept sealed.

use delt_policy::PatientKey;
use uuid::Uuid;

use super::alert_rows;
use crate::{Error, Result, keys::Keyring, store::Tx};

/// What a sealed reason is authenticated as.
const PURPOSE: &str = "delt/attestation-reason/v1";

/// Seals a reason for the row of its relation.
pub(super) fn seal(
    keys: &Keyring,
    patient: &PatientKey,
    relation: Uuid,
    reason: &str,
) -> Result<Vec<u8>> {
    keys.seal(PURPOSE, &row(patient, relation), reason.as_bytes())
}

/// The reason that an attestation was given for, as it was written; for those who review it.
pub(crate) async fn of(
    tx: &mut Tx<'_>,
    keys: &Keyring,
    patient: &PatientKey,
    relation: Uuid,
) -> Result<Option<String>> {
    let Some((sealed, _)) = alert_rows::word(tx, patient, relation).await? else {
        return Ok(None);
    };
    let plain = keys.open(PURPOSE, &row(patient, relation), &sealed)?;
    String::from_utf8(plain)
        .map(Some)
        .map_err(|_| Error::internal("a stored reason is not text"))
}

fn row(patient: &PatientKey, relation: Uuid) -> Vec<u8> {
    [patient.as_bytes().as_slice(), relation.as_bytes()].concat()
}
