//! The access log: entries, receipts, and the rows that hold them.
//!
//! An entry is written before anything is disclosed. The [`sealer`] later gives it its place in the hash tree; the entry's leaf hash, which its
//! receipt carries, is fixed from the start.

mod actor;
mod draft;
mod entry_rows;
mod log;
pub(crate) mod log_rows;
mod mask;
pub mod operations;
pub(crate) mod rows;
pub(crate) mod sealer;

use delt_ledger::Hash;
pub(crate) use draft::{Draft, SealedEntry};
pub use entry_rows::KeptEntry;
pub use log::PublishedCheckpoint;
pub(crate) use mask::holds_number;
use uuid::Uuid;

/// Proof that an audit entry is durable. Nothing outside this module makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    entry_id: Uuid,
    leaf_hash: Hash,
}

impl Receipt {
    /// The id of the entry.
    pub const fn entry_id(&self) -> Uuid {
        self.entry_id
    }

    /// The RFC 6962 leaf hash under which the entry will stand in the log.
    pub const fn leaf_hash(&self) -> &Hash {
        &self.leaf_hash
    }
}
