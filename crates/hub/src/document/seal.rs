//! How an entry is kept: sealed, and recognised by its digest.
//!
//! Titles of the Danish profile may hold the person's number ("Aftale for …"), names stand in it, and comments are free text. So the entry is
//! encrypted at rest as the number itself is (AES-256-GCM, 0.3 µs to open an entry of 1 KiB, 0.7 µs to seal it;
//! `docs/decisions/0005-entries-sealed-at-rest.md`).

use aws_lc_rs::digest::{Context, SHA256};
use delt_policy::PatientKey;
use uuid::Uuid;

use super::{DocumentEntry, EncodedEntry};
use crate::keys::Keyring;

/// What a sealed entry is authenticated as.
pub(super) const PURPOSE: &str = "delt/document-entry/v1";
/// What a sealed reason for a status is authenticated as.
pub(super) const REASON: &str = "delt/document-status-reason/v1";

/// The row that a secret belongs to: whose, and which.
pub(super) fn row(patient: &PatientKey, entry: Uuid) -> Vec<u8> {
    [patient.as_bytes().as_slice(), entry.as_bytes()].concat()
}

/// SHA-256 over everything that a source said: the encoded entry, and the persons that are not encoded in it, as their keys.
pub(super) fn digest(keys: &Keyring, entry: &DocumentEntry, encoded: &EncodedEntry) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    let nobody = PatientKey::new([0; 32]);
    let source_patient = entry
        .source_patient
        .as_ref()
        .map_or(nobody, |n| keys.patient_key(n));
    context.update(keys.patient_key(&entry.patient).as_bytes());
    context.update(source_patient.as_bytes());
    // Relations are part of the encoded bytes.
    context.update(&encoded.bytes);
    context.finish().as_ref().to_vec()
}
