//! Reading entries back.

use delt_ledger::{Commitment, Entry, Hash, Salt};
use delt_policy::PatientKey;
use uuid::Uuid;

use super::log_rows::hash;
use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

/// One statement for each way into the log, the same columns and the same order in all of them.
macro_rules! select_newest_first {
    ($name:literal, $where:literal) => {
        concat!(
            "-- ",
            $name,
            "
SELECT e.entry_id, e.recorded_at, l.leaf_index, e.commitment, e.salt, e.payload
FROM log_entry e LEFT JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE ",
            $where,
            " AND e.recorded_at >= $2 AND (e.recorded_at < $3 OR (e.recorded_at = $3 AND e.entry_id < $4))
ORDER BY e.recorded_at DESC, e.entry_id DESC LIMIT $5"
        )
    };
}

const SELECT_BY_PATIENT: &str = select_newest_first!("audit_by_patient", "e.patient_key = $1");
const SELECT_BY_PERSON: &str = select_newest_first!(
    "audit_by_person",
    "(e.person_id = $1 OR e.responsible_id = $1)"
);
const SELECT_BY_TIME: &str = select_newest_first!("audit_by_time", "$1 = 0");

const SELECT_ONE: &str = "-- audit_select_one
SELECT e.entry_id, e.recorded_at, l.leaf_index, e.commitment, e.salt, e.payload
FROM log_entry e LEFT JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE e.recorded_at >= $2 AND e.recorded_at < $3 AND e.entry_id = $1";

const SELECT_BY_LEAF: &str = "-- audit_select_by_leaf
SELECT l.entry_id, l.recorded_at, l.leaf_index, l.commitment, e.salt, e.payload
FROM log_leaf l LEFT JOIN log_entry e ON e.recorded_at = l.recorded_at AND e.entry_id = l.entry_id
WHERE l.leaf_index >= $1 AND l.leaf_index < $2 ORDER BY l.leaf_index";

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

/// The way into the log that narrows most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// Under any of the person's numbers.
    Patient(Vec<PatientKey>),
    /// As the acting or the responsible one.
    Person(String),
    Time,
}

/// Where to go on: strictly before this moment and entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Before {
    pub(super) at: Micros,
    pub(super) id: Uuid,
}

type Row = (
    Vec<u8>,
    Micros,
    Option<i64>,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
);

/// Entries since a moment and before another, newest first.
pub(super) async fn newest_first(
    tx: &mut Tx<'_>,
    way: &Way,
    since: Micros,
    before: Before,
    limit: i64,
) -> Result<Vec<KeptEntry>> {
    macro_rules! rows {
        ($statement:expr, $first:expr) => {
            on!(tx, c => sqlx::query_as::<_, Row>($statement)
                .bind($first)
                .bind(since)
                .bind(before.at)
                .bind(before.id.as_bytes().as_slice())
                .bind(limit)
                .fetch_all(c).await)
        };
    }
    let rows = match way {
        Way::Patient(keys) => {
            let mut found = Vec::new();
            for key in keys {
                let rows = rows!(SELECT_BY_PATIENT, key.as_bytes().as_slice());
                for row in rows.map_err(unavailable)? {
                    found.push(kept(row)?);
                }
            }
            found.sort_by_key(|kept| std::cmp::Reverse((kept.recorded_at, kept.id)));
            found.truncate(usize::try_from(limit).unwrap_or_default());
            return Ok(found);
        }
        Way::Person(id) => rows!(SELECT_BY_PERSON, id.as_str()),
        Way::Time => rows!(SELECT_BY_TIME, 0_i64),
    };
    rows.map_err(unavailable)?.into_iter().map(kept).collect()
}

pub(super) async fn one(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<KeptEntry>> {
    let (from, to) = recorded_within(id);
    let row: Option<Row> = on!(tx, c => sqlx::query_as(SELECT_ONE)
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

/// Sealed entries of a range of places, in their order.
pub(super) async fn by_leaf(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<Vec<KeptEntry>> {
    let bound = |index: u64| i64::try_from(index).map_err(Error::internal);
    let (from, to) = (bound(from)?, bound(to)?);
    let rows: Vec<Row> =
        on!(tx, c => sqlx::query_as(SELECT_BY_LEAF).bind(from).bind(to).fetch_all(c).await)
            .map_err(unavailable)?;
    rows.into_iter().map(kept).collect()
}

fn kept(row: Row) -> Result<KeptEntry> {
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
