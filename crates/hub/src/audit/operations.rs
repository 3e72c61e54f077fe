//! What can be asked of the access log.

mod accesses;
mod export;
mod filter;
mod gather;
mod narrow;
mod search;

pub use accesses::{Access, ListAccesses};
pub use export::{Export, ExportEntries};
pub use filter::EntryFilter;
pub(crate) use filter::may_follow_up_at;
pub use search::{EntryPage, GetEntry, SearchEntries};
