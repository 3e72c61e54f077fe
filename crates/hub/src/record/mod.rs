//! One patient's record across all sectors: searching it, and fetching its documents from their sources.
//!
//! ```text
//! SearchRecord ─ filter ─ scope.review ─ order ─ page
//! RetrieveDocument ─ scope.explain ─ Ticket ─ (audit entry durable) ─ Hub::fetch ─ breaker, patience, check ─ Document
//! ```

mod breaker;
mod check;
mod failure;
mod fetch;
mod filter;
mod order;
mod patience;
mod retrieve;
mod search;
mod stored;
#[cfg(test)]
mod tests;

pub(crate) use breaker::Breakers;
pub use fetch::Document;
pub use filter::{RecordFilter, Span};
pub use patience::Patience;
pub use retrieve::{RetrieveDocument, Ticket};
pub use search::{RecordPage, SearchRecord};
