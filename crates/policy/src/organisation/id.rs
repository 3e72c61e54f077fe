//! The identifier of an organisation.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An organisation by its SOR code, `sor:` and one to twenty digits.
///
/// Ydernumre, SHAK codes and location numbers are mapped to SOR before they come here, so that two names of one
/// place can never slip past a block.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationId(String);

/// The text is not `sor:` and one to twenty digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an organisation is written sor: and 1 to 20 digits")]
pub struct OrganisationIdInvalid;

impl OrganisationId {
    /// Reads the `sor:<code>` form.
    pub fn parse(text: &str) -> Result<Self, OrganisationIdInvalid> {
        Self::sor(text.strip_prefix("sor:").ok_or(OrganisationIdInvalid)?)
    }

    /// From a bare SOR code.
    pub fn sor(code: &str) -> Result<Self, OrganisationIdInvalid> {
        let fits = (1..=20).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(format!("sor:{code}")))
            .ok_or(OrganisationIdInvalid)
    }

    /// The `sor:<code>` form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bare SOR code.
    pub fn code(&self) -> &str {
        self.0.strip_prefix("sor:").unwrap_or(&self.0)
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
        id.0
    }
}

impl fmt::Display for OrganisationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
