//! The database without a hub: the limit that `delt bench` holds the hub against. Nothing here decides, decodes or discloses: rows are counted and
//! dropped.

mod fill;
mod insert;
mod read;

use std::time::Duration;

use sqlx::{ConnectOptions as _, Postgres, SqliteConnection, pool::PoolConnection};

use crate::{
    Result, StoreSettings,
    background::Background,
    keys::{Keyring, Secrets},
    store::{Backend, Store, unavailable},
};

/// A store, opened as a hub opens it.
#[derive(Debug)]
pub struct BareStore {
    store: Store,
    keys: Keyring,
    settings: StoreSettings,
    background: Background,
}

/// What was done, and how long it took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Done {
    pub statements: u64,
    pub rows: u64,
    pub lasted: Duration,
}

/// A connection of either kind.
enum Connection {
    Sqlite(Box<SqliteConnection>),
    Postgres(PoolConnection<Postgres>),
}

impl BareStore {
    /// Opens the store with the settings that a hub would open it with.
    pub async fn open(settings: &StoreSettings, secrets: &Secrets) -> Result<Self> {
        let background = Background::new();
        Ok(Self {
            store: Store::open(settings, &background).await?,
            keys: Keyring::new(secrets)?,
            settings: settings.clone(),
            background,
        })
    }

    /// The process of the PostgreSQL server that answers a connection; none on SQLite.
    pub async fn backend(&self) -> Result<Option<i32>> {
        match self.store.reads() {
            Backend::Sqlite { .. } => Ok(None),
            Backend::Postgres { pool, .. } => sqlx::query_scalar("SELECT pg_backend_pid()")
                .fetch_one(pool)
                .await
                .map(Some)
                .map_err(unavailable),
        }
    }

    /// Ends what works behind the store.
    pub async fn close(self) {
        self.background.shut_down().await;
    }

    /// A connection that may write.
    async fn writer(&self) -> Result<Connection> {
        self.connection(false).await
    }

    async fn connection(&self, read_only: bool) -> Result<Connection> {
        match self.store.reads() {
            Backend::Sqlite { .. } => {
                let options = self.settings.sqlite()?.read_only(read_only);
                let connection = options.connect().await;
                connection.map(Box::new).map(Connection::Sqlite)
            }
            Backend::Postgres { pool, .. } => pool.acquire().await.map(Connection::Postgres),
        }
        .map_err(unavailable)
    }
}
