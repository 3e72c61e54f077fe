//! Sessions and transactions on PostgreSQL, over connections of the hub's own or through a pooler such as `PgBouncer` in transaction mode.
//!
//! Behind such a pooler a session lasts no longer than a transaction: what is set for the session would be set for strangers, and what was prepared in one
//! transaction may be gone, or somebody else's, in the next. So everything that a transaction needs is said by the statement that begins it.

use std::{str::FromStr as _, time::Duration};

use sqlx::{
    AssertSqlSafe, SqlSafeStr as _, SqlStr,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::StoreSettings;
use crate::{Error, Result};

/// A hub that stands still in the middle of a transaction may hold what the others need: a patient's chain, the log's head. It has missed its own time
/// limit by then, so the database ends the transaction (milliseconds).
const END_IDLE: &str = "idle_in_transaction_session_timeout";
/// Whoever gives up only stops listening: the database would work on, or wait for a row on, for nobody, on a connection that others need (milliseconds).
const END_STATEMENT: &str = "statement_timeout";

/// How to reach the database itself.
pub(super) fn direct(settings: &StoreSettings) -> Result<PgConnectOptions> {
    options(&settings.url, "store.url")
}

/// How to reach it through a pooler, where there is one. Nothing stays prepared there.
pub(super) fn pooled(settings: &StoreSettings) -> Result<Option<PgConnectOptions>> {
    let url = settings.pooler_url.as_ref();
    let options = url
        .map(|url| options(url, "store.pooler_url"))
        .transpose()?;
    Ok(options.map(|options| options.statement_cache_capacity(0)))
}

/// How to reach a standby.
pub(super) fn standby(settings: &StoreSettings) -> Result<Option<PgConnectOptions>> {
    let url = settings.standby_url.as_ref();
    url.map(|url| options(url, "store.standby_url")).transpose()
}

fn options(url: &str, field: &'static str) -> Result<PgConnectOptions> {
    PgConnectOptions::from_str(url)
        .map(|options| options.application_name("delt"))
        .map_err(|_| Error::invalid(field, "is not a PostgreSQL address"))
}

/// Sessions that are the hub's alone: what holds for all their transactions is said once.
pub(super) fn own_sessions(pool: PgPoolOptions, settings: &StoreSettings) -> PgPoolOptions {
    let (idle, statement) = (settings.timeout_ms, settings.statement_ms);
    pool.after_connect(move |connection, _| {
        let set = format!("SET {END_IDLE} = {idle}; SET {END_STATEMENT} = {statement}");
        let set = sqlx::raw_sql(AssertSqlSafe(set));
        Box::pin(async move { set.execute(connection).await.map(drop) })
    })
}

/// The statements that begin transactions.
#[derive(Debug)]
pub(super) struct Begin {
    /// What is read first is what is read last.
    pub(super) snapshot: SqlStr,
    /// Read committed, whatever the database is set to: who waited for a row goes on from what the other one left there.
    ///
    /// A hub that freezes holds its rows, such as the chain of a patient, until the database ends its transaction: well before the others who wait for
    /// them give up.
    pub(super) write: SqlStr,
}

impl Begin {
    pub(super) fn new(settings: &StoreSettings) -> Self {
        let idle = (settings.timeout() / 4).max(Duration::from_millis(100));
        let write = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL {END_IDLE} = {}; SET LOCAL {END_STATEMENT} = {}",
            idle.as_millis(),
            settings.timeout_ms
        );
        let mut snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned();
        let mut end = "";
        if settings.pooler_url.is_some() {
            let (idle, statement) = (settings.timeout_ms, settings.statement_ms);
            let ends =
                format!("; SET LOCAL {END_IDLE} = {idle}; SET LOCAL {END_STATEMENT} = {statement}");
            snapshot.push_str(&ends);
            // The driver names what it prepares by counting on each connection of its own, so two of them would meet on one of the pooler's.
            end = "; DEALLOCATE ALL";
        }
        Self {
            snapshot: AssertSqlSafe(snapshot + end).into_sql_str(),
            write: AssertSqlSafe(write + end).into_sql_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pooler_url: Option<&str>) -> StoreSettings {
        StoreSettings {
            url: "postgres://delt@db/delt".to_owned(),
            pooler_url: pooler_url.map(str::to_owned),
            standby_url: None,
            read_connections: 1,
            timeout_ms: 2_000,
            statement_ms: 30_000,
        }
    }

    #[test]
    fn behind_a_pooler_each_transaction_says_all_that_it_needs() {
        let Begin { snapshot, write } = Begin::new(&settings(Some("postgres://delt@pooler/delt")));
        assert_eq!(
            snapshot.as_str(),
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 2000; \
             SET LOCAL statement_timeout = 30000; DEALLOCATE ALL"
        );
        assert_eq!(
            write.as_str(),
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 500; \
             SET LOCAL statement_timeout = 2000; DEALLOCATE ALL"
        );
    }

    #[test]
    fn a_session_of_ones_own_keeps_what_is_prepared() {
        let Begin { snapshot, write } = Begin::new(&settings(None));
        assert_eq!(
            snapshot.as_str(),
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        );
        assert!(!write.as_str().contains("DEALLOCATE"));
    }

    #[test]
    fn a_wrong_address_is_named() {
        let wrong = pooled(&settings(Some("postgres://[delt"))).unwrap_err();
        assert!(
            format!("{wrong:?}").contains("store.pooler_url"),
            "{wrong:?}"
        );
    }
}
