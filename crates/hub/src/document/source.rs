//! Where content comes from: the source, asked at the moment of use.

use std::fmt::Debug;

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream::BoxStream};

use crate::organisation::SourceEndpoint;

/// Which document at its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locator {
    pub repository_unique_id: String,
    pub unique_id: String,
    /// The hub's audit entry of this retrieval, for the source's own log.
    pub audit_entry_id: uuid::Uuid,
}

/// Why a source did not give a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceFault {
    /// The source says that it no longer has it: the pointer is dead.
    Gone,
    /// The source cannot be reached, broke off, or answered something else.
    Unavailable,
    /// The source was too slow.
    DeadlineExceeded,
    /// More bytes than registered or allowed.
    TooLarge,
}

/// A document's bytes as they arrive.
pub type Content = BoxStream<'static, Result<Bytes, SourceFault>>;

/// Fetches documents from their sources. The edge implements it, because it owns the wire.
pub trait Sources: Debug + Send + Sync {
    /// Opens a document. The future and the stream both end on their own within the endpoint's deadline.
    fn open(
        &self,
        endpoint: &SourceEndpoint,
        document: &Locator,
    ) -> BoxFuture<'static, Result<Content, SourceFault>>;
}
