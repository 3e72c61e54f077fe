//! Pure codecs between bytes and the domain: nothing here reads a clock, a socket or a file.
//!
//! - [`identifier`]: person numbers (CPR, X-eCPR, D-eCPR), GLN, SOR, ydernummer, SHAK, CVR, authorisation id.
//! - [`valueset`]: the value sets of the Danish document-sharing profile, with displays.
//! - [`oioxml`]: `MedCom`'s OIOXML letters: the XDIS01 discharge letter and the XCTL receipts.
//! - [`fhir`]: `MedCom` FHIR messages and their acknowledgements; consents by IHE PCF.
//! - [`cda`]: the header of a CDA R2 document, from which a source builds a document entry.
//!
//! Every parser takes [`Limits`], never panics, and answers bad content with all its
//! [`Violation`]s at once. No error and no `Debug` output carries personal data.

pub mod cda;
pub mod fhir;
pub mod identifier;
mod limits;
pub mod oioxml;
mod sensitive;
pub mod valueset;
mod violation;
mod xml;

pub use limits::Limits;
pub use sensitive::Sensitive;
pub use violation::{Violation, ViolationCode};
pub use xml::XmlError;
