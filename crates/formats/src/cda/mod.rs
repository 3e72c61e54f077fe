//! The header of a CDA R2 document: the facts from which a source builds a document entry.

mod header;
mod participation;
mod read;
mod time;

pub use header::{Coded, Header, HeaderError, Id, ServiceEvent};
pub use participation::{Author, Custodian, PersonName, RecordTarget};
pub use read::parse_header;
pub use time::Timestamp;
