//! A standby of PostgreSQL that takes long reads off the primary.
//!
//! It answers as the primary would: what an operation may read has been decided on the primary, and the standby is read once it has replayed all that
//! the primary had written by then. While it has not, or is none any more, or cannot be reached, the primary is read.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    PgPool, SqlSafeStr as _,
    postgres::{PgConnection, PgPoolOptions},
};
use tokio::time::Instant;

use super::{StoreSettings, Tx, begin_whole, postgres, unavailable};
use crate::Result;

/// How long a request waits for the standby to catch up.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a standby that could not be read is left alone.
const REST: Duration = Duration::from_secs(5);
/// How often it is asked how far it is.
const TURN: Duration = Duration::from_millis(10);

/// Where the primary's write-ahead log is, and whose it is.
const SELECT_POSITION: &str = "-- standby_select_position
SELECT pg_current_wal_insert_lsn()::text, (SELECT system_identifier::text FROM pg_control_system())";

/// Whether a standby of that primary is there. One that has been promoted is no standby.
const SELECT_REPLAYED: &str = "-- standby_select_replayed
SELECT pg_is_in_recovery()
    AND (SELECT system_identifier::text FROM pg_control_system()) = $2
    AND COALESCE(pg_last_wal_replay_lsn() >= CAST(CAST($1 AS TEXT) AS pg_lsn), FALSE)";

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

#[derive(Debug)]
pub(super) struct Standby {
    pool: PgPool,
    resting_until: Mutex<Option<Instant>>,
}

impl Standby {
    /// Connects when it is first needed: a hub starts without its standby.
    pub(super) fn of(settings: &StoreSettings) -> Result<Option<Self>> {
        let Some(options) = postgres::standby(settings)? else {
            return Ok(None);
        };
        let pool = PgPoolOptions::new()
            .max_connections(settings.read_connections)
            .acquire_timeout(PATIENCE.min(settings.timeout()));
        let pool = postgres::own_sessions(pool, settings).connect_lazy_with(options);
        Ok(Some(Self {
            pool,
            resting_until: Mutex::default(),
        }))
    }

    /// A snapshot that has all that this one of the primary's has. None: the primary must be read.
    pub(super) async fn instead_of(&self, primary: &mut Tx<'_>) -> Result<Option<Tx<'static>>> {
        let Tx::Postgres(primary) = primary else {
            return Ok(None);
        };
        if self.rests() {
            return Ok(None);
        }
        let position: (String, String) = sqlx::query_as(SELECT_POSITION)
            .fetch_one(&mut **primary)
            .await
            .map_err(unavailable)?;
        let snapshot = tokio::time::timeout(PATIENCE, self.snapshot(&position)).await;
        let why = match snapshot {
            Ok(Ok(snapshot)) => return Ok(Some(snapshot)),
            Ok(Err(_)) => "it does not answer",
            Err(_) => "it has not caught up, or is no standby of this database",
        };
        tracing::warn!(why, "the standby is not read");
        self.rest();
        Ok(None)
    }

    async fn snapshot(&self, position: &(String, String)) -> sqlx::Result<Tx<'static>> {
        let mut connection = self.pool.acquire().await?;
        while !has_replayed(&mut connection, position).await? {
            tokio::time::sleep(TURN).await;
        }
        drop(connection);
        begin_whole(&self.pool, BEGIN.into_sql_str()).await
    }

    fn rests(&self) -> bool {
        let until = self.resting_until.lock();
        let until = *until.unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self) {
        let until = self.resting_until.lock();
        *until.unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
    }
}

async fn has_replayed(
    connection: &mut PgConnection,
    (position, system): &(String, String),
) -> sqlx::Result<bool> {
    sqlx::query_scalar(SELECT_REPLAYED)
        .bind(position)
        .bind(system)
        .fetch_one(connection)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        background::Background,
        facts::tests::postgres::{Durability, Postgres},
        store::{Store, on},
    };

    struct Room {
        server: Postgres,
        url: String,
        standby: String,
        store: Store,
        background: Background,
    }

    fn settings(url: &str, standby: &str) -> StoreSettings {
        StoreSettings {
            url: url.to_owned(),
            pooler_url: None,
            standby_url: Some(standby.to_owned()),
            read_connections: 2,
            timeout_ms: 10_000,
            statement_ms: 30_000,
        }
    }

    async fn room() -> Room {
        let server = Postgres::start(Durability::Fast);
        let url = server.database();
        let standby = server.start_standby(&url);
        let background = Background::new();
        let store = Store::open(&settings(&url, &standby), &background).await;
        let room = Room {
            store: store.unwrap(),
            server,
            url,
            standby,
            background,
        };
        room.run("CREATE TABLE number (n BIGINT)");
        room
    }

    impl Room {
        fn run(&self, sql: &str) {
            self.server.ask(&self.url, sql);
        }

        /// What a fresh hub finds, and whether it found it on the standby.
        async fn numbers(&self) -> (i64, bool) {
            let standby = Standby::of(&settings(&self.url, &self.standby));
            let standby = standby.unwrap().unwrap();
            let mut primary = self.store.snapshot().await.unwrap();
            let there = standby.instead_of(&mut primary).await.unwrap();
            let is_there = there.is_some();
            let mut tx = there.unwrap_or(primary);
            let count = "SELECT COUNT(*) FROM number";
            let count = on!(&mut tx, c => sqlx::query_scalar(count).fetch_one(c).await);
            (count.unwrap(), is_there)
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_is_read_once_it_has_what_the_primary_has_and_only_while_it_is_a_standby() {
        let room = room().await;
        for n in 1..=20 {
            room.run("INSERT INTO number VALUES (1)");
            assert_eq!(room.numbers().await, (n, true));
        }
        room.server
            .ask(&room.standby, "SELECT pg_wal_replay_pause()");
        room.run("INSERT INTO number VALUES (1)");
        assert_eq!(room.numbers().await, (21, false), "it is behind");
        room.server
            .ask(&room.standby, "SELECT pg_wal_replay_resume()");
        assert_eq!(room.numbers().await, (21, true));
        room.server.ask(&room.standby, "SELECT pg_promote()");
        room.server
            .ask(&room.standby, "INSERT INTO number VALUES (1)");
        assert_eq!(room.numbers().await, (21, false), "it goes its own way now");
        room.server.crash_standby();
        assert_eq!(room.numbers().await, (21, false), "it is gone");
        room.background.shut_down().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_of_another_database_is_not_read_and_one_that_failed_rests() {
        let (room, other) = (room().await, room().await);
        let standby = Standby::of(&settings(&room.url, &other.standby));
        let standby = standby.unwrap().unwrap();
        for _ in 0..2 {
            let mut primary = room.store.snapshot().await.unwrap();
            let there = standby.instead_of(&mut primary).await.unwrap();
            assert!(there.is_none());
            assert!(standby.rests());
        }
        for room in [room, other] {
            room.background.shut_down().await;
        }
    }
}
