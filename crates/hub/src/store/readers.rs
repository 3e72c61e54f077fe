//! Connections to SQLite that only read, each lent for one snapshot.
//!
//! The driver gives each connection a thread, so whatever is said to it and answered changes threads twice. With the driver's own pool a request says
//! five things: begin, two statements, roll back, and whether it is still there. Here it says two: the first statement begins the snapshot as well,
//! and nobody waits for the end of it.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use sqlx::{ConnectOptions as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use super::unavailable;
use crate::{Error, Result, error::code};

/// Begins a snapshot: it is of the moment of the first statement after it.
const BEGIN: &str = "BEGIN";
const ROLLBACK: &str = "ROLLBACK";

type Shared = Arc<Mutex<SqliteConnection>>;

/// The connections of a store that read. Each is opened when it is first needed.
#[derive(Debug)]
pub(crate) struct Readers {
    options: SqliteConnectOptions,
    most: usize,
    places: Arc<Semaphore>,
    idle: StdMutex<Vec<Shared>>,
    timeout: Duration,
}

impl Readers {
    /// At most so many at once; the longest wait for one is `timeout`.
    pub(super) fn new(options: SqliteConnectOptions, most: usize, timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            options: options.read_only(true),
            most,
            places: Arc::new(Semaphore::new(most)),
            idle: StdMutex::default(),
            timeout,
        })
    }

    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent> {
        let lend = tokio::time::timeout(self.timeout, self.take());
        lend.await
            .map_err(|_| Error::new(code::STORE_UNAVAILABLE).retry_after_ms(1_000))?
    }

    async fn take(self: &Arc<Self>) -> Result<Lent> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(Error::internal)?;
        // The one that was used last: what it has read before is still in its cache.
        let idle = self.idle().pop();
        let shared = match idle {
            Some(shared) => shared,
            None => Arc::new(Mutex::new(
                self.options.connect().await.map_err(unavailable)?,
            )),
        };
        Ok(Lent {
            connection: shared.clone().lock_owned().await,
            shared,
            readers: self.clone(),
            begun: false,
            _place: place,
        })
    }

    /// A poisoned lock still holds a whole list.
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Shared>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open, and how many of them are lent.
    pub(super) fn used(&self) -> (usize, usize) {
        let lent = self.most.saturating_sub(self.places.available_permits());
        (self.idle().len() + lent, lent)
    }
}

/// A connection for one snapshot. It goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Lent {
    connection: OwnedMutexGuard<SqliteConnection>,
    shared: Shared,
    readers: Arc<Readers>,
    begun: bool,
    _place: OwnedSemaphorePermit,
}

impl Lent {
    /// Begins the snapshot.
    pub(super) async fn begin(mut self) -> Result<Self> {
        sqlx::query(BEGIN)
            .execute(&mut *self.connection)
            .await
            .map_err(unavailable)?;
        Ok(self.begun())
    }

    /// Says that the snapshot has begun, with a first statement that has `BEGIN;` before it.
    pub(crate) fn begun(mut self) -> Self {
        self.begun = true;
        self
    }
}

impl Drop for Lent {
    /// Ends the snapshot. The statement is in the connection's queue when this returns, and so before the next BEGIN: had it failed, that one would, and
    /// the connection would not come back from there. Nobody reads in a snapshot that somebody else began.
    fn drop(&mut self) {
        if !self.begun {
            return;
        }
        let ended = sqlx::query(ROLLBACK)
            .execute(&mut *self.connection)
            .now_or_never();
        if !matches!(ended, Some(Err(_))) {
            self.readers.idle().push(self.shared.clone());
        }
    }
}

impl Deref for Lent {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use super::*;

    struct Room {
        _folder: tempfile::TempDir,
        writer: SqliteConnection,
        readers: Arc<Readers>,
    }

    async fn room(most: usize) -> Room {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("delt.db").display());
        let options = SqliteConnectOptions::from_str(&url)
            .unwrap()
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .create_if_missing(true);
        let mut writer = options.connect().await.unwrap();
        sqlx::raw_sql("CREATE TABLE number (n BIGINT); INSERT INTO number VALUES (1)")
            .execute(&mut writer)
            .await
            .unwrap();
        Room {
            _folder: folder,
            writer,
            readers: Readers::new(options, most, Duration::from_millis(200)),
        }
    }

    impl Room {
        async fn set(&mut self, n: i64) {
            let set = sqlx::query("UPDATE number SET n = $1").bind(n);
            set.execute(&mut self.writer).await.unwrap();
        }

        async fn begin(&self) -> Lent {
            self.readers.lend().await.unwrap().begin().await.unwrap()
        }
    }

    async fn read(lent: &mut Lent) -> i64 {
        let read = sqlx::query_scalar("SELECT n FROM number");
        read.fetch_one(&mut **lent).await.unwrap()
    }

    #[tokio::test]
    async fn what_is_read_first_is_what_is_read_last() {
        let mut room = room(1).await;
        let mut lent = room.begin().await;
        assert_eq!(read(&mut lent).await, 1);
        room.set(2).await;
        assert_eq!(read(&mut lent).await, 1);
        drop(lent);
        // The same connection again, and a snapshot of now.
        let mut lent = room.begin().await;
        assert_eq!(read(&mut lent).await, 2);
        assert_eq!(room.readers.used(), (1, 1));
    }

    #[tokio::test]
    async fn the_first_statement_begins_the_snapshot() {
        let mut room = room(1).await;
        for n in [2, 3] {
            let mut lent = room.readers.lend().await.unwrap();
            let read_n = sqlx::query_scalar("BEGIN; SELECT n + $1 FROM number").bind(0);
            let before: i64 = read_n.fetch_one(&mut *lent).await.unwrap();
            let mut lent = lent.begun();
            room.set(n).await;
            assert_eq!(read(&mut lent).await, before);
        }
        let mut lent = room.begin().await;
        assert_eq!(read(&mut lent).await, 3);
    }

    #[tokio::test]
    async fn who_gives_up_while_reading_leaves_nothing_behind() {
        let mut room = room(1).await;
        for n in 2..20 {
            let mut lent = room.begin().await;
            // Mostly there is no answer yet.
            let _ = read(&mut lent).now_or_never();
            drop(lent);
            room.set(n).await;
            let mut lent = room.begin().await;
            assert_eq!(read(&mut lent).await, n);
        }
    }

    #[tokio::test]
    async fn a_connection_whose_snapshot_never_began_is_closed() {
        let room = room(1).await;
        drop(room.readers.lend().await.unwrap());
        assert_eq!(room.readers.used(), (0, 0));
        let mut lent = room.begin().await;
        // A second BEGIN fails, and so must whoever would read in another's snapshot.
        sqlx::query(BEGIN).execute(&mut *lent).await.unwrap_err();
    }

    #[tokio::test]
    async fn it_only_reads() {
        let room = room(1).await;
        let mut lent = room.begin().await;
        let write = sqlx::query("UPDATE number SET n = 7");
        write.execute(&mut *lent).await.unwrap_err();
    }

    #[tokio::test]
    async fn who_finds_none_free_waits_and_then_is_told() {
        let room = room(1).await;
        let held = room.begin().await;
        let error = room.readers.lend().await.unwrap_err();
        assert_eq!(error.code(), code::STORE_UNAVAILABLE);
        drop(held);
        room.begin().await;
    }
}
