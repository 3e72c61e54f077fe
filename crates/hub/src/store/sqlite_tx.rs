//! A transaction on SQLite: a writer's, or a reader's snapshot.

use std::ops::{Deref, DerefMut};

use sqlx::{Connection as _, Sqlite, SqliteConnection, Transaction};

use super::readers::Lent;

/// Dropped without [`SqliteTx::commit`], it never happened.
#[derive(Debug)]
#[doc(hidden)]
pub enum SqliteTx<'c> {
    Write(Transaction<'c, Sqlite>),
    #[expect(private_interfaces, reason = "nobody outside can name what it holds")]
    Read(Lent),
}

impl SqliteTx<'_> {
    /// A savepoint. A snapshot has none: there is nothing to take back.
    pub(super) async fn nested(&mut self) -> sqlx::Result<SqliteTx<'_>> {
        SqliteConnection::begin(self).await.map(SqliteTx::Write)
    }

    pub(super) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Write(tx) => tx.commit().await,
            Self::Read(_) => Ok(()),
        }
    }

    pub(super) async fn rollback(self) -> sqlx::Result<()> {
        match self {
            Self::Write(tx) => tx.rollback().await,
            Self::Read(_) => Ok(()),
        }
    }
}

impl Deref for SqliteTx<'_> {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Write(tx) => tx,
            Self::Read(lent) => lent,
        }
    }
}

impl DerefMut for SqliteTx<'_> {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Write(tx) => tx,
            Self::Read(lent) => lent,
        }
    }
}
