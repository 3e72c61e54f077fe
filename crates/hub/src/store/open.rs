//! Opening a store: pools, durability settings, migrations.

use std::{str::FromStr as _, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection as _, SqliteConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Backend, Store, unavailable, writer::Writers};
use crate::{Error, Result, background::Background};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Where the store is and how many connections it may use.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// `sqlite:///var/lib/delt/delt.db` or `postgres://…`.
    pub url: String,
    /// Connections for reading; the writers have their own.
    pub read_connections: u32,
    /// Longest wait for a connection or a commit, in milliseconds. Past it the request fails and nothing is disclosed.
    pub timeout_ms: u64,
}

impl StoreSettings {
    fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl Store {
    /// Opens the store and brings its schema up to date.
    pub(crate) async fn open(settings: &StoreSettings, background: &Background) -> Result<Self> {
        if settings.url.starts_with("sqlite:") {
            Self::open_sqlite(settings, background).await
        } else if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            Self::open_postgres(settings, background).await
        } else {
            Err(Error::invalid(
                "store.url",
                "must begin with sqlite: or postgres:",
            ))
        }
    }

    async fn open_sqlite(settings: &StoreSettings, background: &Background) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(&settings.url)
            .map_err(|_| Error::invalid("store.url", "is not a SQLite address"))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a commit that was acknowledged survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .pragma("mmap_size", "268435456")
            .page_size(16_384)
            .busy_timeout(settings.timeout())
            // Batches are of many lengths, and each is a statement.
            .statement_cache_capacity(1_024)
            .row_buffer_size(1_024);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(settings.timeout())
            .before_acquire(|connection, _| {
                Box::pin(async { Ok(is_between_transactions(connection)) })
            })
            .connect_with(options.clone())
            .await
            .map_err(unavailable)?;
        SQLITE.run(&write).await.map_err(migration)?;
        let read = SqlitePoolOptions::new()
            .max_connections(settings.read_connections)
            .acquire_timeout(settings.timeout())
            .test_before_acquire(false)
            .connect_with(options.read_only(true))
            .await
            .map_err(unavailable)?;
        let writers = Writers::sqlite(&write, settings.timeout(), background);
        Ok(Self {
            reads: Backend::Sqlite(read),
            writers,
        })
    }

    async fn open_postgres(settings: &StoreSettings, background: &Background) -> Result<Self> {
        let options = PgConnectOptions::from_str(&settings.url)
            .map_err(|_| Error::invalid("store.url", "is not a PostgreSQL address"))?
            .application_name("delt");
        let idle = settings.timeout_ms;
        let pool = PgPoolOptions::new()
            .max_connections(settings.read_connections + writer::POSTGRES_WRITERS + 1)
            .acquire_timeout(settings.timeout())
            .after_connect(move |connection, _| {
                let set = sqlx::raw_sql(AssertSqlSafe(format!("{END_IDLE} = {idle}")));
                Box::pin(async move { set.execute(connection).await.map(drop) })
            })
            .connect_with(options)
            .await
            .map_err(unavailable)?;
        POSTGRES.run(&pool).await.map_err(migration)?;
        let writers = Writers::postgres(&pool, settings.timeout(), background);
        Ok(Self {
            reads: Backend::Postgres(pool),
            writers,
        })
    }
}

use super::writer;

/// A hub that stands still in the middle of a transaction may hold what the others need: a patient's chain, the log's head. It has missed its own time
/// limit by then, so the database ends the transaction (milliseconds).
const END_IDLE: &str = "SET idle_in_transaction_session_timeout";

/// Whether a connection can begin a transaction. On a full disk SQLite itself takes the whole transaction back; the driver then counts one that is no
/// longer there, and no other can ever begin on that connection. The pool drops it and opens another.
fn is_between_transactions(connection: &SqliteConnection) -> bool {
    !connection.is_in_transaction()
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn migration(error: sqlx::migrate::MigrateError) -> Error {
    tracing::error!(%error, "the schema cannot be brought up to date");
    Error::new(crate::error::code::STORE_UNAVAILABLE)
        .with_message("the schema of the store is not one that this version can use")
}
