//! The offline export: newline-delimited JSON that proves itself against a signed checkpoint.
//!
//! The first line is a [`Header`] with the checkpoint; every other line is a [`Line`], an entry with its salt
//! and inclusion proof, or, where the payload has been erased, its commitment and proof. Every line is
//! canonical JSON, so each bit of the file counts: there is no second spelling that reads the same.
//!
//! A `complete` export holds every leaf of the log, so a missing one is found. A partial one (a search's
//! result) proves that what it holds is in the log, and cannot prove that nothing was left out of it.
//!
//! A complete export with a chain key also shows every patient's chain. Receipts, statements and checkpoints that
//! somebody kept are held against it: see [`Held`].

mod chains;
mod header;
mod held;
mod line;
mod lines;
mod moment;
mod problem;
mod receipts;
mod report;
mod roots;
mod seen;
mod statements;
mod verify;
mod writer;

pub use header::{EXPORT_TYPE, Header};
pub use held::{Held, TrustedCheckpoint};
pub use line::{Content, Line, LineError};
pub use problem::{Problem, ProblemKind};
pub use receipts::{Evidence, ReceiptFinding, ReceiptVerdict, is_due};
pub use report::{MAX_PROBLEMS, Report};
pub use statements::{StatementFault, StatementFinding, StatementVerdict};
pub use verify::{VerifyError, verify, verify_against};
pub use writer::{ExportWriter, WriteError};

/// Longest line, in bytes, without its newline.
pub const MAX_LINE_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod held_tests;
#[cfg(test)]
mod tests;
