//! What the rules keep from one batch to the next.

use crate::{
    Error, Result,
    clock::Micros,
    review::rules::known::{Counted, Seen},
    store::{Tx, on, unavailable},
};

const MOVE_ON: &str = "-- review_move_on
UPDATE counter SET value = $2 WHERE name = 'review_leaf' AND value = $1";

const INSERT_TALLY: &str = "-- review_insert_tally
INSERT INTO review_tally (rule, subject, window_start, member, entry_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (rule, subject, window_start, member) DO NOTHING";

const UPSERT_WORK: &str = "-- review_upsert_work
INSERT INTO review_staff (person_key, organisation, seen_at) VALUES ($1, $2, $3)
ON CONFLICT (person_key, organisation) DO UPDATE SET seen_at = excluded.seen_at WHERE excluded.seen_at > review_staff.seen_at";

const FORGET_TALLIES: &str = "-- review_forget_tallies
DELETE FROM review_tally WHERE (rule, subject, window_start, member) IN
    (SELECT rule, subject, window_start, member FROM review_tally WHERE window_start < $1 LIMIT $2)";

const FORGET_WORK: &str = "-- review_forget_work
DELETE FROM review_staff WHERE (person_key, organisation) IN
    (SELECT person_key, organisation FROM review_staff WHERE seen_at < $1 LIMIT $2)";

/// Moves from one leaf to another, unless another hub has meanwhile. Whoever moves holds the row until the transaction ends.
pub(in super::super) async fn move_on(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<bool> {
    let value = |leaf: u64| i64::try_from(leaf).map_err(Error::internal);
    let (from, to) = (value(from)?, value(to)?);
    let moved = on!(tx, c => sqlx::query(MOVE_ON).bind(from).bind(to).execute(c).await
        .map(|done| done.rows_affected()));
    Ok(moved.map_err(unavailable)? == 1)
}

pub(in super::super) async fn keep_counted(tx: &mut Tx<'_>, counted: &Counted) -> Result<()> {
    let window = &counted.window;
    on!(tx, c => sqlx::query(INSERT_TALLY)
        .bind(window.rule.as_str())
        .bind(window.subject.as_str())
        .bind(window.day)
        .bind(counted.member.as_slice())
        .bind(counted.entry.as_bytes().as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

pub(in super::super) async fn keep_seen(tx: &mut Tx<'_>, seen: &Seen) -> Result<()> {
    on!(tx, c => sqlx::query(UPSERT_WORK)
        .bind(seen.person.as_bytes().as_slice())
        .bind(seen.organisation.as_str())
        .bind(seen.at)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// Forgets tallies of days before `day` and work before `work`, at most `limit` of each.
pub(in super::super) async fn forget(
    tx: &mut Tx<'_>,
    day: Micros,
    work: Micros,
    limit: i64,
) -> Result<()> {
    for (statement, before) in [(FORGET_TALLIES, day), (FORGET_WORK, work)] {
        on!(tx, c => sqlx::query(statement).bind(before).bind(limit).execute(c).await.map(drop))
            .map_err(unavailable)?;
    }
    Ok(())
}
