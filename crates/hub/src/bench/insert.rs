//! Rows like those of the index, written in batches: each batch one durable transaction, as plain as a statement can be.

use std::time::Duration;

use sqlx::{AssertSqlSafe, FromRow, QueryBuilder, SqlSafeStr as _, Sqlite};
use tokio::time::Instant;
use uuid::Builder;

use super::{BareStore, Connection, Done};
use crate::{Error, Result, document::insert::COLUMNS, store::unavailable};

/// Rows of the index that the written ones are made from.
const SAMPLE: i64 = 4_096;
/// Rows in one statement on SQLite; a batch is as many statements as it needs.
const PIECE: usize = 64;

const UNNEST: &str = "UNNEST($1::bytea[], $2::bytea[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], \
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], \
    $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::text[], $21::text[], $22::bigint[], \
    $23::bytea[], $24::bytea[], $25::bytea[], $26::bytea[], $27::bigint[], $28::text[], $29::bytea[])";

/// The index's own table and indexes under another name, where it is not there yet.
const LIKE_POSTGRES: &str =
    "CREATE TABLE IF NOT EXISTS bench_entry (LIKE document_entry INCLUDING ALL)";
const LIKE_SQLITE: &str =
    "SELECT sql FROM sqlite_master WHERE tbl_name = 'document_entry' AND sql IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'bench_entry') ORDER BY type DESC";

/// A row as it is written.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Row {
    pub(super) patient_key: Vec<u8>,
    entry_uuid: Vec<u8>,
    status: i64,
    source_id: String,
    repository_unique_id: String,
    unique_id: String,
    class_code: String,
    type_code: String,
    format_code: String,
    facility_code: String,
    practice_code: String,
    event_codes: String,
    confidentiality: String,
    author_organisation: Option<String>,
    author_person: Option<String>,
    creation_time: i64,
    service_start: Option<i64>,
    service_stop: Option<i64>,
    on_demand: i64,
    reference_ids: String,
    mime_type: String,
    size: Option<i64>,
    hash: Option<Vec<u8>>,
    hash_sha256: Option<Vec<u8>>,
    entry: Vec<u8>,
    digest: Vec<u8>,
    registered_at: i64,
    registered_by: String,
    message_id: Option<Vec<u8>>,
}

impl BareStore {
    /// Writes so many rows in each transaction, one transaction after the other, for so long. Rows have the bytes of those of the index and identities of
    /// their own, in a table like the index's beside it.
    pub async fn insert(&self, batch: usize, time: Duration) -> Result<Done> {
        let mut connection = self.writer().await?;
        create(&mut connection).await?;
        let sample = sample(&mut connection).await?;
        let mut fresh = Fresh::new(count(&mut connection).await?);
        let mut rows = sample.iter().cycle();
        let begun = Instant::now();
        let mut done = Done::default();
        while begun.elapsed() < time {
            let rows: Vec<_> = rows
                .by_ref()
                .take(batch)
                .map(|row| fresh.like(row))
                .collect();
            if rows.is_empty() {
                return Err(Error::internal("the index is empty"));
            }
            done.rows += u64::try_from(rows.len()).unwrap_or_default();
            done.statements += 1;
            write(&mut connection, "bench_entry", rows).await?;
        }
        done.lasted = begun.elapsed();
        Ok(done)
    }
}

async fn create(connection: &mut Connection) -> Result<()> {
    match connection {
        Connection::Postgres(connection) => {
            let made = sqlx::query(LIKE_POSTGRES).execute(&mut **connection).await;
            made.map(drop).map_err(unavailable)
        }
        Connection::Sqlite(connection) => {
            let texts: Vec<String> = sqlx::query_scalar(LIKE_SQLITE)
                .fetch_all(&mut **connection)
                .await
                .map_err(unavailable)?;
            for text in texts {
                let text = AssertSqlSafe(text.replace("document_entry", "bench_entry"));
                let made = sqlx::query(text.into_sql_str()).execute(&mut **connection);
                made.await.map_err(unavailable)?;
            }
            Ok(())
        }
    }
}

/// In no order of patients, as registrations come: what is written to neighbours costs less.
pub(super) async fn sample(connection: &mut Connection) -> Result<Vec<Row>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM document_entry ORDER BY digest LIMIT {SAMPLE}"
    ));
    let text = text.into_sql_str();
    match connection {
        Connection::Postgres(connection) => sqlx::query_as(text).fetch_all(&mut **connection).await,
        Connection::Sqlite(connection) => sqlx::query_as(text).fetch_all(&mut **connection).await,
    }
    .map_err(unavailable)
}

async fn count(connection: &mut Connection) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM bench_entry";
    match connection {
        Connection::Postgres(connection) => {
            sqlx::query_scalar(text).fetch_one(&mut **connection).await
        }
        Connection::Sqlite(connection) => {
            sqlx::query_scalar(text).fetch_one(&mut **connection).await
        }
    }
    .map_err(unavailable)
}

/// Identities that no other row has, in no order, as those of a random UUID are.
pub(super) struct Fresh(u64);

impl Fresh {
    pub(super) fn new(rows: i64) -> Self {
        Self(u64::try_from(rows).unwrap_or_default())
    }

    pub(super) fn like(&mut self, row: &Row) -> Row {
        self.0 += 1;
        let halves = [self.0, self.0 ^ u64::MAX].map(scattered);
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(halves.iter().flat_map(|half| half.to_be_bytes()))
            .for_each(|(byte, drawn)| *byte = drawn);
        let id = Builder::from_random_bytes(bytes).into_uuid();
        Row {
            entry_uuid: id.as_bytes().to_vec(),
            unique_id: format!("1.2.208.184^{id}"),
            ..row.clone()
        }
    }
}

/// The finalizer of `SplitMix64`: different numbers stay different.
const fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Writes rows in one durable transaction.
pub(super) async fn write(connection: &mut Connection, table: &str, rows: Vec<Row>) -> Result<()> {
    match connection {
        Connection::Postgres(connection) => unnest(&mut *connection, table, rows).await,
        Connection::Sqlite(connection) => {
            let begun = sqlx::Connection::begin_with(&mut **connection, "BEGIN IMMEDIATE").await;
            let mut tx = begun.map_err(unavailable)?;
            for piece in rows.chunks(PIECE) {
                values(table, piece)
                    .build()
                    .execute(&mut *tx)
                    .await
                    .map_err(unavailable)?;
            }
            tx.commit().await.map_err(unavailable)
        }
    }
}

fn values(table: &str, rows: &[Row]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(format!("INSERT INTO {table} ({COLUMNS}) "));
    query.push_values(rows.iter().cloned(), |mut place, row| {
        place
            .push_bind(row.patient_key)
            .push_bind(row.entry_uuid)
            .push_bind(row.status)
            .push_bind(row.source_id)
            .push_bind(row.repository_unique_id)
            .push_bind(row.unique_id)
            .push_bind(row.class_code)
            .push_bind(row.type_code)
            .push_bind(row.format_code)
            .push_bind(row.facility_code)
            .push_bind(row.practice_code)
            .push_bind(row.event_codes)
            .push_bind(row.confidentiality)
            .push_bind(row.author_organisation)
            .push_bind(row.author_person)
            .push_bind(row.creation_time)
            .push_bind(row.service_start)
            .push_bind(row.service_stop)
            .push_bind(row.on_demand)
            .push_bind(row.reference_ids)
            .push_bind(row.mime_type)
            .push_bind(row.size)
            .push_bind(row.hash)
            .push_bind(row.hash_sha256)
            .push_bind(row.entry)
            .push_bind(row.digest)
            .push_bind(row.registered_at)
            .push_bind(row.registered_by)
            .push_bind(row.message_id);
    });
    query
}

async fn unnest(
    connection: &mut sqlx::pool::PoolConnection<sqlx::Postgres>,
    table: &str,
    rows: Vec<Row>,
) -> Result<()> {
    macro_rules! column {
        ($field:ident) => {
            rows.iter()
                .map(|row| row.$field.clone())
                .collect::<Vec<_>>()
        };
    }
    let text = AssertSqlSafe(format!(
        "INSERT INTO {table} ({COLUMNS}) SELECT * FROM {UNNEST}"
    ));
    sqlx::query(text.into_sql_str())
        .bind(column!(patient_key))
        .bind(column!(entry_uuid))
        .bind(column!(status))
        .bind(column!(source_id))
        .bind(column!(repository_unique_id))
        .bind(column!(unique_id))
        .bind(column!(class_code))
        .bind(column!(type_code))
        .bind(column!(format_code))
        .bind(column!(facility_code))
        .bind(column!(practice_code))
        .bind(column!(event_codes))
        .bind(column!(confidentiality))
        .bind(column!(author_organisation))
        .bind(column!(author_person))
        .bind(column!(creation_time))
        .bind(column!(service_start))
        .bind(column!(service_stop))
        .bind(column!(on_demand))
        .bind(column!(reference_ids))
        .bind(column!(mime_type))
        .bind(column!(size))
        .bind(column!(hash))
        .bind(column!(hash_sha256))
        .bind(column!(entry))
        .bind(column!(digest))
        .bind(column!(registered_at))
        .bind(column!(registered_by))
        .bind(column!(message_id))
        .execute(&mut **connection)
        .await
        .map(drop)
        .map_err(unavailable)
}
