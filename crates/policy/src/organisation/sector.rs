//! The sectors of the health service.

use serde::{Deserialize, Serialize};

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
