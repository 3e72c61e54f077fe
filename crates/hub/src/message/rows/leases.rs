//! Who holds which message. There are never two live leases on one.

use delt_policy::Scope;
use uuid::Uuid;

use super::columns::{Columns, MessageRow, columns};
use crate::{
    Result,
    clock::Micros,
    message::{State, mailbox::Mailbox, state::Lease},
    store::{Tx, on, unavailable},
};

/// Messages at the mailboxes of $1 (location numbers) and $2 (number/type pairs), each a JSON array, `$from_json` reading it.
macro_rules! at_mailbox {
    ($from_json:literal, $to_json:literal) => {
        concat!(
            "receiver_gln IN (SELECT ",
            $from_json,
            "$1",
            $to_json,
            ") ",
            "AND receiver_gln || '/' || message_type IN (SELECT ",
            $from_json,
            "$2",
            $to_json,
            ")"
        )
    };
}
/// SQLite reads JSON arrays in one way, PostgreSQL in another.
macro_rules! at_mailbox_sqlite {
    () => {
        at_mailbox!("value FROM json_each(", ")")
    };
}
macro_rules! at_mailbox_postgres {
    () => {
        at_mailbox!("jsonb_array_elements_text(", "::jsonb)")
    };
}
pub(super) use {at_mailbox, at_mailbox_postgres, at_mailbox_sqlite};

/// State 1 is accepted, 2 is leased; the range over the state keeps what has ended out of the scan.
macro_rules! offered {
    () => { " AND state IN (1, 2) AND (state = 1 OR lease_expires <= $3) ORDER BY accepted_at, message_id LIMIT 1" };
}

const NEXT_SQLITE: &str = concat!(
    "-- message_next_offered_sqlite\nSELECT ",
    columns!(),
    " FROM message WHERE ",
    at_mailbox_sqlite!(),
    offered!()
);

// Two receivers at one mailbox take two messages, and neither waits for the other.
const NEXT_POSTGRES: &str = concat!(
    "-- message_next_offered_postgres\nSELECT ",
    columns!(),
    " FROM message WHERE ",
    at_mailbox_postgres!(),
    offered!(),
    " FOR UPDATE SKIP LOCKED"
);

const PEEK_SQLITE: &str = concat!(
    "-- message_peek_sqlite\nSELECT message_id FROM message WHERE ",
    at_mailbox_sqlite!(),
    offered!()
);

const PEEK_POSTGRES: &str = concat!(
    "-- message_peek_postgres\nSELECT message_id FROM message WHERE ",
    at_mailbox_postgres!(),
    offered!()
);

macro_rules! held {
    () => {
        " AND state = 2 AND lease_expires > $3 AND leased_by = $4"
    };
}

const COUNT_HELD_SQLITE: &str = concat!(
    "-- message_count_held_sqlite\nSELECT COUNT(*) FROM message WHERE ",
    at_mailbox_sqlite!(),
    held!()
);

const COUNT_HELD_POSTGRES: &str = concat!(
    "-- message_count_held_postgres\nSELECT COUNT(*) FROM message WHERE ",
    at_mailbox_postgres!(),
    held!()
);

const LEASE: &str = "-- message_lease
UPDATE message SET state = $2, attempts = attempts + 1, lease_token = $3, lease_expires = $4, leased_by = $5
WHERE message_id = $1";

/// The text of a statement on the backend at hand.
const fn fork(tx: &Tx<'_>, sqlite: &'static str, postgres: &'static str) -> &'static str {
    match tx {
        Tx::Sqlite(_) => sqlite,
        Tx::Postgres(_) => postgres,
    }
}

/// Whether a message is offered at the mailbox and the receiver has room for it. Says nothing of any message, so it needs nobody's authority
/// beyond the mailbox itself, which only a permitted lease gave out.
pub(in crate::message) async fn is_waiting(
    tx: &mut Tx<'_>,
    mailbox: &Mailbox,
    now: Micros,
) -> Result<bool> {
    if held(tx, mailbox, now).await? >= i64::from(mailbox.max_leased) {
        return Ok(false);
    }
    let statement = fork(tx, PEEK_SQLITE, PEEK_POSTGRES);
    let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(statement)
        .bind(mailbox.locations.as_str())
        .bind(mailbox.pairs.as_str())
        .bind(now)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    Ok(row.is_some())
}

/// How many messages of the mailbox the receiver holds.
async fn held(tx: &mut Tx<'_>, mailbox: &Mailbox, now: Micros) -> Result<i64> {
    let statement = fork(tx, COUNT_HELD_SQLITE, COUNT_HELD_POSTGRES);
    let (count,): (i64,) = on!(tx, c => sqlx::query_as(statement)
        .bind(mailbox.locations.as_str())
        .bind(mailbox.pairs.as_str())
        .bind(now)
        .bind(mailbox.system.as_str())
        .fetch_one(c).await)
    .map_err(unavailable)?;
    Ok(count)
}

/// The oldest message that is offered at the mailbox, held until the transaction ends; none where the receiver holds as many as it may.
pub(in crate::message) async fn next_offered(
    tx: &mut Tx<'_>,
    _: &Scope,
    mailbox: &Mailbox,
    now: Micros,
) -> Result<Option<MessageRow>> {
    if held(tx, mailbox, now).await? >= i64::from(mailbox.max_leased) {
        return Ok(None);
    }
    let statement = fork(tx, NEXT_SQLITE, NEXT_POSTGRES);
    let row: Option<Columns> = on!(tx, c => sqlx::query_as(statement)
        .bind(mailbox.locations.as_str())
        .bind(mailbox.pairs.as_str())
        .bind(now)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(Columns::read).transpose()
}

/// Gives a lease on a message that [`next_offered`] found in the same transaction.
pub(in crate::message) async fn lease(
    tx: &mut Tx<'_>,
    _: &Scope,
    message_id: Uuid,
    lease: &Lease,
    to: &str,
) -> Result<()> {
    on!(tx, c => sqlx::query(LEASE)
        .bind(message_id.as_bytes().as_slice())
        .bind(State::Leased.to_row())
        .bind(lease.token.as_slice())
        .bind(lease.expires)
        .bind(to)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}
