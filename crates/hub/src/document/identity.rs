//! One identity, one content: a retry is answered like the first time, anything else is a conflict.

use delt_policy::Scope;

use super::{
    DocumentEntry, EncodedEntry, differ,
    rows::{self, EntryRow},
    seal,
};
use crate::{
    Error, Result,
    error::{FieldViolation, code},
    operation::Context,
    store::Tx,
};

/// Whether this very entry is registered already. Its identity is its entryUUID, and its uniqueId within its source.
///
/// The same identity with other content is a conflict. The source that registered the entry is told which fields differ; another learns only
/// that the identity is taken.
pub(super) async fn is_registered(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    entry: &DocumentEntry,
    encoded: &EncodedEntry,
) -> Result<bool> {
    let kept = rows::by_identity(tx, scope, entry).await?;
    among(cx, &kept, entry, encoded)
}

/// The same, given the entries that hold its identity.
pub(super) fn among(
    cx: &Context,
    kept: &[EntryRow],
    entry: &DocumentEntry,
    encoded: &EncodedEntry,
) -> Result<bool> {
    let digest = seal::digest(&cx.keys, entry, encoded);
    if kept
        .iter()
        .any(|row| row.digest == digest && is_own(cx, row))
    {
        return Ok(true);
    }
    if kept.is_empty() {
        return Ok(false);
    }
    let mut violations = Vec::new();
    for row in kept.iter().filter(|row| is_own(cx, row)) {
        violations.extend(differences(cx, row, entry, encoded)?);
    }
    Err(Error::new(code::IDENTITY_CONFLICT).with_violations(violations))
}

fn is_own(cx: &Context, row: &EntryRow) -> bool {
    row.facts.source_id == cx.caller.party().system.id
}

fn differences(
    cx: &Context,
    row: &EntryRow,
    entry: &DocumentEntry,
    encoded: &EncodedEntry,
) -> Result<Vec<FieldViolation>> {
    let mut fields = (encoded.decode)(&row.opened(&cx.keys)?, &entry.patient)
        .map(|kept| differ::fields(&kept, entry))
        .unwrap_or_default();
    if row.facts.patient != cx.keys.patient_key(&entry.patient) {
        fields.push("entry.patient");
    }
    if fields.is_empty() {
        // A display, a fraction of a microsecond, or the person's identifier at the source.
        fields.push("entry");
    }
    Ok(fields
        .into_iter()
        .map(|field| FieldViolation {
            field: field.to_owned(),
            description: "differs from what is registered".to_owned(),
        })
        .collect())
}
