//! Content that a message brought: the hub has it itself.

use uuid::Uuid;

use crate::{
    Error, Result,
    error::code,
    keys::Keyring,
    store::{Tx, on, unavailable},
};

/// What sealed message content is authenticated as.
const SEAL: &str = "delt/message/v1";

const SELECT_CONTENT: &str = "-- record_select_message_content
SELECT sealed_content FROM message WHERE message_id = $1";

/// The content of a message, opened. Whoever asks holds a ticket for the entry that points at it.
pub(super) async fn content(tx: &mut Tx<'_>, keys: &Keyring, message: Uuid) -> Result<Vec<u8>> {
    let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_CONTENT)
        .bind(message.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    let (sealed,) = row.ok_or_else(|| Error::new(code::SOURCE_GONE))?;
    keys.open(SEAL, &sealed)
}
