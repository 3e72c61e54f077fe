//! What a sample is drawn from: look-ups that users of an organisation were permitted.

use delt_ledger::{Checkpoint, Commitment, Entry, Hash, Note, PersonKind};
use delt_policy::{AuthorisationId, OrganisationId, PatientKey};
use uuid::Uuid;

use super::select::{malformed, uuid};
use crate::{
    Error, Result,
    clock::Micros,
    patient::rows::key,
    review::sample::DrawnLookUp,
    store::{Tx, on, unavailable},
};

/// Look-ups that are read at a time.
const STEP: i64 = 2_000;

// What `delt_ledger::sample::is_look_up` says of an entry, as far as columns tell it.
macro_rules! look_ups {
    () => {
        "FROM log_entry e JOIN log_leaf l ON l.entry_id = e.entry_id
WHERE e.organisation = $1 AND e.recorded_at >= $2 AND e.recorded_at < $3 AND e.outcome = 'permitted'
    AND e.operation IN ('SearchRecord', 'RetrieveDocument', 'GetDocument') AND e.person_id IS NOT NULL"
    };
}

const SELECT_LAST: &str = concat!(
    "-- review_population_last\nSELECT MAX(l.leaf_index) ",
    look_ups!()
);

const SELECT_LOOK_UPS: &str = concat!(
    "-- review_population\nSELECT e.recorded_at, e.entry_id, e.person_id, e.person_key, l.commitment ",
    look_ups!(),
    " AND (e.recorded_at > $4 OR (e.recorded_at = $4 AND e.entry_id > $5))
ORDER BY e.recorded_at, e.entry_id LIMIT $6"
);

const SELECT_UNSEALED: &str = "-- review_population_unsealed
SELECT MIN(recorded_at) FROM log_queue WHERE recorded_at < $1";

const SELECT_COVERING: &str = "-- review_covering_checkpoint
SELECT note FROM log_checkpoint WHERE tree_size > $1 ORDER BY tree_size LIMIT 1";

const SELECT_NEWEST: &str = "-- review_newest_checkpoint
SELECT note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1";

const SELECT_DRAWN: &str = "-- review_drawn_entry
SELECT payload, patient_key, person_key FROM log_entry WHERE recorded_at = $1 AND entry_id = $2";

/// Whether anything that was recorded before this moment still waits for its place in the log.
pub(in crate::review) async fn is_unsealed(tx: &mut Tx<'_>, before: Micros) -> Result<bool> {
    let (oldest,): (Option<Micros>,) = on!(tx, c => sqlx::query_as(SELECT_UNSEALED)
        .bind(before)
        .fetch_one(c).await)
    .map_err(unavailable)?;
    Ok(oldest.is_some())
}

/// Where the last look-up of a period at a unit stands in the log.
pub(in crate::review) async fn last_leaf(
    tx: &mut Tx<'_>,
    unit: &str,
    period: (Micros, Micros),
) -> Result<Option<i64>> {
    let (last,): (Option<i64>,) = on!(tx, c => sqlx::query_as(SELECT_LAST)
        .bind(unit)
        .bind(period.0)
        .bind(period.1)
        .fetch_one(c).await)
    .map_err(unavailable)?;
    Ok(last)
}

/// The first checkpoint that covers this leaf; the newest one where there is none to cover.
pub(in crate::review) async fn checkpoint(
    tx: &mut Tx<'_>,
    leaf: Option<i64>,
) -> Result<Option<Checkpoint>> {
    let note: Option<String> = match leaf {
        Some(leaf) => {
            on!(tx, c => sqlx::query_scalar(SELECT_COVERING).bind(leaf).fetch_optional(c).await)
        }
        None => on!(tx, c => sqlx::query_scalar(SELECT_NEWEST).fetch_optional(c).await),
    }
    .map_err(unavailable)?;
    let read = |note: String| {
        let note = Note::parse(&note).map_err(Error::internal)?;
        Checkpoint::from_text(note.text()).map_err(Error::internal)
    };
    note.map(read).transpose()
}

/// A look-up that takes part.
#[derive(Debug, Clone, Copy)]
pub(in crate::review) struct LookUp {
    pub(in crate::review) recorded_at: Micros,
    pub(in crate::review) entry: Uuid,
    pub(in crate::review) leaf: Hash,
}

/// Goes through the look-ups of a period at a unit, a step at a time.
pub(in crate::review) struct Walk<'a> {
    unit: &'a str,
    period: (Micros, Micros),
    after: Option<(Micros, Uuid)>,
}

type Row = (Micros, Vec<u8>, String, Option<Vec<u8>>, Vec<u8>);

impl<'a> Walk<'a> {
    pub(in crate::review) const fn new(unit: &'a str, period: (Micros, Micros)) -> Self {
        let after = Some((Micros::MIN, Uuid::nil()));
        Self {
            unit,
            period,
            after,
        }
    }

    /// The next look-ups; none at the end. A step may be empty and not the last.
    pub(in crate::review) async fn next(&mut self, tx: &mut Tx<'_>) -> Result<Option<Vec<LookUp>>> {
        let Some((at, id)) = self.after else {
            return Ok(None);
        };
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_LOOK_UPS)
            .bind(self.unit)
            .bind(self.period.0)
            .bind(self.period.1)
            .bind(at)
            .bind(id.as_bytes().as_slice())
            .bind(STEP)
            .fetch_all(c).await)
        .map_err(unavailable)?;
        let is_last = i64::try_from(rows.len()).map_err(Error::internal)? < STEP;
        let last = rows.last().map(|row| uuid(&row.1).map(|id| (row.0, id)));
        self.after = last.transpose()?.filter(|_| !is_last);
        let look_ups = rows.into_iter().filter_map(|row| look_up(row).transpose());
        look_ups.collect::<Result<_>>().map(Some)
    }
}

/// None for what a citizen did: the log has citizens by the key of their own number.
fn look_up((recorded_at, entry, person, own, commitment): Row) -> Result<Option<LookUp>> {
    let own = own.as_deref().map(key).transpose()?;
    if own.is_some_and(|own| own.hex() == person) {
        return Ok(None);
    }
    let commitment = Hash::from_slice(&commitment).map_err(Error::internal)?;
    Ok(Some(LookUp {
        recorded_at,
        entry: uuid(&entry)?,
        leaf: Commitment::from_hash(commitment).leaf(),
    }))
}

/// What a drawn look-up says of itself.
pub(in crate::review) async fn drawn(
    tx: &mut Tx<'_>,
    look_up: LookUp,
    organisation: OrganisationId,
) -> Result<DrawnLookUp> {
    type Row = (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);
    let row: Option<Row> = on!(tx, c => sqlx::query_as(SELECT_DRAWN)
        .bind(look_up.recorded_at)
        .bind(look_up.entry.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    let (payload, patient, own) = row.ok_or_else(malformed)?;
    let entry = Entry::from_json(&payload).map_err(Error::internal)?;
    let person = entry.actor.person.ok_or_else(malformed)?;
    let is_authorised = person.kind == PersonKind::Authorisation;
    let authorisation = AuthorisationId::parse(&person.id).ok();
    let read = |bytes: Option<Vec<u8>>| -> Result<Option<PatientKey>> {
        bytes.as_deref().map(key).transpose()
    };
    Ok(DrawnLookUp {
        entry: look_up.entry,
        patient: read(patient)?,
        person_key: read(own)?,
        authorisation: authorisation.filter(|_| is_authorised),
        person_id: person.id,
        role: person.role,
        organisation,
    })
}
