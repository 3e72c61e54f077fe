//! The identifier of an organisation.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

const PREFIX: &str = "sor:";
const MAX_DIGITS: usize = 20;
const MAX_BYTES: usize = PREFIX.len() + MAX_DIGITS;

/// An organisation by its SOR code, `sor:` and one to twenty digits.
///
/// Ydernumre, SHAK codes and location numbers are mapped to SOR before they come here, so that two names of one
/// place can never slip past a block.
// The text lies in the value itself, padded with zeros: a review compares hundreds, and following a pointer to each
// costs more than the comparison.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationId {
    text: [u8; MAX_BYTES],
    length: u8,
}

/// The text is not `sor:` and one to twenty digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an organisation is written sor: and 1 to 20 digits")]
pub struct OrganisationIdInvalid;

impl OrganisationId {
    /// Reads the `sor:<code>` form.
    pub fn parse(text: &str) -> Result<Self, OrganisationIdInvalid> {
        Self::sor(text.strip_prefix(PREFIX).ok_or(OrganisationIdInvalid)?)
    }

    /// From a bare SOR code.
    pub fn sor(code: &str) -> Result<Self, OrganisationIdInvalid> {
        let fits = !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit());
        let length = PREFIX.len() + code.len();
        let mut text = [0; MAX_BYTES];
        match (text.get_mut(..length), u8::try_from(length)) {
            (Some(room), Ok(length)) if fits => {
                let whole = PREFIX.bytes().chain(code.bytes());
                room.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
                Ok(Self { text, length })
            }
            _ => Err(OrganisationIdInvalid),
        }
    }

    /// The `sor:<code>` form.
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..usize::from(self.length));
        text.and_then(|text| std::str::from_utf8(text).ok())
            .unwrap_or_default()
    }

    /// The bare SOR code.
    pub fn code(&self) -> &str {
        self.as_str().strip_prefix(PREFIX).unwrap_or_default()
    }
}

/// The padded text tells the length.
impl Hash for OrganisationId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.text);
    }
}

impl TryFrom<String> for OrganisationId {
    type Error = OrganisationIdInvalid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for OrganisationId {
    type Err = OrganisationIdInvalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl From<OrganisationId> for String {
    fn from(id: OrganisationId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OrganisationId")
            .field(&self.as_str())
            .finish()
    }
}
