//! Rows of the document index.

use delt_policy::{PatientKey, Scope};
use uuid::Uuid;

use super::{
    AvailabilityStatus, Code, DocumentEntry, EntryType, RelationCode,
    row::{Columns, columns, uuid},
};
pub(crate) use super::{
    changes::{insert_relation, lock, mark_alive, mark_dead, set_status, supersede},
    record_row::{FilterColumns, RecordRow, record},
    row::EntryRow,
};
use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    store::{Tx, on, unavailable},
};

/// So many entries one person's record may have.
pub(super) const RECORD_MAX: i64 = 20_000;

const INSERT_ENTRY: &str = "-- document_insert_entry
INSERT INTO document_entry (patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code,
    type_code, format_code, facility_code, practice_code, event_codes, confidentiality, author_organisation,
    author_person, creation_time, service_start, service_stop, on_demand, reference_ids, mime_type, size, hash,
    hash_sha256, entry, digest, registered_at, registered_by, message_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29)
ON CONFLICT DO NOTHING";

const SELECT_PATIENT: &str = concat!(
    "-- document_select_patient
SELECT ",
    columns!(),
    " FROM document_entry WHERE patient_key = $1 LIMIT $2"
);

const SELECT_PATIENT_ENTRY: &str = concat!(
    "-- document_select_patient_entry
SELECT ",
    columns!(),
    " FROM document_entry WHERE patient_key = $1 AND entry_uuid = $2"
);

const SELECT_ENTRY: &str = concat!(
    "-- document_select_entry
SELECT ",
    columns!(),
    " FROM document_entry WHERE entry_uuid = $1"
);

const SELECT_IDENTITY: &str = concat!(
    "-- document_select_identity
SELECT ",
    columns!(),
    " FROM document_entry WHERE entry_uuid = $1 OR (source_id = $2 AND unique_id = $3) ORDER BY entry_uuid"
);

const SELECT_SOURCE: &str = concat!(
    "-- document_select_source
SELECT ",
    columns!(),
    " FROM document_entry WHERE registered_by = $1 AND entry_uuid > $2
    AND ($3 = '' OR source_id = $3) AND ($4 = 0 OR dead_since IS NOT NULL)
ORDER BY entry_uuid LIMIT $5"
);

const SELECT_REPLACED: &str = "-- document_select_replaced
SELECT entry_uuid FROM document_entry WHERE patient_key = $1 AND replaced_by = $2 ORDER BY entry_uuid";

const SELECT_RELATED: &str = "-- document_select_related
SELECT entry_uuid, code FROM document_relation WHERE patient_key = $1 AND target_uuid = $2 ORDER BY entry_uuid";

/// A new row.
pub(crate) struct NewRow<'a> {
    pub(crate) entry: &'a DocumentEntry,
    pub(crate) patient: PatientKey,
    pub(crate) sealed_entry: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    pub(crate) registered_at: Micros,
    pub(crate) registered_by: &'a str,
    pub(crate) message_id: Option<Uuid>,
}

/// Adds an entry. `false` where its identity is taken, also by a transaction that ran at the same time; nothing is changed then.
pub(crate) async fn insert(tx: &mut Tx<'_>, _: &Scope, row: &NewRow<'_>) -> Result<bool> {
    let entry = row.entry;
    let person = entry
        .author
        .person
        .as_ref()
        .and_then(|p| p.authorisation.as_ref());
    let size = entry
        .size
        .map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    on!(tx, c => sqlx::query(INSERT_ENTRY)
        .bind(row.patient.as_bytes().as_slice())
        .bind(entry.entry_uuid.as_bytes().as_slice())
        .bind(AvailabilityStatus::Approved.to_row())
        .bind(entry.source_id.as_str())
        .bind(entry.repository_unique_id.as_str())
        .bind(entry.unique_id.as_str())
        .bind(entry.class_code.to_row())
        .bind(entry.type_code.to_row())
        .bind(entry.format_code.to_row())
        .bind(entry.healthcare_facility_type_code.to_row())
        .bind(entry.practice_setting_code.to_row())
        .bind(lines(entry.event_codes.iter().map(Code::to_row)))
        .bind(lines(entry.confidentiality_codes.iter().map(Code::to_row)))
        .bind(entry.author.institution.organisation.as_str())
        .bind(person.map(delt_policy::AuthorisationId::as_str))
        .bind(entry.creation_time)
        .bind(entry.service_start_time)
        .bind(entry.service_stop_time)
        .bind(i64::from(entry.entry_type == EntryType::OnDemand))
        .bind(lines(entry.reference_ids.iter().map(|id| format!("{}|{}", id.system, id.value))))
        .bind(entry.mime_type.as_str())
        .bind(size)
        .bind(entry.hash.as_ref().map(<[u8; 20]>::as_slice))
        .bind(entry.hash_sha256.as_ref().map(<[u8; 32]>::as_slice))
        .bind(row.sealed_entry.as_slice())
        .bind(row.digest.as_slice())
        .bind(row.registered_at)
        .bind(row.registered_by)
        .bind(row.message_id.as_ref().map(|id| id.as_bytes().as_slice()))
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

/// All entries of the scope's patient, of any status, over all the person's numbers, in no order.
///
/// A record that is larger than any person's is refused whole: a part of it would look like all of it.
pub(crate) async fn of_patient(tx: &mut Tx<'_>, scope: &Scope) -> Result<Vec<EntryRow>> {
    let mut entries = Vec::new();
    for patient in scope.patients() {
        let rows: Vec<Columns> = on!(tx, c => sqlx::query_as(SELECT_PATIENT)
            .bind(patient.as_bytes().as_slice())
            .bind(RECORD_MAX + 1)
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            entries.push(row.read()?);
        }
        if i64::try_from(entries.len()).is_ok_and(|entries| entries > RECORD_MAX) {
            return Err(Error::new(code::TOO_MANY)
                .with_message("the record has more entries than can be searched"));
        }
    }
    Ok(entries)
}

/// One entry of the scope's patient. The caller still asks the scope whether it admits the entry.
pub(crate) async fn of_patient_by_id(
    tx: &mut Tx<'_>,
    scope: &Scope,
    entry: Uuid,
) -> Result<Option<EntryRow>> {
    for patient in scope.patients() {
        let row: Option<Columns> = on!(tx, c => sqlx::query_as(SELECT_PATIENT_ENTRY)
            .bind(patient.as_bytes().as_slice())
            .bind(entry.as_bytes().as_slice())
            .fetch_optional(c).await)
        .map_err(unavailable)?;
        if let Some(row) = row {
            return row.read().map(Some);
        }
    }
    Ok(None)
}

/// One entry of whichever patient. The caller still asks the scope whether it admits the entry.
pub(crate) async fn by_id(tx: &mut Tx<'_>, _: &Scope, entry: Uuid) -> Result<Option<EntryRow>> {
    let row: Option<Columns> = on!(tx, c => sqlx::query_as(SELECT_ENTRY)
        .bind(entry.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(Columns::read).transpose()
}

/// The entries that hold an identity: none, one, or two where the two halves of it belong to different entries.
pub(crate) async fn by_identity(
    tx: &mut Tx<'_>,
    _: &Scope,
    entry: &DocumentEntry,
) -> Result<Vec<EntryRow>> {
    let rows: Vec<Columns> = on!(tx, c => sqlx::query_as(SELECT_IDENTITY)
        .bind(entry.entry_uuid.as_bytes().as_slice())
        .bind(entry.source_id.as_str())
        .bind(entry.unique_id.as_str())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(Columns::read).collect()
}

/// Which of a system's entries.
pub(crate) struct SourceQuery<'a> {
    pub(crate) system: &'a str,
    /// The XDS source; empty for all of the system's.
    pub(crate) source_id: &'a str,
    pub(crate) dead_only: bool,
    /// The last entry of the page before.
    pub(crate) after: Uuid,
    pub(crate) limit: u32,
}

/// A system's own entries by entryUUID.
pub(crate) async fn of_source(
    tx: &mut Tx<'_>,
    _: &Scope,
    query: &SourceQuery<'_>,
) -> Result<Vec<EntryRow>> {
    let rows: Vec<Columns> = on!(tx, c => sqlx::query_as(SELECT_SOURCE)
        .bind(query.system)
        .bind(query.after.as_bytes().as_slice())
        .bind(query.source_id)
        .bind(i64::from(query.dead_only))
        .bind(i64::from(query.limit))
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(Columns::read).collect()
}

/// The entries of one number that an entry superseded.
pub(crate) async fn replaced_by(
    tx: &mut Tx<'_>,
    _: &Scope,
    patient: &PatientKey,
    entry: Uuid,
) -> Result<Vec<Uuid>> {
    let rows: Vec<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_REPLACED)
        .bind(patient.as_bytes().as_slice())
        .bind(entry.as_bytes().as_slice())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.iter().map(|(id,)| uuid(id)).collect()
}

/// The entries that are related to a target, and how.
pub(crate) async fn related_to(
    tx: &mut Tx<'_>,
    _: &Scope,
    patient: &PatientKey,
    target: Uuid,
) -> Result<Vec<(Uuid, RelationCode)>> {
    let rows: Vec<(Vec<u8>, i64)> = on!(tx, c => sqlx::query_as(SELECT_RELATED)
        .bind(patient.as_bytes().as_slice())
        .bind(target.as_bytes().as_slice())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.iter()
        .map(|(id, code)| Ok((uuid(id)?, RelationCode::from_row(*code)?)))
        .collect()
}
