//! Who a record is about: person numbers, their keys, and the links between numbers of one person.
//!
//! Rows are keyed by a keyed hash of the number. The number itself is stored once, encrypted. A changed or merged number is a link with history:
//! every query follows it, and nothing is rewritten.

pub mod demographics;
pub mod operations;
pub(crate) mod rows;

use delt_formats::identifier::PersonNumber;

use crate::{Result, clock::Micros};

/// How many numbers one person can have before the hub refuses to follow further: far above any real case.
pub(crate) const NUMBERS_MAX: usize = 32;

/// Why two numbers are one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// Both in use, such as a D-eCPR and the CPR number.
    Linked,
    /// The old one is closed; the new one goes on.
    Merged,
}

impl LinkKind {
    pub(crate) const fn to_row(self) -> i64 {
        match self {
            Self::Linked => 1,
            Self::Merged => 2,
        }
    }

    pub(crate) fn from_row(value: i64) -> Result<Self> {
        match value {
            1 => Ok(Self::Linked),
            2 => Ok(Self::Merged),
            _ => Err(crate::Error::internal("unknown link kind in a row")),
        }
    }
}

/// Two numbers of one person, from the older to the one that goes on.
#[derive(Debug, Clone)]
pub struct PatientLink {
    pub kind: LinkKind,
    pub from: PersonNumber,
    pub to: PersonNumber,
    pub created_at: Micros,
}
