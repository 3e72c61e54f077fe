//! Rows of cosignatures and of how each witness is doing.
//!
//! A witness is known by its vkey: a policy may call it something else tomorrow.

use crate::{
    Error, Result,
    clock::{HOUR, Micros},
    store::{Tx, on, unavailable},
};

const SELECT_WITNESSES: &str = "-- witness_select
SELECT witness, tree_size, cosigned_at, problem FROM log_witness";

const PUT_WITNESS: &str = "-- witness_put
INSERT INTO log_witness (witness, tree_size, cosigned_at, asked_at, problem) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (witness) DO UPDATE SET tree_size = excluded.tree_size, cosigned_at = COALESCE(excluded.cosigned_at, log_witness.cosigned_at),
    asked_at = excluded.asked_at, problem = excluded.problem";

const PUT_COSIGNATURE: &str = "-- cosignature_put
INSERT INTO log_cosignature (tree_size, witness, line, received_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tree_size, witness) DO UPDATE SET line = excluded.line, received_at = excluded.received_at";

const SELECT_COSIGNATURES: &str = "-- cosignature_select_newest
SELECT s.tree_size, c.signed_at, c.note, s.witness, s.line, s.received_at
FROM log_cosignature s JOIN log_checkpoint c ON c.tree_size = s.tree_size
ORDER BY s.tree_size DESC, s.witness LIMIT $1";

const PRUNE: &str = "-- cosignature_prune
DELETE FROM log_cosignature WHERE tree_size >= $1 AND tree_size < $2";

const SELECT_WAITING_SINCE: &str = "-- checkpoint_waiting_since
SELECT signed_at FROM log_checkpoint WHERE tree_size > $1 ORDER BY tree_size LIMIT 1";

/// Cosignatures that are read to find the newest checkpoint with enough of them: those of the few newest checkpoints.
const NEWEST: i64 = 512;

/// How a witness is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WitnessRow {
    pub(super) vkey: String,
    pub(super) tree_size: u64,
    pub(super) cosigned_at: Option<Micros>,
    pub(super) problem: Option<String>,
}

pub(super) async fn witnesses(tx: &mut Tx<'_>) -> Result<Vec<WitnessRow>> {
    let rows: Vec<(String, i64, Option<Micros>, Option<String>)> =
        on!(tx, c => sqlx::query_as(SELECT_WITNESSES).fetch_all(c).await).map_err(unavailable)?;
    rows.into_iter()
        .map(|(vkey, tree_size, cosigned_at, problem)| {
            Ok(WitnessRow {
                vkey,
                tree_size: u64::try_from(tree_size).map_err(Error::internal)?,
                cosigned_at,
                problem,
            })
        })
        .collect()
}

pub(super) async fn put_witness(tx: &mut Tx<'_>, row: &WitnessRow, asked_at: Micros) -> Result<()> {
    let size = i64::try_from(row.tree_size).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(PUT_WITNESS)
        .bind(row.vkey.as_str())
        .bind(size)
        .bind(row.cosigned_at)
        .bind(asked_at)
        .bind(row.problem.as_deref())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

pub(super) async fn put_cosignature(
    tx: &mut Tx<'_>,
    size: u64,
    vkey: &str,
    line: &str,
    received_at: Micros,
) -> Result<()> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(PUT_COSIGNATURE)
        .bind(size)
        .bind(vkey)
        .bind(line)
        .bind(received_at)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// A checkpoint with the cosignatures that are kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CosignedRow {
    pub(super) size: u64,
    pub(super) signed_at: Micros,
    /// With the log's own signature alone.
    pub(super) note: String,
    /// The lines, by the witness's vkey.
    pub(super) lines: Vec<(String, String)>,
    /// When the last of them came.
    pub(super) received_at: Micros,
}

type JoinedRow = (i64, Micros, String, String, String, Micros);

/// The newest checkpoints that have cosignatures, newest first.
pub(super) async fn cosigned(tx: &mut Tx<'_>) -> Result<Vec<CosignedRow>> {
    let rows: Vec<JoinedRow> =
        on!(tx, c => sqlx::query_as(SELECT_COSIGNATURES).bind(NEWEST).fetch_all(c).await)
            .map_err(unavailable)?;
    let mut found: Vec<CosignedRow> = Vec::new();
    for (size, signed_at, note, vkey, line, received_at) in rows {
        let size = u64::try_from(size).map_err(Error::internal)?;
        match found.last_mut() {
            Some(last) if last.size == size => {
                last.lines.push((vkey, line));
                last.received_at = last.received_at.max(received_at);
            }
            _ => found.push(CosignedRow {
                size,
                signed_at,
                note,
                lines: vec![(vkey, line)],
                received_at,
            }),
        }
    }
    Ok(found)
}

/// Forgets what is of no more use once `published` is the newest with enough cosignatures: all between the one before and it; and that one,
/// unless it was the last of its hour. So one of each hour stays for good.
pub(super) async fn prune(
    tx: &mut Tx<'_>,
    before: &CosignedRow,
    published: &CosignedRow,
) -> Result<()> {
    let same_hour = before.received_at / HOUR == published.received_at / HOUR;
    let from = before.size.saturating_add(u64::from(!same_hour));
    forget(tx, from, published.size).await
}

/// Forgets the cosignatures of checkpoints of size `from` up to, not including, `to`.
pub(super) async fn forget(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<()> {
    let [from, to] = [from, to].map(i64::try_from);
    let (from, to) = (from.map_err(Error::internal)?, to.map_err(Error::internal)?);
    on!(tx, c => sqlx::query(PRUNE).bind(from).bind(to).execute(c).await.map(drop))
        .map_err(unavailable)
}

/// When the first checkpoint above a size was signed.
pub(super) async fn waiting_since(tx: &mut Tx<'_>, size: u64) -> Result<Option<Micros>> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    let row: Option<(Micros,)> =
        on!(tx, c => sqlx::query_as(SELECT_WAITING_SINCE).bind(size).fetch_optional(c).await)
            .map_err(unavailable)?;
    Ok(row.map(|(signed_at,)| signed_at))
}
