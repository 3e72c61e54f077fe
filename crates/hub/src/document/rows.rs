//! Rows of the document index.

use delt_policy::{PatientKey, Scope};
use uuid::Uuid;

use super::{
    DocumentEntry, RelationCode,
    row::{Columns, columns, uuid},
};
pub(crate) use super::{
    changes::{insert_relation, lock, mark_alive, mark_dead, set_status, supersede},
    insert::{NewRow, insert, insert_all},
    record_row::{ENTRY, FilterColumns, RecordRow, Undecided, record, select_entries},
    row::EntryRow,
};
use crate::{
    Error, Result,
    error::code,
    store::{Tx, on, unavailable},
};

/// So many entries one person's record may have.
pub(crate) const RECORD_MAX: i64 = 20_000;

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
