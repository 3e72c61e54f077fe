//! MedCom messages: still sent where sending works best, and shared in the same moment.
//!
//! ```text
//! bytes ─ read ─ SendMessage ──► accepted ──► leased ──► acknowledged
//!                    │              ▲           │   └──► refused
//!                    ▼              └─ lapsed ──┘
//!            entry in the index
//! ```
//!
//! - [`read`](mod@read) is where bytes become something that can be sent: parsed, validated, its places found in the directory.
//! - [`state`] says what may follow what, and nothing else does.
//! - [`share`] makes the entry that points at a message; [`receipt`] the answer in the sender's own standard.
//! - [`mailbox`] is what a receiver waits at.
//!
//! Accepted means validated and durable. A sender's message id is its identity: the same message again, in whatever envelope, answers the same.

mod local_time;
pub mod mailbox;
pub mod operations;
mod read;
mod receipt;
pub(crate) mod rows;
mod share;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;
use uuid::Uuid;

pub use mailbox::{Mailbox, Wake};
pub use share::{Encode, REPOSITORY_UNIQUE_ID, SOURCE_ID};
pub use state::State;

use crate::clock::Micros;

/// The messages that are carried, each validated in full before it is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// Udskrivningsepikrise, OIOXML.
    Xdis01,
    /// Advis om sygehusophold, FHIR.
    HospitalNotification,
    /// Korrespondance, FHIR.
    CareCommunication,
    /// Målinger i hjemmet, FHIR.
    HomeCareObservation,
}

impl MessageType {
    const ALL: [Self; 4] = [
        Self::Xdis01,
        Self::HospitalNotification,
        Self::CareCommunication,
        Self::HomeCareObservation,
    ];

    /// The name in the directory, in rows and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xdis01 => "XDIS01",
            Self::HospitalNotification => "HospitalNotification",
            Self::CareCommunication => "CareCommunication",
            Self::HomeCareObservation => "HomeCareObservation",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == code)
    }

    /// The media type that its content is passed on with.
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Xdis01 => "text/xml",
            _ => "application/fhir+json",
        }
    }
}

/// A message as its sender and its receiver see it, without what it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub message_id: Uuid,
    pub message_type: MessageType,
    /// `Letter/Identifier` or `MessageHeader.id`: unique for the sender.
    pub sender_message_id: String,
    /// Location numbers, 13 digits.
    pub sender_gln: String,
    pub receiver_gln: String,
    pub state: State,
    pub accepted_at: Micros,
    pub acknowledged_at: Option<Micros>,
    /// Bytes.
    pub size: u64,
    /// The entry in the index that points at it.
    pub entry_uuid: Option<Uuid>,
    /// Deliveries so far.
    pub attempts: u32,
}

impl fmt::Debug for Message {
    /// Without the sender's own id: some senders write a person's number into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Message({}, {:?}, {:?})",
            self.message_id, self.message_type, self.state
        )
    }
}

/// What happened to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    Accepted,
    Leased,
    LeaseExpired,
    Acknowledged,
    Refused,
}

impl EventKind {
    const ALL: [Self; 5] = [
        Self::Accepted,
        Self::Leased,
        Self::LeaseExpired,
        Self::Acknowledged,
        Self::Refused,
    ];

    /// The name in rows and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Leased => "leased",
            Self::LeaseExpired => "lease-expired",
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == code)
    }
}

/// One step of a message's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub at: Micros,
    /// The id of the system that made the step, or the code of a refusal. Never free text.
    pub detail: String,
}

/// A message handed to its receiver under a lease.
#[derive(Clone)]
pub struct Delivery {
    pub message: Message,
    /// As it was sent, byte for byte.
    pub content: Bytes,
    pub lease_token: [u8; LEASE_TOKEN_BYTES],
    /// Until then nobody else is offered it.
    pub lease_expires: Micros,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Delivery({:?}, {} bytes)",
            self.message,
            self.content.len()
        )
    }
}

/// Length of a lease token: enough that nobody guesses it.
pub const LEASE_TOKEN_BYTES: usize = 16;

/// A receipt in the standard of the message that it answers.
#[derive(Clone, PartialEq, Eq)]
pub struct StandardReceipt {
    pub mime_type: String,
    pub content: Vec<u8>,
}

impl fmt::Debug for StandardReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StandardReceipt({}, {} bytes)",
            self.mime_type,
            self.content.len()
        )
    }
}
