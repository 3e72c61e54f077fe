//! How the log itself is doing, for those who run it.

use super::log_rows;
use crate::{
    Error, Hub, Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const STORE_BYTES_SQLITE: &str = "-- log_store_bytes_sqlite
SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

const STORE_BYTES_POSTGRES: &str = "-- log_store_bytes_postgres
SELECT pg_database_size(current_database())";

/// The log's health at one moment. All times are in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHealth {
    /// How long the oldest entry without a place has waited; 0 when all have one.
    pub seal_lag: Micros,
    /// Entries with a place in the newest checkpoint.
    pub entries: u64,
    /// Since the newest checkpoint was signed. A log that nobody uses signs none.
    pub checkpoint_age: Micros,
    /// What the database holds, in bytes.
    pub store_bytes: u64,
}

impl Hub {
    /// How the log is doing.
    pub async fn log_health(&self) -> Result<LogHealth> {
        let mut tx = self.shared.store.snapshot().await?;
        let now = self.shared.clock.now();
        let since = |moment: Option<Micros>| moment.map_or(0, |moment| (now - moment).max(0));
        let oldest = log_rows::oldest_unsealed(&mut tx).await?;
        let newest = log_rows::newest_checkpoint(&mut tx).await?;
        Ok(LogHealth {
            seal_lag: since(oldest),
            entries: newest.as_ref().map_or(0, |checkpoint| checkpoint.size),
            checkpoint_age: since(newest.map(|checkpoint| checkpoint.signed_at)),
            store_bytes: store_bytes(&mut tx).await?,
        })
    }
}

async fn store_bytes(tx: &mut Tx<'_>) -> Result<u64> {
    let statement = match tx {
        Tx::Sqlite(_) => STORE_BYTES_SQLITE,
        Tx::Postgres(_) => STORE_BYTES_POSTGRES,
    };
    let bytes: i64 =
        on!(tx, c => sqlx::query_scalar(statement).fetch_one(c).await).map_err(unavailable)?;
    u64::try_from(bytes).map_err(Error::internal)
}
