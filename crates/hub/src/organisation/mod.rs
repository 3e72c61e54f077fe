//! Organisations, the systems that act for them, and which system a client certificate stands for.
//!
//! A [`Directory`] is an immutable snapshot: a reload makes a new one and requests in flight keep theirs.

mod check;
mod directory;
mod load;
mod named;
pub mod operations;
mod sor;
mod system;
#[cfg(test)]
mod tests;

pub use directory::{Directory, DirectoryError};
pub use named::NotNamed;
pub use system::{Receiver, SourceAddress, SourceEndpoint, System, Validation};

use delt_policy::{OrganisationId, Sector};
use serde::Deserialize;

/// An organisation or a unit of one, as in the Danish register of health-care organisations (SOR).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    /// Its SOR code; in the file without prefix.
    #[serde(deserialize_with = "sor::one")]
    pub sor: OrganisationId,
    /// The organisation it is part of.
    #[serde(default, deserialize_with = "sor::optional")]
    pub parent: Option<OrganisationId>,
    pub name: String,
    /// The sector; a unit without one has that of the nearest organisation above it.
    #[serde(default)]
    pub sector: Option<Sector>,
    /// The kind of organisation or unit, such as `hospital`, `department` or `practice`.
    pub kind: String,
    /// Provider number of a practice (*ydernummer*), six digits.
    #[serde(default)]
    pub ydernummer: Option<String>,
    /// Hospital department code (SHAK), four to seven characters.
    #[serde(default)]
    pub shak: Option<String>,
    /// Global location number, for messages.
    #[serde(default)]
    pub gln: Option<String>,
    /// Municipality code (*kommunekode*), kept with four digits.
    #[serde(default)]
    pub municipality_code: Option<String>,
    #[serde(default)]
    pub address: Option<Address>,
    #[serde(default)]
    pub phone: Option<String>,
}

/// Where an organisation can be visited.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub line: String,
    pub postal_code: String,
    pub city: String,
}
