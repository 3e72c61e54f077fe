//! The end of an entry's time: its payload and its salt go, its place in the tree stays.
//!
//! Leaves, tiles and checkpoints are left as they are, so that everything still verifies; an export has the commitment in place of the entry. What has no
//! place in the tree yet is kept, and so is the evidence of a case that nobody has closed.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;

use super::{
    months::Month,
    partitions::{self, GIVE_WAY},
    witnesses::lease::{self, Holder},
};
use crate::{
    Result,
    clock::{Micros, SECOND},
    perform::Shared,
    store::{AsyncWork, Tx, on, unavailable},
};

/// Entries that one transaction deletes: few, since on SQLite nobody else writes meanwhile.
const BATCH: i64 = 500;
/// Between two of them others have their turn.
const PAUSE: Duration = Duration::from_millis(20);
/// How long a hub has the work for itself after its last batch.
const LEASE: Micros = 60 * SECOND;

/// What the work is called.
const NAME: &str = "log-retention";

const SELECT_END: &str = "-- log_select_end_of_batch
SELECT MAX(b.recorded_at) FROM (SELECT e.recorded_at FROM log_entry e
    WHERE e.recorded_at >= $1 AND e.recorded_at < $2 ORDER BY e.recorded_at, e.entry_id LIMIT $3) b";

/// What auditors still work with.
macro_rules! evidence {
    () => {
        "SELECT v.entry_id FROM review_evidence v JOIN review_case c ON c.number = v.number WHERE c.state <> 'closed'
    UNION ALL SELECT c.audit_entry_id FROM review_case c WHERE c.state <> 'closed' AND c.audit_entry_id IS NOT NULL"
    };
}

// The leaf is looked up for each row, so that no plan can think of reading all leaves.
const DELETE_EXPIRED: &str = concat!(
    "-- log_delete_expired
DELETE FROM log_entry WHERE recorded_at >= $1 AND recorded_at <= $2
    AND (SELECT l.leaf_index FROM log_leaf l WHERE l.entry_id = log_entry.entry_id) IS NOT NULL
    AND entry_id NOT IN (",
    evidence!(),
    ")"
);

const IS_NEEDED: &str = concat!(
    "-- log_month_is_needed
SELECT EXISTS (SELECT 1 FROM log_queue q WHERE q.recorded_at >= $1 AND q.recorded_at < $2)
    OR EXISTS (SELECT 1 FROM (",
    evidence!(),
    ") k JOIN log_leaf l ON l.entry_id = k.entry_id WHERE l.recorded_at >= $1 AND l.recorded_at < $2)"
);

/// What was erased.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Erased {
    pub(super) entries: u64,
    /// Months that went as a whole, whatever was left of them.
    pub(super) months: u64,
}

/// Erases what is older than the operator keeps. Nothing where all is kept, or where another hub is at it.
pub(super) async fn erase_expired(
    shared: &Arc<Shared>,
    holder: Holder,
    now: Micros,
) -> Result<Erased> {
    let mut erased = Erased::default();
    let Some(retention) = shared.settings.retention else {
        return Ok(erased);
    };
    let turn = |work| Turn { holder, now, work };
    let expired = now.saturating_sub(retention);
    for month in whole_months(shared, expired).await? {
        match shared.store.write(turn(Work::Drop(month))).await? {
            Done::NotOurs => return Ok(erased),
            Done::Nothing => {}
            Done::Erased { .. } => erased.months += 1,
        }
    }
    let mut from = Micros::MIN;
    loop {
        let batch = Work::Batch { from, expired };
        match shared.store.write(turn(batch)).await? {
            Done::NotOurs | Done::Nothing => return Ok(erased),
            Done::Erased { entries, end } => {
                erased.entries += entries;
                from = end.saturating_add(1);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Months with partitions of their own that have expired to their last moment.
async fn whole_months(shared: &Arc<Shared>, expired: Micros) -> Result<Vec<Month>> {
    let months = partitions::existing(&mut shared.store.snapshot().await?).await?;
    let over = |month: &Month| month.bounds().is_some_and(|(_, end)| end <= expired);
    Ok(months.into_iter().filter(over).collect())
}

/// One transaction of the work.
struct Turn {
    holder: Holder,
    now: Micros,
    work: Work,
}

#[derive(Clone, Copy)]
enum Work {
    Drop(Month),
    Batch { from: Micros, expired: Micros },
}

/// What a transaction did.
enum Done {
    /// Another hub has the work.
    NotOurs,
    Nothing,
    /// So many entries up to this moment, or a month.
    Erased {
        entries: u64,
        end: Micros,
    },
}

impl AsyncWork<Done> for Turn {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Done>> {
        Box::pin(async move {
            let until = self.now.saturating_add(LEASE);
            if !lease::take(tx, NAME, self.holder, self.now, until).await? {
                return Ok(Done::NotOurs);
            }
            match self.work {
                Work::Drop(month) => drop_month(tx, month).await,
                Work::Batch { from, expired } => delete(tx, from, expired).await,
            }
        })
    }
}

async fn delete(tx: &mut Tx<'_>, from: Micros, expired: Micros) -> Result<Done> {
    let (end,): (Option<Micros>,) = on!(tx, c => sqlx::query_as(SELECT_END)
        .bind(from)
        .bind(expired)
        .bind(BATCH)
        .fetch_one(c).await)
    .map_err(unavailable)?;
    let Some(end) = end else {
        return Ok(Done::Nothing);
    };
    overwrite(tx).await?;
    let entries = on!(tx, c => sqlx::query(DELETE_EXPIRED).bind(from).bind(end)
        .execute(c).await
        .map(|done| done.rows_affected()))
    .map_err(unavailable)?;
    Ok(Done::Erased { entries, end })
}

/// SQLite leaves what is deleted in its file until the place is needed, unless it is told to write zeros over it.
async fn overwrite(tx: &mut Tx<'_>) -> Result<()> {
    let Tx::Sqlite(tx) = tx else { return Ok(()) };
    let pragma = sqlx::raw_sql("PRAGMA secure_delete = ON");
    let done = pragma.execute(&mut **tx).await;
    done.map(drop).map_err(unavailable)
}

/// Dropping takes the whole table for itself, for a moment: it gives up rather than have others wait.
async fn drop_month(tx: &mut Tx<'_>, month: Month) -> Result<Done> {
    let (Tx::Postgres(tx), Some((from, to))) = (tx, month.bounds()) else {
        return Ok(Done::Nothing);
    };
    partitions::run(tx, GIVE_WAY.to_owned()).await?;
    let needed: bool = sqlx::query_scalar(IS_NEEDED)
        .bind(from)
        .bind(to)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    if needed {
        return Ok(Done::Nothing);
    }
    partitions::run(tx, format!("DROP TABLE {}", month.table())).await?;
    Ok(Done::Erased {
        entries: 0,
        end: to,
    })
}
