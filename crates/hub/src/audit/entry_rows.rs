//! Reading entries back.

use delt_ledger::{Commitment, Entry, Hash, Salt};
use uuid::Uuid;

use super::{log_rows::hash, search_rows::Listed, ways::Ask};
use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const SELECT_ONE: &str = "-- audit_select_one
SELECT e.entry_id, e.recorded_at, l.leaf_index, e.commitment, e.salt, e.payload
FROM log_entry e LEFT JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE e.recorded_at >= $2 AND e.recorded_at < $3 AND e.entry_id = $1";

macro_rules! select_by_leaves {
    ($list:literal) => {
        concat!(
            "-- audit_select_by_leaves
SELECT l.entry_id, l.recorded_at, l.leaf_index, l.commitment, e.salt, e.payload
FROM log_leaf l LEFT JOIN log_entry e ON e.recorded_at = l.recorded_at AND e.entry_id = l.entry_id
WHERE l.leaf_index ",
            $list,
            " ORDER BY l.leaf_index"
        )
    };
}

const SELECT_BY_LEAVES_SQLITE: &str = select_by_leaves!("IN (SELECT value FROM json_each($1))");
const SELECT_BY_LEAVES_POSTGRES: &str = select_by_leaves!("= ANY($1)");

/// An entry as it is kept: its payload is gone once its retention has ended.
#[derive(Debug, Clone)]
pub struct KeptEntry {
    pub id: Uuid,
    pub recorded_at: Micros,
    /// Its place in the log; none until it is sealed.
    pub leaf_index: Option<u64>,
    pub leaf_hash: Hash,
    pub commitment: Commitment,
    /// Gone together with the payload.
    pub salt: Option<Salt>,
    /// The canonical JSON that is hashed.
    pub payload: Option<Vec<u8>>,
}

impl KeptEntry {
    /// The entry as data.
    pub fn entry(&self) -> Result<Option<Entry>> {
        self.payload
            .as_deref()
            .map(Entry::from_json)
            .transpose()
            .map_err(Error::internal)
    }
}

/// A row of a whole entry.
pub(super) type EntryRow = (
    Vec<u8>,
    Micros,
    Option<i64>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

impl Listed for EntryRow {
    const ASK: Ask = Ask::Entries;

    fn id(&self) -> &[u8] {
        &self.0
    }

    fn at(&self) -> Micros {
        self.1
    }
}

pub(super) async fn one(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<KeptEntry>> {
    let (from, to) = recorded_within(id);
    let row: Option<EntryRow> = on!(tx, c => sqlx::query_as(SELECT_ONE)
        .bind(id.as_bytes().as_slice())
        .bind(from)
        .bind(to)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(kept).transpose()
}

/// When an entry was recorded, by the millisecond in its id (RFC 9562, version 7): rows lie in the order of time.
fn recorded_within(id: Uuid) -> (Micros, Micros) {
    let milliseconds = id
        .as_bytes()
        .iter()
        .take(6)
        .fold(0_i64, |time, byte| time << 8 | i64::from(*byte));
    let from = milliseconds.saturating_mul(1_000);
    (from, from.saturating_add(1_000))
}

/// Sealed entries at these places, in their order.
pub(super) async fn by_leaves(tx: &mut Tx<'_>, leaves: &[u64]) -> Result<Vec<KeptEntry>> {
    let leaves = leaves
        .iter()
        .map(|leaf| i64::try_from(*leaf))
        .collect::<std::result::Result<Vec<i64>, _>>()
        .map_err(Error::internal)?;
    let rows: Vec<EntryRow> = match tx {
        Tx::Sqlite(tx) => {
            let list = serde_json::to_string(&leaves).map_err(Error::internal)?;
            let rows = sqlx::query_as(SELECT_BY_LEAVES_SQLITE).bind(list);
            rows.fetch_all(&mut **tx).await
        }
        Tx::Postgres(tx) => {
            let rows = sqlx::query_as(SELECT_BY_LEAVES_POSTGRES).bind(leaves);
            rows.fetch_all(&mut **tx).await
        }
    }
    .map_err(unavailable)?;
    rows.into_iter().map(kept).collect()
}

pub(super) fn kept(row: EntryRow) -> Result<KeptEntry> {
    let (id, recorded_at, leaf_index, commitment, salt, payload) = row;
    let commitment = Commitment::from_hash(hash(&commitment)?);
    let salt = salt.as_deref().map(Salt::from_slice).transpose();
    Ok(KeptEntry {
        id: Uuid::from_slice(&id).map_err(Error::internal)?,
        recorded_at,
        leaf_index: leaf_index
            .map(u64::try_from)
            .transpose()
            .map_err(Error::internal)?,
        leaf_hash: commitment.leaf(),
        commitment,
        salt: salt.map_err(Error::internal)?,
        payload,
    })
}
