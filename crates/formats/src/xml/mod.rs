//! The one way in which XML is read here: decoded by its declaration, bounded, without DTD, into a small tree.

mod decode;
mod field;
mod reader;
mod tree;
mod write;

pub(crate) use field::Field;
pub(crate) use reader::read;
pub(crate) use tree::{Element, Node};
pub(crate) use write::Writer;

/// Why bytes are not XML that is read here. Holds no part of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// The input is longer than the limit.
    #[error("the input is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Elements are nested deeper than the limit.
    #[error("elements are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// There are more elements and attributes than the limit.
    #[error("there are more than {limit} elements and attributes")]
    TooManyElements {
        /// The limit.
        limit: usize,
    },
    /// The declared encoding is not UTF-8, ISO-8859-1, ISO-8859-15 or Windows-1252.
    #[error("the declared encoding is not supported")]
    UnsupportedEncoding,
    /// The bytes are not text in the declared encoding.
    #[error("the bytes are not text in the declared encoding")]
    BadEncoding,
    /// There is a document type declaration, which could define entities.
    #[error("a document type declaration is not accepted")]
    DoctypeNotAccepted,
    /// There is a reference to an entity that XML does not define itself.
    #[error("a reference to an undefined entity at byte {offset} of the decoded text")]
    UnknownEntity {
        /// Where, in bytes of the text after decoding to UTF-8.
        offset: u64,
    },
    /// The input is not well-formed.
    #[error("not well-formed XML at byte {offset} of the decoded text")]
    Malformed {
        /// Where, in bytes of the text after decoding to UTF-8.
        offset: u64,
    },
}
