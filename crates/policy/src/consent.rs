//! The citizen's word: blocks (negative consents) and permits (positive consents), with the semantics of the
//! national consent service `MinSpærring`.
//!
//! A consent says WHAT may (not) be seen by WHOM and WHEN. When is the time of retrieval, not the age of the data.
//! A permit overrides blocks. Consents are ended, never deleted.

mod coverage;
pub(crate) mod filter;
mod label;
mod validate;
mod who;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AuthorisationId, Micros, OrganisationId, PatientKey};

pub use validate::ConsentInvalid;

/// Whether a consent closes or opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentKind {
    /// A block: WHO may not see WHAT.
    Negative,
    /// A permit: WHO may see WHAT in spite of blocks.
    Positive,
    /// The citizen does not want discharge letters sent to WHO (Sundhedsloven § 41, stk. 3). Says nothing about access.
    LetterOptOut,
}

/// WHAT a consent concerns: all data, narrowed by each limit that is given. All limits must hold together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct What {
    /// Only this entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<Uuid>,
    /// Only documents of these type codes; empty means all types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub document_types: Vec<String>,
    /// Only data from this period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Only data that originate here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl What {
    /// All data.
    pub fn all() -> Self {
        Self::default()
    }

    /// Whether no limit narrows it.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// A period of the data, by service time; both ends belong to it, an open end is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// First moment.
    pub from: Option<Micros>,
    /// Last moment.
    pub to: Option<Micros>,
}

/// An organisation, with or without its underlying units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Whether its underlying units are meant too.
    pub with_underlying: bool,
}

/// WHO a consent is about. Anybody else is unaffected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// Every professional.
    All,
    /// One authorised professional.
    Person(AuthorisationId),
    /// The staff of an organisation.
    Organisation(Origin),
}

/// One consent record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The hub's id of it.
    pub id: Uuid,
    /// The citizen.
    pub patient: PatientKey,
    /// Block or permit.
    pub kind: ConsentKind,
    /// The data that it concerns.
    pub what: What,
    /// The professionals that it concerns.
    pub who: Who,
    /// In force from this time of retrieval.
    pub valid_from: Micros,
    /// In force until before this moment. A permit must have it; a block may be open-ended.
    pub valid_until: Option<Micros>,
    /// Ended early by the citizen at this moment.
    pub ended_at: Option<Micros>,
}

impl Consent {
    /// Whether it has effect on a retrieval at `now`. A permit without an end never has: it is not lawful
    /// (Sundhedsloven § 44 lets a consent lapse after a year), so it opens nothing.
    pub fn in_force(&self, now: Micros) -> bool {
        let lawful = self.kind != ConsentKind::Positive || self.valid_until.is_some();
        lawful
            && self.valid_from <= now
            && self.valid_until.is_none_or(|until| now < until)
            && self.ended_at.is_none_or(|ended| now < ended)
    }
}
