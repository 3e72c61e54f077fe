//! `IndexedDocument` with its entry as bytes.
//!
//! The index keeps an entry as it was sent and never needs to read it again, so an answer is spliced from stored bytes. On the wire a field of
//! bytes and a field of a message with the same tag are the same, so clients see the message that `document.proto` describes.

use bytes::Bytes;
use prost::Message as _;

use crate::document::v1::{AvailabilityStatus, DocumentEntry};

/// The same wire format as `delt.document.v1.IndexedDocument`; the fields are described there.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct IndexedDocument {
    /// An encoded [`DocumentEntry`].
    #[prost(bytes = "bytes", tag = "1")]
    pub entry: Bytes,
    #[prost(enumeration = "AvailabilityStatus", tag = "2")]
    pub status: i32,
    #[prost(message, optional, tag = "3")]
    pub registered_time: Option<prost_types::Timestamp>,
    #[prost(message, optional, tag = "4")]
    pub status_time: Option<prost_types::Timestamp>,
    #[prost(string, tag = "5")]
    pub replaced_by_entry_uuid: String,
    #[prost(message, optional, tag = "6")]
    pub dead_since: Option<prost_types::Timestamp>,
    #[prost(bool, tag = "7")]
    pub opened_by_override: bool,
}

impl IndexedDocument {
    /// What the source said of the document.
    pub fn document_entry(&self) -> Result<DocumentEntry, prost::DecodeError> {
        DocumentEntry::decode(self.entry.clone())
    }
}
