//! Monthly partitions of the log's entries on PostgreSQL. SQLite needs none: its one table lies in the order of time, and an old month is never touched.
//!
//! A month's entries lie together with their part of every index, so that a search with a period reads those months alone, a month's indexes stay shallow,
//! and one that has expired goes as a whole. The default partition takes what has no other, so a failure here is no more than a warning: a month that has
//! begun in the default partition stays there.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, Postgres, Transaction};

use super::months::Month;
use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    perform::Shared,
    store::{AsyncWork, Tx, unavailable},
};

/// This month and three more.
const MONTHS: usize = 4;

/// Attaching takes the default partition for itself, so that nobody can write to it or read all of the log meanwhile. It gives up rather than have others
/// wait for it, be it for its turn or while a large default partition is looked through.
pub(super) const GIVE_WAY: &str =
    "SET LOCAL lock_timeout = '250ms'; SET LOCAL statement_timeout = '1s'";

const SELECT_PARTITIONS: &str = "-- log_select_partitions
SELECT CAST(c.relname AS TEXT) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = CAST('log_entry' AS REGCLASS)";

const HAS_BEGUN_ELSEWHERE: &str = "-- log_month_has_begun_elsewhere
SELECT EXISTS (SELECT 1 FROM log_entry_rest WHERE recorded_at >= $1 AND recorded_at < $2)";

/// Sees to it that this month and the next ones have partitions, as far as they can. How many of them have.
pub(super) async fn provide(shared: &Arc<Shared>, now: Micros) -> Result<usize> {
    let months = std::iter::successors(Month::of(now), |month| Some(month.next()));
    let months: Vec<Month> = months.take(MONTHS).collect();
    let there = existing(&mut shared.store.snapshot().await?).await?;
    let mut ready = 0;
    for month in months {
        ready += usize::from(there.contains(&month) || shared.store.write(Add(month)).await?);
    }
    Ok(ready)
}

/// The months that have partitions. None on SQLite.
pub(super) async fn existing(tx: &mut Tx<'_>) -> Result<Vec<Month>> {
    let Tx::Postgres(tx) = tx else {
        return Ok(Vec::new());
    };
    let names: Vec<String> = sqlx::query_scalar(SELECT_PARTITIONS)
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(names.iter().filter_map(|n| Month::of_table(n)).collect())
}

/// One month's partition. Whether it is there now.
pub(super) struct Add(pub(super) Month);

impl AsyncWork<bool> for Add {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let (Tx::Postgres(tx), Some((from, to))) = (tx, self.0.bounds()) else {
                return Ok(false);
            };
            run(tx, GIVE_WAY.to_owned()).await?;
            let begun: bool = sqlx::query_scalar(HAS_BEGUN_ELSEWHERE)
                .bind(from)
                .bind(to)
                .fetch_one(&mut **tx)
                .await
                .map_err(unavailable)?;
            if begun {
                return Ok(false);
            }
            // Made by itself and then attached: unlike CREATE … PARTITION OF, this leaves those alone who write to other partitions.
            let table = self.0.table();
            let made = format!(
                "CREATE TABLE {table} (LIKE log_entry INCLUDING ALL);
ALTER TABLE log_entry ATTACH PARTITION {table} FOR VALUES FROM ({from}) TO ({to})"
            );
            run(tx, made).await.map(|()| true)
        })
    }
}

/// Runs statements that hold nothing but names and numbers of our own.
pub(super) async fn run(tx: &mut Transaction<'_, Postgres>, statements: String) -> Result<()> {
    let done = sqlx::raw_sql(AssertSqlSafe(statements));
    done.execute(&mut **tx).await.map(drop).map_err(gave_way)
}

/// Not to have had one's turn is no fault of the database.
fn gave_way(error: sqlx::Error) -> Error {
    // lock_not_available, query_canceled, and the table that another hub has just made.
    let usual = ["55P03", "57014", "42P07"];
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    if code.is_some_and(|code| usual.contains(&code.as_ref())) {
        Error::new(code::STORE_UNAVAILABLE)
    } else {
        unavailable(error)
    }
}
