//! Rows of messages. A message's content and receipt are sealed; the columns beside them are what routing and states need.

mod columns;
mod events;
mod leases;
mod pages;

use delt_policy::{PatientKey, Scope};
use uuid::Uuid;

pub(super) use columns::MessageRow;
pub(super) use events::{add_event, events};
pub(super) use leases::{is_waiting, lease, next_offered};
pub(super) use pages::{Folder, PageQuery, page};

use super::{MessageType, StandardReceipt, State};
use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    keys::Keyring,
    store::{Tx, on, unavailable},
};
use columns::{Columns, columns};

/// What sealed content is authenticated as.
pub(crate) const CONTENT: &str = "delt/message/v1";
/// What a sealed receipt is authenticated as.
const RECEIPT: &str = "delt/message-receipt/v1";

const INSERT: &str = "-- message_insert
INSERT INTO message (message_id, message_type, sender_message_id, sender_gln, receiver_gln, sender_system, mime_type,
    size, digest, sealed_content, patient_key, episode_of_care, entry_uuid, state, accepted_at, attempts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)
ON CONFLICT (sender_gln, sender_message_id) DO NOTHING";

const SELECT: &str = concat!(
    "-- message_select\nSELECT ",
    columns!(),
    " FROM message WHERE message_id = $1"
);

const SELECT_IDENTITY: &str = concat!(
    "-- message_select_identity\nSELECT ",
    columns!(),
    " FROM message WHERE sender_gln = $1 AND sender_message_id = $2"
);

const SELECT_EPISODE: &str = "-- message_select_episode
SELECT entry_uuid FROM message
WHERE patient_key = $1 AND sender_gln = $2 AND message_type = $3 AND episode_of_care = $4 AND entry_uuid IS NOT NULL
ORDER BY accepted_at DESC, message_id DESC LIMIT 1";

const SELECT_CONTENT: &str = "-- message_select_content
SELECT sealed_content FROM message WHERE message_id = $1";

const SELECT_RECEIPT: &str = "-- message_select_receipt
SELECT receipt_mime_type, sealed_receipt FROM message
WHERE message_id = $1 AND receipt_mime_type IS NOT NULL AND sealed_receipt IS NOT NULL";

// The token of the last lease guards the end: where the message was offered again meanwhile, nothing is changed.
const END: &str = "-- message_end
UPDATE message SET state = $3, acknowledged_at = $4, refuse_code = $5, receipt_mime_type = $6, sealed_receipt = $7
WHERE message_id = $1 AND lease_token = $2 AND state = $8";

/// A new row, accepted now.
pub(super) struct NewMessage<'a> {
    pub(super) message_id: Uuid,
    pub(super) message_type: MessageType,
    pub(super) sender_message_id: &'a str,
    pub(super) sender_gln: &'a str,
    pub(super) receiver_gln: &'a str,
    pub(super) sender_system: &'a str,
    pub(super) content: &'a [u8],
    pub(super) digest: &'a [u8; 32],
    pub(super) patient: Option<PatientKey>,
    pub(super) episode_of_care: Option<&'a str>,
    pub(super) entry_uuid: Option<Uuid>,
    pub(super) accepted_at: Micros,
}

/// Adds a message. `false` where the sender's id is taken, also by a transaction that ran at the same time; nothing is changed then.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    _: &Scope,
    keys: &Keyring,
    new: &NewMessage<'_>,
) -> Result<bool> {
    let sealed = keys.seal(CONTENT, new.message_id.as_bytes(), new.content)?;
    let size = i64::try_from(new.content.len()).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(INSERT)
        .bind(new.message_id.as_bytes().as_slice())
        .bind(new.message_type.as_str())
        .bind(new.sender_message_id)
        .bind(new.sender_gln)
        .bind(new.receiver_gln)
        .bind(new.sender_system)
        .bind(new.message_type.mime_type())
        .bind(size)
        .bind(new.digest.as_slice())
        .bind(sealed)
        .bind(new.patient.as_ref().map(|key| key.as_bytes().as_slice()))
        .bind(new.episode_of_care)
        .bind(new.entry_uuid.as_ref().map(|id| id.as_bytes().as_slice()))
        .bind(State::Accepted.to_row())
        .bind(new.accepted_at)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// One message. The caller still asks whether it is the caller's.
pub(super) async fn by_id(tx: &mut Tx<'_>, _: &Scope, id: Uuid) -> Result<Option<MessageRow>> {
    let row: Option<Columns> = on!(tx, c => sqlx::query_as(SELECT)
        .bind(id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(Columns::read).transpose()
}

/// The message with this id of its sender.
pub(super) async fn by_identity(
    tx: &mut Tx<'_>,
    _: &Scope,
    sender_gln: &str,
    sender_message_id: &str,
) -> Result<Option<MessageRow>> {
    let row: Option<Columns> = on!(tx, c => sqlx::query_as(SELECT_IDENTITY)
        .bind(sender_gln)
        .bind(sender_message_id)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(Columns::read).transpose()
}

/// The entry of the last message of a type that a sender sent about the scope's patient in an episode of care.
pub(super) async fn last_entry_in_episode(
    tx: &mut Tx<'_>,
    scope: &Scope,
    sender_gln: &str,
    message_type: MessageType,
    episode: &str,
) -> Result<Option<Uuid>> {
    for patient in scope.patients() {
        let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_EPISODE)
            .bind(patient.as_bytes().as_slice())
            .bind(sender_gln)
            .bind(message_type.as_str())
            .bind(episode)
            .fetch_optional(c).await)
        .map_err(unavailable)?;
        if let Some((id,)) = row {
            return Uuid::from_slice(&id).map(Some).map_err(Error::internal);
        }
    }
    Ok(None)
}

/// A message as it was sent, byte for byte. For who may have it: the caller asks first.
///
/// # Errors
/// `NOT_FOUND` where there is no such message.
pub(crate) async fn content(
    tx: &mut Tx<'_>,
    _: &Scope,
    keys: &Keyring,
    message_id: Uuid,
) -> Result<Vec<u8>> {
    let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_CONTENT)
        .bind(message_id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    let (sealed,) = row.ok_or(Error::new(code::NOT_FOUND))?;
    keys.open(CONTENT, message_id.as_bytes(), &sealed)
}

/// The receipt that answered a message, once there is one.
pub(super) async fn receipt(
    tx: &mut Tx<'_>,
    _: &Scope,
    keys: &Keyring,
    message_id: Uuid,
) -> Result<Option<StandardReceipt>> {
    let row: Option<(String, Vec<u8>)> = on!(tx, c => sqlx::query_as(SELECT_RECEIPT)
        .bind(message_id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(|(mime_type, sealed)| {
        Ok(StandardReceipt {
            mime_type,
            content: keys.open(RECEIPT, message_id.as_bytes(), &sealed)?,
        })
    })
    .transpose()
}

/// How a message ends.
pub(super) struct End<'a> {
    pub(super) state: State,
    pub(super) token: &'a [u8],
    pub(super) refuse_code: Option<&'a str>,
    pub(super) receipt: &'a StandardReceipt,
    pub(super) at: Micros,
}

/// Ends a leased message. `false` where the lease is no longer the one of this token; nothing is changed then.
pub(super) async fn end(
    tx: &mut Tx<'_>,
    _: &Scope,
    keys: &Keyring,
    message_id: Uuid,
    end: &End<'_>,
) -> Result<bool> {
    let sealed = keys.seal(RECEIPT, message_id.as_bytes(), &end.receipt.content)?;
    on!(tx, c => sqlx::query(END)
        .bind(message_id.as_bytes().as_slice())
        .bind(end.token)
        .bind(end.state.to_row())
        .bind(end.at)
        .bind(end.refuse_code)
        .bind(end.receipt.mime_type.as_str())
        .bind(sealed)
        .bind(State::Leased.to_row())
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}
