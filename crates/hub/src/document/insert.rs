//! New rows of the index, as many at once as there are.

use std::{collections::HashSet, sync::LazyLock};

use delt_policy::{AuthorisationId, PatientKey, Scope};
use sqlx::{PgConnection, SqliteConnection};
use uuid::Uuid;

use super::{AvailabilityStatus, Code, DocumentEntry, EntryType, row::uuid};
use crate::{
    Result,
    clock::Micros,
    store::{Tx, Values, unavailable},
};

/// What is written of an entry when it is registered.
macro_rules! new_columns {
    () => {
        "patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, format_code, facility_code,
    practice_code, event_codes, confidentiality, author_organisation, author_person, creation_time, service_start, service_stop, on_demand,
    reference_ids, mime_type, size, hash, hash_sha256, entry, digest, registered_at, registered_by, message_id"
    };
}

/// For the bare insert that `delt bench` holds registration against.
pub(crate) const COLUMNS: &str = new_columns!();

/// A taken identity is passed over, also one that a transaction took that ran at the same time.
macro_rules! insert_entries {
    ($rows:literal) => {
        concat!(
            "-- document_insert_entries
INSERT INTO document_entry (",
            new_columns!(),
            ")
",
            $rows
        )
    };
}

const TAIL: &str = " ON CONFLICT DO NOTHING RETURNING entry_uuid";

const INSERT_ENTRIES: &str = insert_entries!(
    "SELECT * FROM unnest($1::BYTEA[], $2::BYTEA[], $3::BIGINT[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::TEXT[], $8::TEXT[], $9::TEXT[], $10::TEXT[],
    $11::TEXT[], $12::TEXT[], $13::TEXT[], $14::TEXT[], $15::TEXT[], $16::BIGINT[], $17::BIGINT[], $18::BIGINT[], $19::BIGINT[],
    $20::TEXT[], $21::TEXT[], $22::BIGINT[], $23::BYTEA[], $24::BYTEA[], $25::BYTEA[], $26::BYTEA[], $27::BIGINT[], $28::TEXT[], $29::BYTEA[])
ON CONFLICT DO NOTHING RETURNING entry_uuid"
);

/// SQLite has no arrays.
static INSERT_VALUES: LazyLock<Values> =
    LazyLock::new(|| Values::new(insert_entries!("VALUES "), 29, TAIL));

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
pub(crate) async fn insert(tx: &mut Tx<'_>, scope: &Scope, row: NewRow<'_>) -> Result<bool> {
    let added = insert_all(tx, &mut [(scope, row)]).await?;
    Ok(!added.is_empty())
}

/// Adds entries, each under its own scope, and tells which: those whose identity was free. No two of them may have the same identity.
///
/// They are written in the order of their patients: neighbours lie together then, and two who write the same ones do not wait for each other in a
/// circle.
pub(crate) async fn insert_all(
    tx: &mut Tx<'_>,
    rows: &mut [(&Scope, NewRow<'_>)],
) -> Result<HashSet<Uuid>> {
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    rows.sort_by_key(|(_, row)| (row.patient, row.entry.entry_uuid));
    let texts: Vec<_> = rows.iter().map(|(_, row)| Texts::of(row.entry)).collect();
    let rows: Vec<_> = rows.iter().map(|(_, row)| row).zip(&texts).collect();
    let added = match tx {
        Tx::Postgres(tx) => at_once(tx, &rows).await,
        Tx::Sqlite(tx) => in_pieces(tx, &rows).await,
    };
    let added = added.map_err(unavailable)?;
    added.iter().map(|(id,)| uuid(id)).collect()
}

/// What is put together for a row, and lent to the statement.
struct Texts {
    class_code: String,
    type_code: String,
    format_code: String,
    facility_code: String,
    practice_code: String,
    event_codes: String,
    confidentiality: String,
    reference_ids: String,
}

impl Texts {
    fn of(entry: &DocumentEntry) -> Self {
        let ids = entry.reference_ids.iter();
        Self {
            class_code: entry.class_code.to_row(),
            type_code: entry.type_code.to_row(),
            format_code: entry.format_code.to_row(),
            facility_code: entry.healthcare_facility_type_code.to_row(),
            practice_code: entry.practice_setting_code.to_row(),
            event_codes: lines(entry.event_codes.iter().map(Code::to_row)),
            confidentiality: lines(entry.confidentiality_codes.iter().map(Code::to_row)),
            reference_ids: lines(ids.map(|id| format!("{}|{}", id.system, id.value))),
        }
    }
}

fn lines(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("\n")
}

type Row<'a> = (&'a NewRow<'a>, &'a Texts);

/// Binds every column of a row, in the order of the columns; how, each database has its own way.
macro_rules! bind_columns {
    ($bind:ident) => {
        $bind!(|row| row.0.patient.as_bytes().as_slice());
        $bind!(|row| row.0.entry.entry_uuid.as_bytes().as_slice());
        $bind!(|_row| AvailabilityStatus::Approved.to_row());
        $bind!(|row| row.0.entry.source_id.as_str());
        $bind!(|row| row.0.entry.repository_unique_id.as_str());
        $bind!(|row| row.0.entry.unique_id.as_str());
        $bind!(|row| row.1.class_code.as_str());
        $bind!(|row| row.1.type_code.as_str());
        $bind!(|row| row.1.format_code.as_str());
        $bind!(|row| row.1.facility_code.as_str());
        $bind!(|row| row.1.practice_code.as_str());
        $bind!(|row| row.1.event_codes.as_str());
        $bind!(|row| row.1.confidentiality.as_str());
        $bind!(|row| row.0.entry.author.institution.organisation.as_str());
        $bind!(|row| author_person(row.0.entry));
        $bind!(|row| row.0.entry.creation_time);
        $bind!(|row| row.0.entry.service_start_time);
        $bind!(|row| row.0.entry.service_stop_time);
        $bind!(|row| i64::from(row.0.entry.entry_type == EntryType::OnDemand));
        $bind!(|row| row.1.reference_ids.as_str());
        $bind!(|row| row.0.entry.mime_type.as_str());
        $bind!(|row| size(row.0.entry));
        $bind!(|row| row.0.entry.hash.as_ref().map(<[u8; 20]>::as_slice));
        $bind!(|row| row.0.entry.hash_sha256.as_ref().map(<[u8; 32]>::as_slice));
        $bind!(|row| row.0.sealed_entry.as_slice());
        $bind!(|row| row.0.digest.as_slice());
        $bind!(|row| row.0.registered_at);
        $bind!(|row| row.0.registered_by);
        $bind!(|row| row.0.message_id.as_ref().map(|id| id.as_bytes().as_slice()));
    };
}

fn author_person(entry: &DocumentEntry) -> Option<&str> {
    let person = entry.author.person.as_ref()?;
    person.authorisation.as_ref().map(AuthorisationId::as_str)
}

fn size(entry: &DocumentEntry) -> Option<i64> {
    entry
        .size
        .map(|size| i64::try_from(size).unwrap_or(i64::MAX))
}

async fn at_once(connection: &mut PgConnection, rows: &[Row<'_>]) -> sqlx::Result<Vec<(Vec<u8>,)>> {
    /// One column of all rows.
    fn column<'a, T>(rows: &[Row<'a>], value: impl Fn(&Row<'a>) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    let mut query = sqlx::query_as(INSERT_ENTRIES);
    macro_rules! bind {
        ($value:expr) => {
            query = query.bind(column(rows, $value));
        };
    }
    bind_columns!(bind);
    query.fetch_all(connection).await
}

async fn in_pieces(
    connection: &mut SqliteConnection,
    rows: &[Row<'_>],
) -> sqlx::Result<Vec<(Vec<u8>,)>> {
    /// One column of one row.
    fn column<'a, T>(row: &Row<'a>, value: impl Fn(&Row<'a>) -> T) -> T {
        value(row)
    }
    let mut added = Vec::with_capacity(rows.len());
    for (statement, rows) in INSERT_VALUES.pieces(rows) {
        let mut query = sqlx::query_as(statement);
        for row in rows {
            macro_rules! bind {
                ($value:expr) => {
                    query = query.bind(column(row, $value));
                };
            }
            bind_columns!(bind);
        }
        let found: Vec<(Vec<u8>,)> = query.fetch_all(&mut *connection).await?;
        added.extend(found);
    }
    Ok(added)
}
