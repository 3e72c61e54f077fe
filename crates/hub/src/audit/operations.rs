//! What can be asked of the access log.

mod accesses;
mod chain;
mod export;
mod filter;
mod gather;
mod narrow;
mod search;
mod visits;

pub use accesses::{Access, ListAccesses};
pub use chain::{ChainEntry, ChainEntryKind, ChainPage, ListChain, PatientChain, Stated};
pub use export::{Export, ExportEntries};
pub use filter::EntryFilter;
pub(crate) use filter::may_follow_up_at;
pub use search::{EntryPage, GetEntry, SearchEntries};
pub use visits::{ListVisits, Looked, PatientVisit, VisitPage, Who};
