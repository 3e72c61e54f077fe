//! What the log has under one patient key.

use delt_ledger::{Chain, Commitment, Entry, Hash, Salt};
use delt_policy::PatientKey;
use uuid::Uuid;

use crate::{
    Error, Result,
    audit::{log_rows::hash, operations::visits::Place},
    clock::Micros,
    store::{Tx, on, unavailable},
};

const SELECT_CHAIN: &str = "-- chain_select
SELECT number, head FROM patient_chain WHERE patient_key = $1";

/// The queue is what was logged within the last second or so.
const SELECT_FIRST_QUEUED: &str = "-- chain_first_queued
SELECT e.payload FROM log_queue q JOIN log_entry e ON e.recorded_at = q.recorded_at AND e.entry_id = q.entry_id
WHERE q.patient_key = $1 AND q.patient_number IS NOT NULL ORDER BY q.patient_number LIMIT 1";

const SELECT_ENTRIES: &str = "-- chain_entries
SELECT e.recorded_at, e.entry_id, e.salt, e.payload, l.leaf_index
FROM log_entry e LEFT JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE e.patient_key = $1 AND e.recorded_at >= $2 AND (e.recorded_at > $2 OR e.entry_id > $3)
ORDER BY e.recorded_at, e.entry_id LIMIT $4";

const SELECT_COSIGNATURES: &str = "-- chain_cosignatures
SELECT line FROM log_cosignature WHERE tree_size = $1 ORDER BY witness";

/// How far the chain has come, sealed or not.
pub(super) async fn chain(tx: &mut Tx<'_>, key: &PatientKey) -> Result<Option<Chain>> {
    let row: Option<(i64, Vec<u8>)> = on!(tx, c => sqlx::query_as(SELECT_CHAIN)
        .bind(key.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(|(number, head)| {
        Ok(Chain {
            number: u64::try_from(number).map_err(Error::internal)?,
            head: hash(&head)?,
        })
    })
    .transpose()
}

/// The chain before the first entry that has no place in the tree yet.
pub(super) async fn before_queued(tx: &mut Tx<'_>, key: &PatientKey) -> Result<Option<Chain>> {
    let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_FIRST_QUEUED)
        .bind(key.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    let Some((payload,)) = row else {
        return Ok(None);
    };
    let entry = Entry::from_json(&payload).map_err(Error::internal)?;
    Ok(entry.patient_chain.map(|link| Chain {
        number: link.number.saturating_sub(1),
        head: link.previous,
    }))
}

/// An entry of the chain. Its hash is that of what is kept, not one that stands beside it.
#[derive(Debug)]
pub(super) struct Linked {
    pub(super) place: Place,
    pub(super) entry: Entry,
    pub(super) leaf: Hash,
    pub(super) leaf_index: Option<u64>,
}

type Row = (Micros, Vec<u8>, Vec<u8>, Vec<u8>, Option<i64>);

/// Entries behind a place, oldest first.
pub(super) async fn after(
    tx: &mut Tx<'_>,
    key: &PatientKey,
    after: Place,
    limit: i64,
) -> Result<Vec<Linked>> {
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_ENTRIES)
        .bind(key.as_bytes().as_slice())
        .bind(after.at)
        .bind(after.id.as_bytes().as_slice())
        .bind(limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(linked).collect()
}

fn linked((at, id, salt, payload, leaf_index): Row) -> Result<Linked> {
    let salt = Salt::from_slice(&salt).map_err(Error::internal)?;
    Ok(Linked {
        place: Place {
            at,
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
        },
        entry: Entry::from_json(&payload).map_err(Error::internal)?,
        leaf: Commitment::of(&salt, &payload).leaf(),
        leaf_index: leaf_index
            .map(u64::try_from)
            .transpose()
            .map_err(Error::internal)?,
    })
}

/// The lines of those who cosigned the tree of this size.
pub(super) async fn cosignatures(tx: &mut Tx<'_>, size: u64) -> Result<Vec<String>> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    let rows: Vec<(String,)> =
        on!(tx, c => sqlx::query_as(SELECT_COSIGNATURES).bind(size).fetch_all(c).await)
            .map_err(unavailable)?;
    Ok(rows.into_iter().map(|(line,)| line).collect())
}
