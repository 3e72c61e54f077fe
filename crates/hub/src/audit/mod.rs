//! The access log: entries, receipts, and the rows that hold them.
//!
//! An entry is written before anything is disclosed. The [`sealer`] later gives it its place in the hash tree; the entry's leaf hash, which its
//! receipt carries, is fixed from the start.

mod actor;
pub(crate) mod append;
#[cfg(test)]
mod append_tests;
mod chain_rows;
mod draft;
mod entry_rows;
mod health;
mod leaf_rows;
mod log;
pub(crate) mod log_rows;
mod mask;
#[cfg(feature = "bench")]
pub mod measure;
mod months;
pub mod operations;
mod partitions;
mod receipt;
mod retention;
mod rows;
pub(crate) mod sealer;
mod search_rows;
#[cfg(test)]
mod search_tests;
mod tiles;
pub(crate) mod upkeep;
mod ways;
mod witnesses;

pub(crate) use draft::{Draft, Pending};
pub use entry_rows::KeptEntry;
pub use health::LogHealth;
pub use log::{LeafProof, ProvedLeaf, PublishedCheckpoint};
pub(crate) use mask::holds_number;
pub use receipt::Receipt;
pub(crate) use receipt::{Unaudited, Written};
pub use upkeep::LogUpkeep;
pub use witnesses::{
    WITNESS_ANSWER_MAX, WITNESS_DEADLINE_MS, WitnessAnswer, WitnessFault, WitnessState, Witnesses,
    Witnessing,
};
