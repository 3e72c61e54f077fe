//! Content that a message brought: the hub has it itself.

use super::retrieve::Ticket;
use crate::{
    Error, Result,
    error::code,
    keys::Keyring,
    message::rows::CONTENT,
    store::{Tx, on, unavailable},
};

const SELECT_CONTENT: &str = "-- record_select_message_content
SELECT sealed_content FROM message WHERE message_id = $1";

/// The content of the message that brought the ticket's document; none where none did.
///
/// The ticket is the authority, as a scope is elsewhere: only an operation within its scope makes one.
pub(super) async fn content(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    keys: &Keyring,
) -> Result<Option<Vec<u8>>> {
    let Some(message) = ticket.message_id else {
        return Ok(None);
    };
    let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_CONTENT)
        .bind(message.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    let (sealed,) = row.ok_or_else(|| Error::new(code::SOURCE_GONE))?;
    keys.open(CONTENT, message.as_bytes(), &sealed).map(Some)
}
