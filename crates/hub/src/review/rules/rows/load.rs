//! What the rules read, many keys in one statement.

use std::collections::HashMap;

use delt_policy::{OrganisationId, PatientKey};
use uuid::Uuid;

use crate::{
    Error, Result,
    bulk::{fork, hex_array},
    clock::Micros,
    patient::{NUMBERS_MAX, rows::key},
    review::{
        CaseKind,
        rules::known::{Counted, Window},
    },
    store::{Tx, on, unavailable},
};

const SELECT_PLACE: &str = "-- review_select_place
SELECT c.value, h.tree_size FROM counter c, log_head h WHERE c.name = 'review_leaf' AND h.id = 1";

// What was refused and what no person did is no look, so it is left where it is.
const SELECT_SEALED: &str = "-- review_select_sealed
SELECT l.leaf_index, e.entry_id, e.recorded_at, e.payload, e.person_key
FROM log_leaf l JOIN log_entry e ON e.recorded_at = l.recorded_at AND e.entry_id = l.entry_id
WHERE l.leaf_index >= $1 AND l.leaf_index < $2 AND e.outcome = 'permitted' AND e.person_id IS NOT NULL ORDER BY l.leaf_index";

const SELECT_LINKS_SQLITE: &str = "-- review_select_links_sqlite
SELECT from_key, to_key FROM patient_link WHERE from_key IN (SELECT unhex(value) FROM json_each($1))
UNION SELECT from_key, to_key FROM patient_link WHERE to_key IN (SELECT unhex(value) FROM json_each($1))";

const SELECT_LINKS_POSTGRES: &str = "-- review_select_links_postgres
SELECT from_key, to_key FROM patient_link
WHERE from_key IN (SELECT decode(value, 'hex') FROM jsonb_array_elements_text($1::jsonb) AS value)
UNION SELECT from_key, to_key FROM patient_link
WHERE to_key IN (SELECT decode(value, 'hex') FROM jsonb_array_elements_text($1::jsonb) AS value)";

const SELECT_WORK_SQLITE: &str = "-- review_select_work_sqlite
SELECT person_key, organisation, seen_at FROM review_staff WHERE person_key IN (SELECT unhex(value) FROM json_each($1))";

const SELECT_WORK_POSTGRES: &str = "-- review_select_work_postgres
SELECT person_key, organisation, seen_at FROM review_staff
WHERE person_key IN (SELECT decode(value, 'hex') FROM jsonb_array_elements_text($1::jsonb) AS value)";

const SELECT_TALLIES_SQLITE: &str = "-- review_select_tallies_sqlite
SELECT subject, window_start, member, entry_id FROM review_tally
WHERE rule = $1 AND subject IN (SELECT value FROM json_each($2)) AND window_start >= $3 AND window_start <= $4";

const SELECT_TALLIES_POSTGRES: &str = "-- review_select_tallies_postgres
SELECT subject, window_start, member, entry_id FROM review_tally
WHERE rule = $1 AND subject IN (SELECT value FROM jsonb_array_elements_text($2::jsonb) AS value) AND window_start >= $3 AND window_start <= $4";

/// How far the rules have come, and how far the log has.
pub(in super::super) async fn place(tx: &mut Tx<'_>) -> Result<(u64, u64)> {
    let (place, head): (i64, i64) =
        on!(tx, c => sqlx::query_as(SELECT_PLACE).fetch_one(c).await).map_err(unavailable)?;
    let read = |value: i64| u64::try_from(value).map_err(Error::internal);
    Ok((read(place)?, read(head)?))
}

/// A sealed entry, as its row has it.
pub(in super::super) struct Sealed {
    pub(in super::super) leaf: i64,
    pub(in super::super) id: Uuid,
    pub(in super::super) recorded_at: Micros,
    pub(in super::super) payload: Vec<u8>,
    pub(in super::super) person_key: Option<PatientKey>,
}

type SealedRow = (i64, Vec<u8>, Micros, Vec<u8>, Option<Vec<u8>>);

/// What people were permitted, within a range of leaves.
pub(in super::super) async fn sealed(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<Vec<Sealed>> {
    let bound = |index: u64| i64::try_from(index).map_err(Error::internal);
    let (from, to) = (bound(from)?, bound(to)?);
    let rows: Vec<SealedRow> =
        on!(tx, c => sqlx::query_as(SELECT_SEALED).bind(from).bind(to).fetch_all(c).await)
            .map_err(unavailable)?;
    let read = |(leaf, id, recorded_at, payload, person): SealedRow| {
        Ok(Sealed {
            leaf,
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
            recorded_at,
            payload,
            person_key: person.as_deref().map(key).transpose()?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The other numbers of those of these patients who have several.
pub(in super::super) async fn linked(
    tx: &mut Tx<'_>,
    patients: &[PatientKey],
) -> Result<HashMap<PatientKey, Vec<PatientKey>>> {
    let mut links: HashMap<PatientKey, Vec<PatientKey>> = HashMap::new();
    let mut asked = patients.to_vec();
    // Each step follows the links by one number.
    for _ in 0..NUMBERS_MAX {
        let found = links_of(tx, &asked).await?;
        asked.clear();
        for (one, other) in found {
            for (from, to) in [(one, other), (other, one)] {
                let known = links.entry(from).or_default();
                if !known.contains(&to) {
                    known.push(to);
                    asked.push(to);
                }
            }
        }
        if asked.is_empty() {
            break;
        }
    }
    let others = |patient: &PatientKey| (*patient, reached(*patient, &links));
    let linked = patients.iter().filter(|one| links.contains_key(one));
    Ok(linked.map(others).collect())
}

async fn links_of(tx: &mut Tx<'_>, keys: &[PatientKey]) -> Result<Vec<(PatientKey, PatientKey)>> {
    let statement = fork(tx, SELECT_LINKS_SQLITE, SELECT_LINKS_POSTGRES);
    let keys = hex_array(keys.iter().map(|key| *key.as_bytes()));
    let rows: Vec<(Vec<u8>, Vec<u8>)> =
        on!(tx, c => sqlx::query_as(statement).bind(keys).fetch_all(c).await)
            .map_err(unavailable)?;
    let read = |(from, to): (Vec<u8>, Vec<u8>)| Ok((key(&from)?, key(&to)?));
    rows.into_iter().map(read).collect()
}

/// Everything that is linked to a number, without itself.
fn reached(patient: PatientKey, links: &HashMap<PatientKey, Vec<PatientKey>>) -> Vec<PatientKey> {
    let mut all = vec![patient];
    let mut next = 0;
    while let Some(current) = all.get(next) {
        let more = links.get(current).into_iter().flatten().copied();
        let new = more.filter(|key| !all.contains(key)).collect::<Vec<_>>();
        all.extend(new);
        next += 1;
    }
    all.split_off(1)
}

type Work = HashMap<PatientKey, HashMap<OrganisationId, Micros>>;

/// Where these people were seen at work, and when last.
pub(in super::super) async fn work(
    tx: &mut Tx<'_>,
    people: impl IntoIterator<Item = PatientKey>,
) -> Result<Work> {
    let statement = fork(tx, SELECT_WORK_SQLITE, SELECT_WORK_POSTGRES);
    let people = hex_array(people.into_iter().map(|key| *key.as_bytes()));
    let rows: Vec<(Vec<u8>, String, Micros)> =
        on!(tx, c => sqlx::query_as(statement).bind(people).fetch_all(c).await)
            .map_err(unavailable)?;
    let mut work = Work::new();
    for (person, place, seen_at) in rows {
        let place = OrganisationId::parse(&place)
            .map_err(|_| Error::internal("a stored organisation is malformed"))?;
        let places = work.entry(key(&person)?).or_default();
        places.insert(place, seen_at);
    }
    Ok(work)
}

/// What a rule has counted of these subjects, from one day to another.
pub(in super::super) async fn tallies(
    tx: &mut Tx<'_>,
    rule: CaseKind,
    subjects: &[String],
    (first, last): (Micros, Micros),
) -> Result<Vec<Counted>> {
    let statement = fork(tx, SELECT_TALLIES_SQLITE, SELECT_TALLIES_POSTGRES);
    let subjects = serde_json::to_string(subjects).map_err(Error::internal)?;
    let rows: Vec<(String, Micros, Vec<u8>, Vec<u8>)> = on!(tx, c => sqlx::query_as(statement)
        .bind(rule.as_str())
        .bind(subjects)
        .bind(first)
        .bind(last)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let read = |(subject, day, member, entry): (String, Micros, Vec<u8>, Vec<u8>)| {
        Ok(Counted {
            window: Window { rule, subject, day },
            member,
            entry: Uuid::from_slice(&entry).map_err(Error::internal)?,
        })
    };
    rows.into_iter().map(read).collect()
}
