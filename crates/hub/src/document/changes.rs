//! What changes about an entry after it was registered. What its source said never does.

use delt_policy::{PatientKey, Scope};
use uuid::Uuid;

use super::{AvailabilityStatus, Relation, row::EntryRow};
use crate::{
    Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const INSERT_RELATION: &str = "-- document_insert_relation
INSERT INTO document_relation (patient_key, target_uuid, entry_uuid, code) VALUES ($1, $2, $3, $4)
ON CONFLICT (patient_key, target_uuid, entry_uuid, code) DO NOTHING";

// Takes the row's lock on PostgreSQL until the transaction ends; on SQLite there is one writer anyway.
const LOCK_ENTRY: &str = "-- document_lock_entry
UPDATE document_entry SET status = status WHERE patient_key = $1 AND entry_uuid = $2";

const UPDATE_STATUS: &str = "-- document_update_status
UPDATE document_entry SET status = $3, status_at = $4, sealed_status_reason = $5
WHERE patient_key = $1 AND entry_uuid = $2";

const SUPERSEDE: &str = "-- document_supersede
UPDATE document_entry SET status = $3, status_at = $4, replaced_by = $5
WHERE patient_key = $1 AND entry_uuid = $2 AND status = $6";

const MARK_DEAD: &str = "-- document_mark_dead
UPDATE document_entry SET dead_since = $3 WHERE patient_key = $1 AND entry_uuid = $2 AND dead_since IS NULL";

const MARK_ALIVE: &str = "-- document_mark_alive
UPDATE document_entry SET dead_since = NULL
WHERE patient_key = $1 AND entry_uuid = $2 AND dead_since IS NOT NULL";

/// Adds a relation; it lies with its target.
pub(crate) async fn insert_relation(
    tx: &mut Tx<'_>,
    _: &Scope,
    target_patient: &PatientKey,
    entry: Uuid,
    relation: Relation,
) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_RELATION)
        .bind(target_patient.as_bytes().as_slice())
        .bind(relation.target.as_bytes().as_slice())
        .bind(entry.as_bytes().as_slice())
        .bind(relation.code.to_row())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// Holds an entry until the transaction ends, so that what is read of it next stays true.
pub(crate) async fn lock(tx: &mut Tx<'_>, patient: &PatientKey, entry: Uuid) -> Result<()> {
    on!(tx, c => sqlx::query(LOCK_ENTRY)
        .bind(patient.as_bytes().as_slice())
        .bind(entry.as_bytes().as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// Sets the status of a locked entry.
pub(crate) async fn set_status(
    tx: &mut Tx<'_>,
    _: &Scope,
    row: &EntryRow,
    status: AvailabilityStatus,
    now: Micros,
    sealed_reason: Option<&[u8]>,
) -> Result<()> {
    on!(tx, c => sqlx::query(UPDATE_STATUS)
        .bind(row.facts.patient.as_bytes().as_slice())
        .bind(row.facts.entry_uuid.as_bytes().as_slice())
        .bind(status.to_row())
        .bind(now)
        .bind(sealed_reason)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// Supersedes an approved entry. `false` where it was not approved; nothing is changed then.
pub(crate) async fn supersede(
    tx: &mut Tx<'_>,
    _: &Scope,
    patient: &PatientKey,
    entry: Uuid,
    by: Uuid,
    now: Micros,
) -> Result<bool> {
    on!(tx, c => sqlx::query(SUPERSEDE)
        .bind(patient.as_bytes().as_slice())
        .bind(entry.as_bytes().as_slice())
        .bind(AvailabilityStatus::Superseded.to_row())
        .bind(now)
        .bind(by.as_bytes().as_slice())
        .bind(AvailabilityStatus::Approved.to_row())
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Marks a pointer as dead: its source no longer has the document, or has other bytes.
///
/// What a source answered is the hub's own observation, so this needs nobody's authority.
pub(crate) async fn mark_dead(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    entry: Uuid,
    now: Micros,
) -> Result<()> {
    on!(tx, c => sqlx::query(MARK_DEAD)
        .bind(patient.as_bytes().as_slice())
        .bind(entry.as_bytes().as_slice())
        .bind(now)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// Takes the mark away again, once the source has given the document.
pub(crate) async fn mark_alive(tx: &mut Tx<'_>, patient: &PatientKey, entry: Uuid) -> Result<()> {
    on!(tx, c => sqlx::query(MARK_ALIVE)
        .bind(patient.as_bytes().as_slice())
        .bind(entry.as_bytes().as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}
