//! `MedCom`'s OIOXML letters ("Den gode XML …").
//!
//! Every letter is an `Emessage`: an envelope and one letter element with the same head. The head of
//! any letter can be read ([`parse_header`]); the discharge letter XDIS01 ([`parse_discharge_letter`])
//! and the receipts XCTL02 and XCTL03 ([`parse_receipt`], [`positive_receipt`], [`negative_receipt`])
//! are read and written in full.
//!
//! Times are Danish local time, as the letters carry no offset.

mod clinical;
mod discharge;
mod header;
mod kind;
mod party;
mod patient;
mod receipt;
mod receipt_write;
mod values;

pub use clinical::{ClinicalText, Diagnosis};
pub use discharge::{DischargeLetter, parse_discharge_letter};
pub use header::{Envelope, Header, Letter, LetterStatus, parse_header};
pub use kind::LetterKind;
pub use party::{OrganisationId, Party};
pub use patient::{Patient, PatientId};
pub use receipt::{OriginalMessage, Receipt, ReceiptOutcome, RefuseCode, parse_receipt};
pub use receipt_write::{ReceiptStamp, negative_receipt, positive_receipt};

use crate::{Violation, XmlError};

/// Why bytes are not the letter that was asked for. Holds no content of the letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OioxmlError {
    /// Not XML that is read here.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML, but no `Emessage` with a letter in it.
    #[error("not an OIOXML Emessage with a letter")]
    NotEmessage,
    /// A letter of another type than the one asked for.
    #[error("the letter is {found}, not {expected}")]
    OtherLetter {
        /// The type of the letter.
        found: LetterKind,
        /// The type that can be read here.
        expected: &'static str,
    },
    /// The right letter, with all the rules that it breaks.
    #[error("the letter breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
}
