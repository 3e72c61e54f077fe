//! What can be asked of the index.

mod get;
mod list;
mod register;
mod update;

pub use get::{FoundDocument, GetDocument};
pub use list::{DocumentPage, ListSourceDocuments};
pub(crate) use register::together;
pub use register::{RegisterDocument, Registered};
pub(crate) use register::{Registration, register};
pub use update::UpdateDocumentStatus;
