//! Pages of messages, newest first.

use delt_policy::Scope;
use uuid::Uuid;

use super::{
    columns::{Columns, MessageRow, columns},
    leases::{at_mailbox, at_mailbox_postgres, at_mailbox_sqlite},
};
use crate::{
    Result,
    clock::Micros,
    message::mailbox::Mailbox,
    store::{Tx, on, unavailable},
};

const SENT: &str = concat!(
    "-- message_page_sent\nSELECT ",
    columns!(),
    " FROM message WHERE sender_system = $1
    AND (accepted_at, message_id) < ($2, $3) ORDER BY accepted_at DESC, message_id DESC LIMIT $4"
);

macro_rules! older {
    () => { " AND (accepted_at, message_id) < ($3, $4) ORDER BY accepted_at DESC, message_id DESC LIMIT $5" };
}

const RECEIVED_SQLITE: &str = concat!(
    "-- message_page_received_sqlite\nSELECT ",
    columns!(),
    " FROM message WHERE ",
    at_mailbox_sqlite!(),
    older!()
);

const RECEIVED_POSTGRES: &str = concat!(
    "-- message_page_received_postgres\nSELECT ",
    columns!(),
    " FROM message WHERE ",
    at_mailbox_postgres!(),
    older!()
);

/// Whose messages.
pub(in crate::message) enum Folder<'a> {
    /// Sent by this system.
    Sent(&'a str),
    /// For these mailboxes.
    Received(&'a Mailbox),
}

/// Which page.
pub(in crate::message) struct PageQuery<'a> {
    pub(in crate::message) of: Folder<'a>,
    /// Only what stands after this place; the first page begins before everything.
    pub(in crate::message) after: (Micros, Uuid),
    pub(in crate::message) limit: u32,
}

/// One page.
pub(in crate::message) async fn page(
    tx: &mut Tx<'_>,
    _: &Scope,
    query: &PageQuery<'_>,
) -> Result<Vec<MessageRow>> {
    let (at, id) = (query.after.0, query.after.1.as_bytes().as_slice());
    let limit = i64::from(query.limit);
    let received = match tx {
        Tx::Sqlite(_) => RECEIVED_SQLITE,
        Tx::Postgres(_) => RECEIVED_POSTGRES,
    };
    let rows: Vec<Columns> = match &query.of {
        Folder::Sent(system) => on!(tx, c => sqlx::query_as(SENT)
            .bind(*system).bind(at).bind(id).bind(limit)
            .fetch_all(c).await),
        Folder::Received(mailbox) => on!(tx, c => sqlx::query_as(received)
            .bind(mailbox.locations.as_str()).bind(mailbox.pairs.as_str()).bind(at).bind(id).bind(limit)
            .fetch_all(c).await),
    }
    .map_err(unavailable)?;
    rows.into_iter().map(Columns::read).collect()
}
