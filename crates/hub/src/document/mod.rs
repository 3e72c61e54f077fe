//! Pointers to documents: what a source says of a document (an XDS `DocumentEntry`), what has become of it since, and how its content is fetched.

mod changes;
mod check;
mod differ;
mod entry;
mod identity;
pub(crate) mod insert;
pub mod operations;
pub(crate) mod record_row;
mod relate;
mod row;
pub(crate) mod rows;
mod seal;
mod source;
mod state;
#[cfg(test)]
mod tests;

pub use check::ENCODED_MAX;
pub use entry::{
    Author, AvailabilityStatus, Code, DocumentEntry, EncodedEntry, EntryType, IndexedEntry,
    Institution, Person, ReferenceId, Relation, RelationCode,
};
pub use source::{Content, Locator, SourceFault, Sources};
