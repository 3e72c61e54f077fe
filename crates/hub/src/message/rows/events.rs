//! The steps of a message's way: added, never changed.

use delt_policy::Scope;
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    message::{Event, EventKind},
    store::{Tx, on, unavailable},
};

const INSERT: &str = "-- message_insert_event
INSERT INTO message_event (message_id, happened_at, event, detail) VALUES ($1, $2, $3, $4)
ON CONFLICT (message_id, happened_at, event) DO NOTHING";

// The newest are told where a message has gone back and forth more often than anybody reads.
const SELECT: &str = "-- message_select_events
SELECT happened_at, event, detail FROM message_event WHERE message_id = $1
ORDER BY happened_at DESC LIMIT 1000";

/// Adds a step.
pub(in crate::message) async fn add_event(
    tx: &mut Tx<'_>,
    _: &Scope,
    message_id: Uuid,
    event: &Event,
) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT)
        .bind(message_id.as_bytes().as_slice())
        .bind(event.at)
        .bind(event.kind.as_str())
        .bind(event.detail.as_str())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// The steps, oldest first.
pub(in crate::message) async fn events(
    tx: &mut Tx<'_>,
    _: &Scope,
    message_id: Uuid,
) -> Result<Vec<Event>> {
    let rows: Vec<(Micros, String, String)> = on!(tx, c => sqlx::query_as(SELECT)
        .bind(message_id.as_bytes().as_slice())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    let mut events = rows.into_iter().map(event).collect::<Result<Vec<_>>>()?;
    events.sort_by_key(|event| (event.at, rank(event.kind)));
    Ok(events)
}

/// The order of steps of one moment, which a clock that stands still can bring together.
const fn rank(kind: EventKind) -> u8 {
    match kind {
        EventKind::Accepted => 0,
        EventKind::LeaseExpired => 1,
        EventKind::Leased => 2,
        EventKind::Acknowledged | EventKind::Refused => 3,
    }
}

fn event((at, kind, detail): (Micros, String, String)) -> Result<Event> {
    let kind = EventKind::from_code(&kind).ok_or_else(|| Error::internal("unknown event"))?;
    Ok(Event { kind, at, detail })
}
