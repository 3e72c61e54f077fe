//! One row of a message, read. Content and receipt are fetched apart: they are large, and most reads need neither.

use delt_policy::PatientKey;
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    message::{
        Message, MessageType, State,
        state::{Lease, Standing},
    },
    patient::rows::key,
};

/// A message as its row has it.
pub(in crate::message) struct MessageRow {
    pub(in crate::message) message: Message,
    pub(in crate::message) sender_system: String,
    pub(in crate::message) digest: Vec<u8>,
    pub(in crate::message) patient: Option<PatientKey>,
    pub(in crate::message) standing: Standing,
}

/// The columns as the database gives them, in the order of [`columns`].
#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    message_id: Vec<u8>,
    message_type: String,
    sender_message_id: String,
    sender_gln: String,
    receiver_gln: String,
    sender_system: String,
    size: i64,
    digest: Vec<u8>,
    patient_key: Option<Vec<u8>>,
    entry_uuid: Option<Vec<u8>>,
    state: i64,
    accepted_at: Micros,
    acknowledged_at: Option<Micros>,
    attempts: i64,
    lease_token: Option<Vec<u8>>,
    lease_expires: Option<Micros>,
    refuse_code: Option<String>,
}

/// The columns of a [`MessageRow`], for `concat!`.
macro_rules! columns {
    () => {
        "message_id, message_type, sender_message_id, sender_gln, receiver_gln, sender_system, size, digest, \
         patient_key, entry_uuid, state, accepted_at, acknowledged_at, attempts, lease_token, lease_expires, refuse_code"
    };
}
pub(super) use columns;

impl Columns {
    /// Reads the row. A row that cannot be read is a fault of the store, never of the caller.
    pub(super) fn read(self) -> Result<MessageRow> {
        let state = State::from_row(self.state)?;
        let entry_uuid = self.entry_uuid.as_deref().map(Uuid::from_slice).transpose();
        let message_type = MessageType::from_code(&self.message_type);
        let standing = Standing {
            state,
            lease: lease(self.lease_token.as_deref(), self.lease_expires)?,
            refuse_code: self.refuse_code,
        };
        let message = Message {
            message_id: Uuid::from_slice(&self.message_id).map_err(Error::internal)?,
            message_type: message_type.ok_or_else(|| Error::internal("unknown message type"))?,
            sender_message_id: self.sender_message_id,
            sender_gln: self.sender_gln,
            receiver_gln: self.receiver_gln,
            state,
            accepted_at: self.accepted_at,
            acknowledged_at: self.acknowledged_at,
            size: u64::try_from(self.size).map_err(Error::internal)?,
            entry_uuid: entry_uuid.map_err(Error::internal)?,
            attempts: u32::try_from(self.attempts).unwrap_or(u32::MAX),
        };
        Ok(MessageRow {
            message,
            sender_system: self.sender_system,
            digest: self.digest,
            patient: self.patient_key.as_deref().map(key).transpose()?,
            standing,
        })
    }
}

fn lease(token: Option<&[u8]>, expires: Option<Micros>) -> Result<Option<Lease>> {
    let Some((token, expires)) = token.zip(expires) else {
        return Ok(None);
    };
    let token = token
        .try_into()
        .map_err(|_| Error::internal("a lease token of another length"))?;
    Ok(Some(Lease { token, expires }))
}
