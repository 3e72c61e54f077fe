//! Break-glass: on which ground, and for how long.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AuthorisationId, Micros, OrganisationId, PatientKey};

/// The two lawful grounds for setting a citizen's block aside (`værdispring`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OverrideGround {
    /// The citizen lifts the block for this treatment. A treatment relation is still needed.
    CitizenLiftsBlock,
    /// Essential consideration for the patient, who cannot be asked (Sundhedsloven § 42 a, stk. 2).
    EssentialConsideration,
}

impl OverrideGround {
    /// Every ground.
    pub const ALL: [Self; 2] = [Self::CitizenLiftsBlock, Self::EssentialConsideration];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CitizenLiftsBlock => "citizen-lifts-block",
            Self::EssentialConsideration => "essential-consideration",
        }
    }

    /// The ground with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == code)
    }
}

/// The glass as somebody broke it: for one patient, by one professional at one place, until it closes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The hub's id of it.
    pub id: Uuid,
    /// Whose record.
    pub patient: PatientKey,
    /// Who broke it.
    pub person: AuthorisationId,
    /// Where they work.
    pub organisation: OrganisationId,
    /// On which ground.
    pub ground: OverrideGround,
    /// When it was broken.
    pub from: Micros,
    /// When it closes.
    pub until: Micros,
}

impl Opening {
    /// Whether the glass is still broken at `now`.
    pub const fn active_at(&self, now: Micros) -> bool {
        self.from <= now && now < self.until
    }
}
