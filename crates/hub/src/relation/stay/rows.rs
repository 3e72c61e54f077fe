//! Rows of what messages said of stays.

use delt_policy::{OrganisationId, PatientKey};

use super::{Notice, Said, StayEvent};
use crate::{
    Error, Result,
    clock::Micros,
    patient::rows::key,
    relation::rows::uuid,
    store::{Tx, on, unavailable},
};

/// So many of a person's last events are looked at: far more than a year of stays.
const EVENTS_MAX: i64 = 512;

const LOCK_PATIENT: &str = "-- stay_lock_patient
UPDATE patient SET created_at = created_at WHERE patient_key = $1";

const INSERT_EVENT: &str = "-- stay_insert_event
INSERT INTO stay_event (patient_key, event_id, kind, organisation, source, episode_of_care, said_at, happened_at,
    received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_key, event_id) DO NOTHING";

const SELECT_EVENTS: &str = "-- stay_select_events
SELECT patient_key, event_id, kind, organisation, source, episode_of_care, said_at, happened_at, received_at
FROM stay_event WHERE patient_key = $1 ORDER BY said_at DESC, event_id LIMIT $2";

/// Lets no other transaction tell of this person's stays before this one has ended: each must see what the other said. Keys are taken in one order, so
/// that two never wait for each other.
pub(super) async fn lock(tx: &mut Tx<'_>, patients: &[PatientKey]) -> Result<()> {
    let mut keys = patients.to_vec();
    keys.sort_unstable();
    for patient in keys {
        on!(tx, c => sqlx::query(LOCK_PATIENT)
            .bind(patient.as_bytes().as_slice())
            .execute(c).await.map(drop))
        .map_err(unavailable)?;
    }
    Ok(())
}

/// Keeps an event. One that is kept already is left as it is.
pub(super) async fn insert(tx: &mut Tx<'_>, event: &StayEvent) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_EVENT)
        .bind(event.patient.as_bytes().as_slice())
        .bind(event.id.as_bytes().as_slice())
        .bind(event.notice.said.as_str())
        .bind(event.organisation.as_str())
        .bind(event.source.as_str())
        .bind(event.episode_of_care.as_deref())
        .bind(event.notice.said_at)
        .bind(event.notice.happened_at)
        .bind(event.received_at)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    Option<String>,
    Micros,
    Micros,
    Micros,
);

/// What was said of a person's stays, under all the person's numbers.
pub(super) async fn load(tx: &mut Tx<'_>, patients: &[PatientKey]) -> Result<Vec<StayEvent>> {
    let mut events = Vec::new();
    for patient in patients {
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_EVENTS)
            .bind(patient.as_bytes().as_slice())
            .bind(EVENTS_MAX)
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            events.push(event(row)?);
        }
    }
    Ok(events)
}

fn event(row: Row) -> Result<StayEvent> {
    let (patient, id, said, place, source, episode_of_care, said_at, happened_at, received_at) =
        row;
    let malformed = || Error::internal("a stored event of a stay is malformed");
    Ok(StayEvent {
        id: uuid(&id)?,
        patient: key(&patient)?,
        notice: Notice {
            said: Said::from_code(&said).ok_or_else(malformed)?,
            said_at,
            happened_at,
        },
        organisation: OrganisationId::parse(&place).map_err(|_| malformed())?,
        source,
        episode_of_care,
        received_at,
    })
}
