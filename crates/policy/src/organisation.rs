//! Organisations in a SOR-like hierarchy.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How far a chain of parents is followed. SOR has fewer than ten levels; a longer chain is a broken directory.
const MAX_DEPTH: usize = 32;

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

/// The part of the health service that an organisation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sector {
    /// Hospitals and what else a region runs.
    Region,
    /// A general practitioner's clinic.
    GeneralPractice,
    /// A specialist's clinic.
    SpecialistPractice,
    /// Home nursing, home care, care homes, rehabilitation.
    Municipality,
    /// A pharmacy.
    Pharmacy,
    /// A private hospital or clinic.
    Private,
    /// A national authority or portal.
    National,
    /// The directory does not say. Policies name the sectors that they allow, so this one gets nothing.
    Unknown,
}

impl Sector {
    /// Every sector.
    pub const ALL: [Self; 8] = [
        Self::Region,
        Self::GeneralPractice,
        Self::SpecialistPractice,
        Self::Municipality,
        Self::Pharmacy,
        Self::Private,
        Self::National,
        Self::Unknown,
    ];

    /// The name in the policies and in the directory.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::GeneralPractice => "general-practice",
            Self::SpecialistPractice => "specialist-practice",
            Self::Municipality => "municipality",
            Self::Pharmacy => "pharmacy",
            Self::Private => "private",
            Self::National => "national",
            Self::Unknown => "unknown",
        }
    }

    /// The sector with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sector| sector.as_str() == code)
    }
}

#[derive(Debug, Clone)]
struct Node {
    parent: Option<OrganisationId>,
    sector: Option<Sector>,
}

/// The hierarchy of organisations: immutable, shared by `Arc`, replaced as a whole when the directory changes.
///
/// Closed organisations should stay in it: what it does not hold, it cannot place outside a block.
#[derive(Debug, Clone, Default)]
pub struct OrganisationTree {
    nodes: HashMap<OrganisationId, Node>,
}

impl OrganisationTree {
    /// From rows of (organisation, parent, sector); a unit without a sector has its nearest ancestor's.
    /// Of several rows for one organisation the last counts.
    pub fn new(
        rows: impl IntoIterator<Item = (OrganisationId, Option<OrganisationId>, Option<Sector>)>,
    ) -> Self {
        let nodes = rows
            .into_iter()
            .map(|(id, parent, sector)| (id, Node { parent, sector }))
            .collect();
        Self { nodes }
    }

    /// Whether the directory knows the organisation.
    pub fn contains(&self, organisation: &OrganisationId) -> bool {
        self.nodes.contains_key(organisation)
    }

    /// The number of organisations known.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no organisation is known.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The parents from the nearest up. Stops after a bounded number of steps, so that a loop in a broken
    /// directory ends.
    pub fn ancestors<'a>(
        &'a self,
        organisation: &OrganisationId,
    ) -> impl Iterator<Item = &'a OrganisationId> + use<'a> {
        std::iter::successors(self.parent(organisation), |id| self.parent(id)).take(MAX_DEPTH)
    }

    /// Whether `organisation` is `root` or an underlying unit of it.
    pub fn is_within(&self, organisation: &OrganisationId, root: &OrganisationId) -> bool {
        organisation == root || self.ancestors(organisation).any(|id| id == root)
    }

    /// The sector of the organisation or of its nearest ancestor that has one.
    pub fn sector(&self, organisation: &OrganisationId) -> Sector {
        std::iter::once(organisation)
            .chain(self.ancestors(organisation))
            .find_map(|id| self.nodes.get(id)?.sector)
            .unwrap_or(Sector::Unknown)
    }

    fn parent(&self, organisation: &OrganisationId) -> Option<&OrganisationId> {
        self.nodes.get(organisation)?.parent.as_ref()
    }
}
