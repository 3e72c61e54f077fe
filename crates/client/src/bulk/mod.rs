//! Many pointers at once: one stream, an outcome for each item, and a run that continues where it stopped.
//!
//! [`crate::Documents::register_all`] is the stream itself. [`Import`] is what most callers want: it reads a file of NDJSON
//! (see [`crate::json`]), keeps a [`Journal`] beside it, and reconnects.

mod import;
mod journal;
mod lines;
mod refused;
mod stream;

use delt_proto::common::v1::RequestContext;
use delt_proto::document::v1::{DocumentEntry, RegisterDocumentResponse};
use tonic::Code;

pub use import::{Import, ImportError, MAX_REFUSED, Summary};
pub use journal::{Journal, JournalError, Resumed};
pub use stream::Outcomes;

use crate::Violation;
use crate::json::JsonError;

/// Unanswered items at most, unless told otherwise: enough for the hub to write many together, while it reads the next.
pub const WINDOW: usize = 1_024;

/// A line of a file: its number from 1, and the entry, or why it is none.
pub type Item = (u64, Result<DocumentEntry, JsonError>);

/// What became of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct LineOutcome {
    pub line: u64,
    pub result: Result<RegisterDocumentResponse, LineError>,
}

/// Why one item was not registered. The others are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    #[error("{0}")]
    Unreadable(#[from] JsonError),
    #[error("{}", if message.is_empty() { reason } else { message })]
    Refused {
        /// What would have been the status of a call with this one item.
        code: Code,
        /// The hub's stable code.
        reason: String,
        message: String,
        violations: Vec<Violation>,
    },
}

/// How a stream is registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub context: Option<RequestContext>,
    /// Unanswered items at most; at least 1. When so many wait, no more is read.
    pub window: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            context: None,
            window: WINDOW,
        }
    }
}
