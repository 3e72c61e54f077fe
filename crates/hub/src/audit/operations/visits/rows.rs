//! A citizen's entries, newest first, and no more of them than asked for.

use delt_ledger::Entry;
use delt_policy::PatientKey;
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

/// One range of the index `log_entry_patient`.
const SELECT_BY_PATIENT: &str = "-- visits_by_patient
SELECT recorded_at, entry_id, payload FROM log_entry
WHERE patient_key = $1 AND recorded_at >= $2 AND recorded_at <= $3 AND (recorded_at < $3 OR entry_id < $4)
ORDER BY recorded_at DESC, entry_id DESC LIMIT $5";

/// Where an entry stands in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::audit::operations) struct Place {
    pub(in crate::audit::operations) at: Micros,
    pub(in crate::audit::operations) id: Uuid,
}

impl Place {
    /// After every entry.
    pub(in crate::audit::operations) const END: Self = Self {
        at: Micros::MAX,
        id: Uuid::nil(),
    };

    pub(in crate::audit::operations) fn to_bytes(self) -> Vec<u8> {
        [self.at.to_be_bytes().as_slice(), self.id.as_bytes()].concat()
    }

    /// The place that bytes begin with, and what follows.
    pub(in crate::audit::operations) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (at, rest) = bytes.split_first_chunk::<8>()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        let at = i64::from_be_bytes(*at);
        let id = Uuid::from_bytes(*id);
        Some((Self { at, id }, rest))
    }
}

/// An entry about the citizen.
#[derive(Debug)]
pub(in crate::audit::operations) struct Logged {
    pub(in crate::audit::operations) place: Place,
    pub(in crate::audit::operations) entry: Entry,
}

type Row = (Micros, Vec<u8>, Vec<u8>);

/// At most so many entries before a place and not before a moment, under any of the keys. Reads that many rows for each key and no more.
pub(in crate::audit::operations) async fn before(
    tx: &mut Tx<'_>,
    keys: &[PatientKey],
    since: Micros,
    before: Place,
    limit: i64,
) -> Result<Vec<Logged>> {
    let mut found = Vec::new();
    for key in keys {
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_BY_PATIENT)
            .bind(key.as_bytes().as_slice())
            .bind(since)
            .bind(before.at)
            .bind(before.id.as_bytes().as_slice())
            .bind(limit)
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            found.push(logged(&row)?);
        }
    }
    found.sort_by_key(|logged| std::cmp::Reverse(logged.place));
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

fn logged((at, id, payload): &Row) -> Result<Logged> {
    let id = Uuid::from_slice(id).map_err(Error::internal)?;
    let entry = Entry::from_json(payload).map_err(Error::internal)?;
    Ok(Logged {
        place: Place { at: *at, id },
        entry,
    })
}
