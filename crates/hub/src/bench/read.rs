//! The rows of a person, by the prepared statement that a search with filters reads them with: the entry and all that filters and decisions look at,
//! in the fewest columns.

use std::{sync::Arc, time::Duration};

use delt_formats::identifier::PersonNumber;
use tokio::{task::JoinSet, time::Instant};

use super::{BareStore, Connection, Done};
use crate::{Error, Result, store::unavailable};

/// In the fewest columns: each column of each row is most of what reading it costs.
const SELECT_ROWS: &str = "-- bench_select_rows
SELECT entry_uuid, status, creation_time, service_start, service_stop, registered_at, status_at, replaced_by, dead_since, entry,
    type_code || '\u{1f}' || confidentiality || '\u{1f}' || COALESCE(author_organisation, '') || '\u{1f}' || registered_by,
    class_code || '\u{1f}' || format_code || '\u{1f}' || facility_code || '\u{1f}' || practice_code || '\u{1f}' || event_codes || '\u{1f}' ||
        reference_ids || '\u{1f}' || CAST(on_demand AS TEXT)
FROM document_entry WHERE patient_key = $1 LIMIT $2";

/// More than any person of a sample has.
const ROWS: i64 = 20_001;

impl BareStore {
    /// Reads the rows of these persons in turn, on so many connections at once, for so long.
    pub async fn read(
        &self,
        people: &[PersonNumber],
        readers: usize,
        time: Duration,
    ) -> Result<Done> {
        let keys: Arc<[Vec<u8>]> = people
            .iter()
            .map(|person| self.keys.patient_key(person).as_bytes().to_vec())
            .collect();
        let mut connections = Vec::new();
        for _ in 0..readers {
            connections.push(self.connection(true).await?);
        }
        let begun = Instant::now();
        let mut tasks = JoinSet::new();
        for (reader, connection) in connections.into_iter().enumerate() {
            tasks.spawn(read(connection, keys.clone(), reader, begun + time));
        }
        let mut all = Done::default();
        while let Some(done) = tasks.join_next().await {
            let done = done.map_err(Error::internal)??;
            all.statements += done.statements;
            all.rows += done.rows;
        }
        all.lasted = begun.elapsed();
        Ok(all)
    }
}

async fn read(
    mut connection: Connection,
    keys: Arc<[Vec<u8>]>,
    first: usize,
    until: Instant,
) -> Result<Done> {
    let mut done = Done::default();
    for key in keys.iter().cycle().skip(first) {
        if Instant::now() >= until {
            break;
        }
        done.rows += u64::try_from(rows(&mut connection, key).await?).unwrap_or_default();
        done.statements += 1;
    }
    Ok(done)
}

async fn rows(connection: &mut Connection, key: &[u8]) -> Result<usize> {
    match connection {
        Connection::Sqlite(connection) => sqlx::query(SELECT_ROWS)
            .bind(key)
            .bind(ROWS)
            .fetch_all(&mut **connection)
            .await
            .map(|rows| rows.len()),
        Connection::Postgres(connection) => sqlx::query(SELECT_ROWS)
            .bind(key)
            .bind(ROWS)
            .fetch_all(&mut **connection)
            .await
            .map(|rows| rows.len()),
    }
    .map_err(unavailable)
}
