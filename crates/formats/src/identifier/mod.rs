//! Danish identifiers, parsed once and valid from then on.
//!
//! The rules are those of hl7dk/dk-core (FHIR profiles and invariants, CC0). A parse error names
//! the kind of identifier and the rule that it broke, never the value.

mod authorisation;
mod cvr;
mod gln;
mod person;
mod person_format;
mod plain;
pub mod system;

pub use authorisation::AuthorisationId;
pub use cvr::Cvr;
pub use gln::Gln;
pub use person::{PersonNumber, PersonNumberKind};
pub use plain::{Shak, SorCode, Ydernummer};

/// Why a text is not the identifier that it should be. Holds no part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct IdentifierError {
    /// The kind of identifier, such as `cpr` or `gln`.
    pub field: &'static str,
    /// The rule that was broken.
    pub reason: &'static str,
}

impl IdentifierError {
    pub(crate) const fn new(field: &'static str, reason: &'static str) -> Self {
        Self { field, reason }
    }
}

/// The digits of an ASCII-digit text as numbers; `None` where another character stands.
fn digits(text: &str) -> Option<Vec<u32>> {
    text.chars().map(|c| c.to_digit(10)).collect()
}

/// Gives a validated text newtype what every identifier has: the text, parsing and display.
macro_rules! text_identifier {
    ($name:ident) => {
        impl $name {
            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::identifier::IdentifierError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
use text_identifier;
