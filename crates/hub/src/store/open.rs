//! Opening a store: pools, durability settings, migrations.

use std::{str::FromStr as _, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, PgPool, SqliteConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Backend, InPlace, Readers, Standby, Store, migrations,
    postgres::{self, Begin},
    unavailable,
    writer::{self, Writers},
};
use crate::{Error, Result, background::Background};

/// Where the store is and how many connections it may use.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// `sqlite:///var/lib/delt/delt.db` or `postgres://…`.
    pub url: String,
    /// A pooler in front of the database of `url`, which hands its connections out for a transaction at a time. Migrations go past it.
    pub pooler_url: Option<String>,
    /// A standby of the same database, which answers what reads much and treats nobody: searches of the access log, reports.
    pub standby_url: Option<String>,
    /// Connections for reading; the writers have their own.
    pub read_connections: u32,
    /// Longest wait for a connection or a commit, in milliseconds. Past it the request fails and nothing is disclosed.
    pub timeout_ms: u64,
    /// Longest that `PostgreSQL` works on a statement, in milliseconds: as long as a request may take, for then nobody waits for the answer any more.
    pub statement_ms: u64,
}

impl StoreSettings {
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// How a connection to SQLite is opened.
    pub(crate) fn sqlite(&self) -> Result<SqliteConnectOptions> {
        Ok(SqliteConnectOptions::from_str(&self.url)
            .map_err(|_| Error::invalid("store.url", "is not a SQLite address"))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a commit that was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .page_size(16_384)
            // In KiB, for each connection. No mapping of the file: beside a writer it is made anew again and again, and on each connection counts as memory.
            .pragma("cache_size", "-4096")
            // What a savepoint or a statement may have to take back is kept in memory: no file is made and removed for it in each batch.
            .pragma("temp_store", "MEMORY")
            .busy_timeout(self.timeout())
            // Batches are of many lengths, and each is a statement.
            .statement_cache_capacity(1_024)
            .row_buffer_size(1_024))
    }
}

impl Store {
    /// Opens the store and brings its schema up to date.
    pub(crate) async fn open(settings: &StoreSettings, background: &Background) -> Result<Self> {
        if settings.url.starts_with("sqlite:") {
            Box::pin(Self::open_sqlite(settings, background)).await
        } else if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            Box::pin(Self::open_postgres(settings, background)).await
        } else {
            Err(Error::invalid(
                "store.url",
                "must begin with sqlite: or postgres:",
            ))
        }
    }

    async fn open_sqlite(settings: &StoreSettings, background: &Background) -> Result<Self> {
        let options = settings.sqlite()?;
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(settings.timeout())
            .before_acquire(|connection, _| {
                Box::pin(async { Ok(is_between_transactions(connection)) })
            })
            .connect_with(options.clone())
            .await
            .map_err(unavailable)?;
        migrations::sqlite(&write).await?;
        let most = usize::try_from(settings.read_connections).unwrap_or(usize::MAX);
        let in_place = Arc::new(InPlace::new(options.get_filename().to_owned()));
        let readers = Readers::new(options, most, settings.timeout());
        let writers = Writers::sqlite(&write, settings.timeout(), background);
        Ok(Self {
            reads: Backend::Sqlite { readers, in_place },
            standby: None,
            writers,
        })
    }

    async fn open_postgres(settings: &StoreSettings, background: &Background) -> Result<Self> {
        let direct = postgres::direct(settings)?;
        // Migrations hold a lock for a session, and may take as long as they need.
        let once = PgPoolOptions::new().max_connections(1);
        let once = connect(once.acquire_timeout(settings.timeout()), direct.clone()).await?;
        migrations::postgres(&once).await?;
        once.close().await;
        let pool = if let Some(pooled) = postgres::pooled(settings)? {
            connect(connections(settings), pooled).await?
        } else {
            let sessions = postgres::own_sessions(connections(settings), settings);
            connect(sessions, direct).await?
        };
        let begin = Begin::new(settings);
        let standby = Standby::of(settings)?;
        let writers = Writers::postgres(&pool, &begin.write, settings.timeout(), background);
        Ok(Self {
            reads: Backend::Postgres {
                pool,
                begin: begin.snapshot,
                pooled: settings.pooler_url.is_some(),
            },
            standby,
            writers,
        })
    }
}

fn connections(settings: &StoreSettings) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(settings.read_connections + writer::POSTGRES_WRITERS + writer::POSTGRES_APPENDERS)
        .acquire_timeout(settings.timeout())
        // A round trip for each request would be the price of finding out at once that the database has been restarted.
        .test_before_acquire(false)
        .before_acquire(|connection, seen| {
            Box::pin(async move {
                if seen.idle_for > UNTESTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// So long a connection to PostgreSQL may have been idle and is still taken for a good one.
const UNTESTED: Duration = Duration::from_secs(1);

async fn connect(pool: PgPoolOptions, to: PgConnectOptions) -> Result<PgPool> {
    pool.connect_with(to).await.map_err(unavailable)
}

/// Whether a connection can begin a transaction. On a full disk SQLite itself takes the whole transaction back; the driver then counts one that is no
/// longer there, and no other can ever begin on that connection. The pool drops it and opens another.
fn is_between_transactions(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}
