//! Reading the log newest first, by an index and under further conditions.

use sqlx::{FromRow, SqlSafeStr, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    KeptEntry,
    ways::{Ask, Branch, Way},
};
use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, unavailable},
};

/// Where to go on: strictly before this moment and entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Before {
    pub(super) at: Micros,
    pub(super) id: Uuid,
}

impl Before {
    /// Before everything of this moment and later.
    pub(super) const fn moment(at: Micros) -> Self {
        Self {
            at,
            id: Uuid::nil(),
        }
    }

    /// Before this entry.
    pub(super) const fn of(kept: &KeptEntry) -> Self {
        Self {
            at: kept.recorded_at,
            id: kept.id,
        }
    }
}

/// What holds beside the way that was taken. All that are given must.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    /// The acting or the responsible person.
    pub(super) person: Option<String>,
    /// Any of these places, as a JSON list.
    pub(super) organisations: Option<String>,
    pub(super) system: Option<String>,
    pub(super) operation: Option<String>,
    pub(super) outcome: Option<&'static str>,
    pub(super) purpose: Option<String>,
    /// Bytes that stand in the payload.
    pub(super) document: Option<Vec<u8>>,
}

/// A row that says where it stands.
pub(super) trait Listed:
    Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
    const ASK: Ask;
    fn id(&self) -> &[u8];
    fn at(&self) -> Micros;
}

/// Where an entry stands: its id, its time, its leaf.
pub(super) type Place = (Vec<u8>, Micros, Option<i64>);

impl Listed for Place {
    const ASK: Ask = Ask::Places;

    fn id(&self) -> &[u8] {
        &self.0
    }

    fn at(&self) -> Micros {
        self.1
    }
}

/// Rows newest first, and where to go on; none where nothing is left.
#[derive(Debug)]
pub(super) struct Step<T> {
    pub(super) rows: Vec<T>,
    pub(super) next: Option<Before>,
}

/// Runs `$with` for the backend, with the branch's own value as bytes or as text.
macro_rules! entered {
    ($tx:expr, $branch:expr, $statement:expr, $with:ident) => {
        match ($tx, first($branch)) {
            (Tx::Sqlite(c), First::Key(key)) => $with!($statement, c, key),
            (Tx::Sqlite(c), First::Word(word)) => $with!($statement, c, word),
            (Tx::Postgres(c), First::Key(key)) => $with!($statement, c, key),
            (Tx::Postgres(c), First::Word(word)) => $with!($statement, c, word),
        }
    };
}

/// One search: ranges of indexes, the conditions, and since when.
#[derive(Debug, Clone)]
pub(super) struct Search {
    pub(super) branches: Vec<Branch>,
    pub(super) conditions: Conditions,
    pub(super) since: Micros,
}

impl Search {
    pub(super) fn new(way: &Way, conditions: Conditions, since: Micros) -> Self {
        Self {
            branches: way.branches(),
            conditions,
            since,
        }
    }

    /// The newest rows before a place, `limit` at most. Where conditions leave out what an index finds, it looks at no more than about `look` rows of each
    /// range, and says how far it came.
    pub(super) async fn step<T: Listed>(
        &self,
        tx: &mut Tx<'_>,
        before: Before,
        look: i64,
        limit: usize,
    ) -> Result<Step<T>> {
        let floor = if self.conditions == Conditions::default() {
            None
        } else {
            self.floor(tx, before, look).await?
        };
        let down_to = floor.unwrap_or(Before::moment(self.since));
        let mut rows: Vec<T> = Vec::new();
        for branch in &self.branches {
            rows.extend(self.read(tx, branch, down_to, before, limit).await?);
        }
        rows.sort_unstable_by(|a, b| (b.at(), b.id()).cmp(&(a.at(), a.id())));
        rows.dedup_by(|a, b| a.id() == b.id());
        rows.truncate(limit);
        let next = match rows.last().filter(|_| rows.len() == limit) {
            Some(last) => Some(place(last)?),
            None => floor,
        };
        Ok(Step { rows, next })
    }

    /// Down to where every range has been looked at: the newest of the places where they end after `look` rows. None where all of them end sooner.
    pub(super) async fn floor(
        &self,
        tx: &mut Tx<'_>,
        before: Before,
        look: i64,
    ) -> Result<Option<Before>> {
        let mut floor = None;
        for branch in &self.branches {
            floor = floor.max(self.passed(tx, branch, before, look).await?);
        }
        Ok(floor)
    }

    async fn passed(
        &self,
        tx: &mut Tx<'_>,
        branch: &Branch,
        before: Before,
        look: i64,
    ) -> Result<Option<Before>> {
        let statement = branch.text(Ask::Floor).on(tx);
        let nil = Uuid::nil();
        macro_rules! row {
            ($text:expr, $c:expr, $first:expr) => {
                sqlx::query_as::<_, (Micros, Vec<u8>)>($text)
                    .bind($first)
                    .bind(self.since)
                    .bind(before.at)
                    .bind(before.id.as_bytes().as_slice())
                    .bind(nil.as_bytes().as_slice())
                    .bind(look)
                    .fetch_optional(&mut **$c)
                    .await
            };
        }
        let row = entered!(tx, branch, statement, row).map_err(unavailable)?;
        row.map(|(at, id)| {
            let id = Uuid::from_slice(&id).map_err(Error::internal)?;
            Ok(Before { at, id })
        })
        .transpose()
    }

    async fn read<T: Listed>(
        &self,
        tx: &mut Tx<'_>,
        branch: &Branch,
        down_to: Before,
        before: Before,
        limit: usize,
    ) -> Result<Vec<T>> {
        let statement = branch.text(T::ASK).on(tx);
        self.fetch(tx, branch, statement, (down_to, before), limit)
            .await
    }

    async fn fetch<T>(
        &self,
        tx: &mut Tx<'_>,
        branch: &Branch,
        statement: impl SqlSafeStr + Send,
        (down_to, before): (Before, Before),
        limit: usize,
    ) -> Result<Vec<T>>
    where
        T: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>,
    {
        let limit = i64::try_from(limit).map_err(Error::internal)?;
        let given = &self.conditions;
        macro_rules! rows {
            ($statement:expr, $c:expr, $first:expr) => {
                sqlx::query_as::<_, T>($statement)
                    .bind($first)
                    .bind(down_to.at)
                    .bind(before.at)
                    .bind(before.id.as_bytes().as_slice())
                    .bind(down_to.id.as_bytes().as_slice())
                    .bind(limit)
                    .bind(given.person.as_deref())
                    .bind(given.organisations.as_deref())
                    .bind(given.system.as_deref())
                    .bind(given.operation.as_deref())
                    .bind(given.outcome)
                    .bind(given.purpose.as_deref())
                    .bind(given.document.as_deref())
                    .fetch_all(&mut **$c)
                    .await
            };
        }
        entered!(tx, branch, statement, rows).map_err(unavailable)
    }

    /// How the database would read one of the ranges (`EXPLAIN`), one step a line.
    #[cfg(any(test, feature = "bench"))]
    pub(super) async fn explain(
        &self,
        tx: &mut Tx<'_>,
        branch: &Branch,
        before: Before,
        limit: usize,
        options: &str,
    ) -> Result<Vec<String>> {
        let text = branch.text(Ask::Entries).on(tx);
        let range = (Before::moment(self.since), before);
        if matches!(tx, Tx::Sqlite(_)) {
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
            let rows: Vec<(i64, i64, i64, String)> =
                self.fetch(tx, branch, explain, range, limit).await?;
            return Ok(rows.into_iter().map(|row| row.3).collect());
        }
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN {options} {text}"));
        let rows: Vec<(String,)> = self.fetch(tx, branch, explain, range, limit).await?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}

fn place<T: Listed>(row: &T) -> Result<Before> {
    Ok(Before {
        at: row.at(),
        id: Uuid::from_slice(row.id()).map_err(Error::internal)?,
    })
}

/// The value that a range is entered by.
enum First<'a> {
    Key(&'a [u8]),
    Word(&'a str),
}

fn first(branch: &Branch) -> First<'_> {
    match branch {
        Branch::Patient(key) => First::Key(key.as_bytes()),
        Branch::Person(id)
        | Branch::Responsible(id)
        | Branch::Organisation(id)
        | Branch::System(id)
        | Branch::Purpose(id) => First::Word(id),
        Branch::Outcome(outcome) => First::Word(outcome),
        Branch::Time => First::Word("any"),
    }
}
