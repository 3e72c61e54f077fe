//! The store: a closed set of two backends, SQLite embedded and PostgreSQL.
//!
//! One SQL text per statement wherever both databases take it: `$1` placeholders, `BIGINT` for every number, `BYTEA`/`BLOB` for every key.
//! Reads run in a snapshot; writes go through [`writer`], where many requests share one durable commit.

mod batch;
mod cells;
mod in_place;
mod load;
mod migrations;
mod open;
mod postgres;
mod readers;
mod sqlite_tx;
mod standby;
mod statement;
mod values;
mod writer;

use std::sync::Arc;

use sqlx::{Connection as _, PgPool, Postgres, SqlStr, Transaction};

use crate::{
    Error, Result,
    audit::{Pending, Written},
    error::code,
};

pub(crate) use batch::AsyncWork;
pub(crate) use cells::Cells;
pub(crate) use in_place::{Asked, InPlace};
pub use load::StoreLoad;
pub use open::StoreSettings;
pub(crate) use readers::{Lent, Readers};
pub(crate) use sqlite_tx::SqliteTx;
use standby::Standby;
pub(crate) use statement::on;
pub(crate) use values::Values;
use writer::Writers;

/// The two backends, each with the connections that reads use.
#[derive(Debug, Clone)]
pub(crate) enum Backend {
    Sqlite {
        readers: Arc<Readers>,
        in_place: Arc<InPlace>,
    },
    Postgres {
        pool: PgPool,
        /// The statement that begins a snapshot.
        begin: SqlStr,
        /// Whether a pooler is between: a statement outside a transaction may then meet another connection than the one that prepared it.
        pooled: bool,
    },
}

/// The hub's store. Only operations reach it, and only with the scope that a decision gave them.
#[derive(Debug)]
pub(crate) struct Store {
    reads: Backend,
    standby: Option<Standby>,
    writers: Writers,
}

/// A transaction on either backend. Dropped without [`Tx::commit`], it never happened.
#[derive(Debug)]
#[doc(hidden)]
pub enum Tx<'c> {
    Sqlite(SqliteTx<'c>),
    Postgres(Transaction<'c, Postgres>),
}

/// A snapshot that has not begun, or one that has where beginning it is no trip of its own.
#[derive(Debug)]
pub(crate) enum Unbegun {
    Sqlite(Lent),
    Postgres(Tx<'static>),
}

impl Store {
    /// The connections that reads use.
    pub(crate) const fn reads(&self) -> &Backend {
        &self.reads
    }

    /// A snapshot: what it reads first is what it reads last.
    pub(crate) async fn snapshot(&self) -> Result<Tx<'static>> {
        match self.lend().await? {
            Unbegun::Sqlite(lent) => {
                let begun = lent.begin().await?;
                Ok(Tx::Sqlite(SqliteTx::Read(begun)))
            }
            Unbegun::Postgres(tx) => Ok(tx),
        }
    }

    /// What a snapshot can be begun on together with its first statement, where that saves a trip.
    pub(crate) async fn lend(&self) -> Result<Unbegun> {
        match &self.reads {
            Backend::Sqlite { readers, .. } => readers.lend().await.map(Unbegun::Sqlite),
            Backend::Postgres { pool, begin, .. } => begin_whole(pool, begin.clone())
                .await
                .map(Unbegun::Postgres)
                .map_err(unavailable),
        }
    }

    /// A snapshot of the standby's that has all that this one has; this one where there is no standby, or none that has it.
    pub(crate) async fn on_standby(&self, mut tx: Tx<'static>) -> Result<Tx<'static>> {
        let Some(standby) = &self.standby else {
            return Ok(tx);
        };
        let there = standby.instead_of(&mut tx).await?;
        Ok(there.unwrap_or(tx))
    }

    /// Runs `work` in a transaction that other requests' work may share, and returns once it is durable.
    ///
    /// Where `work` fails, nothing of it is kept and its neighbours do not notice.
    pub(crate) async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: AsyncWork<T>,
    {
        self.writers.commands.run(work).await
    }

    /// Appends an entry to the access log together with those of other requests; durable when this returns.
    pub(crate) async fn append(&self, entry: Pending) -> Result<Written> {
        self.writers.appends.append(entry).await
    }

    /// Whether the store answers now.
    pub(crate) async fn is_ready(&self) -> bool {
        let Ok(mut tx) = self.snapshot().await else {
            return false;
        };
        on!(&mut tx, c => sqlx::query("SELECT 1").execute(c).await.is_ok())
    }
}

/// Begins a transaction on PostgreSQL, to the end even where the caller goes away meanwhile.
///
/// The driver does not know of a transaction whose BEGIN was sent and not yet answered: were it given up there, the pool would hand its connection on
/// within that transaction, and what the next one writes would fail because it only reads.
#[expect(
    clippy::disallowed_methods,
    reason = "bounded by the pool's own timeout, and nobody waits for it at the end"
)]
async fn begin_whole(
    pool: &PgPool,
    statement: SqlStr,
) -> std::result::Result<Tx<'static>, sqlx::Error> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(statement).await });
    begun
        .await
        .map_err(|_| sqlx::Error::WorkerCrashed)?
        .map(Tx::Postgres)
}

impl Tx<'_> {
    /// A savepoint within this transaction.
    pub(crate) async fn nested(&mut self) -> Result<Tx<'_>> {
        match self {
            Tx::Sqlite(tx) => tx.nested().await.map(Tx::Sqlite),
            Tx::Postgres(tx) => tx.begin().await.map(Tx::Postgres),
        }
        .map_err(unavailable)
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await,
            Tx::Postgres(tx) => tx.commit().await,
        }
        .map_err(unavailable)
    }

    pub(crate) async fn rollback(self) -> Result<()> {
        match self {
            Tx::Sqlite(tx) => tx.rollback().await,
            Tx::Postgres(tx) => tx.rollback().await,
        }
        .map_err(unavailable)
    }
}

/// A database error as the caller may see it. The log gets its kind, not its text, which can hold values.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(crate) fn unavailable(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(fault) => {
            tracing::error!(code = ?fault.code(), kind = ?fault.kind(), constraint = ?fault.constraint(), "database fault");
        }
        sqlx::Error::ColumnDecode { index, .. } => {
            tracing::error!(%index, "a stored row cannot be read");
            return Error::new(code::INTERNAL);
        }
        other => tracing::error!(error = %other, "store unavailable"),
    }
    Error::new(code::STORE_UNAVAILABLE).retry_after_ms(1_000)
}
