//! Entries of other persons, so that the index is as large as one that has been in use for years.
//!
//! They have the bytes of the sample's, under identities and patients of their own; nobody searches them, and nobody could open them. They come sorted by
//! patient, as a bulk load does.

use tokio::time::Instant;

use super::{
    BareStore, Connection, Done,
    insert::{Fresh, sample, write},
};
use crate::{Error, Result, store::unavailable};

/// Rows in a transaction.
const BATCH: u64 = 4_096;
/// Entries of each of these persons.
const ENTRIES: u64 = 20;

const BYTES_POSTGRES: &str = "SELECT pg_total_relation_size('document_entry')";
const BYTES_SQLITE: &str = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
/// So that plans are made for what is there now.
const ANALYZE: &str = "ANALYZE document_entry";

impl BareStore {
    /// Adds so many entries.
    pub async fn fill(&self, entries: u64) -> Result<Done> {
        let mut connection = self.writer().await?;
        let sample = sample(&mut connection).await?;
        if sample.is_empty() {
            return Err(Error::internal("the index is empty"));
        }
        let mut fresh = Fresh::new(0);
        let mut like = sample.iter().cycle();
        let begun = Instant::now();
        let mut done = Done::default();
        while done.rows < entries {
            let rows = (done.rows..entries.min(done.rows + BATCH))
                .zip(like.by_ref())
                .map(|(at, row)| {
                    let mut row = fresh.like(row);
                    row.patient_key = patient(at, entries, row.patient_key.len());
                    row
                })
                .collect::<Vec<_>>();
            done.rows += u64::try_from(rows.len()).unwrap_or_default();
            done.statements += 1;
            write(&mut connection, "document_entry", rows).await?;
        }
        run(&mut connection, ANALYZE).await?;
        done.lasted = begun.elapsed();
        Ok(done)
    }

    /// What the index takes on disk; on SQLite with all else that the database holds.
    pub async fn bytes(&self) -> Result<i64> {
        match self.connection(true).await? {
            Connection::Sqlite(mut connection) => {
                let bytes = sqlx::query_scalar(BYTES_SQLITE);
                bytes.fetch_one(&mut *connection).await
            }
            Connection::Postgres(mut connection) => {
                let bytes = sqlx::query_scalar(BYTES_POSTGRES);
                bytes.fetch_one(&mut *connection).await
            }
        }
        .map_err(unavailable)
    }
}

/// The key of the patient of the entry at this place: spread evenly, in rising order.
fn patient(at: u64, entries: u64, length: usize) -> Vec<u8> {
    let persons = entries.div_ceil(ENTRIES).max(1);
    let spread = (u64::MAX / persons).saturating_mul(at / ENTRIES);
    let mut key = spread.to_be_bytes().to_vec();
    // No person's own: nobody has a key that ends in so many zeros.
    key.resize(length, 0);
    key
}

async fn run(connection: &mut Connection, text: &'static str) -> Result<()> {
    match connection {
        Connection::Sqlite(connection) => {
            sqlx::query(text).execute(&mut **connection).await.map(drop)
        }
        Connection::Postgres(connection) => {
            sqlx::query(text).execute(&mut **connection).await.map(drop)
        }
    }
    .map_err(unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_come_in_rising_order_with_so_many_entries_each() {
        let keys: Vec<_> = (0..1_000).map(|at| patient(at, 1_000, 16)).collect();
        assert!(keys.is_sorted());
        let mut patients = keys.clone();
        patients.dedup();
        assert_eq!(patients.len(), 50);
        assert!(keys.iter().all(|key| key.len() == 16));
    }
}
