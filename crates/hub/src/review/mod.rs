//! What somebody must look at afterwards: each time that the glass was broken, and each professional's word that nothing confirmed.
//!
//! A case is opened in the transaction that writes what it is about, so none is ever missing, and numbered without a gap, so a missing one would show.

pub mod operations;
pub(crate) mod rows;
pub mod rules;

use std::fmt;

use delt_policy::{AuthorisationId, OrganisationId, OverrideGround, PatientKey};
use uuid::Uuid;

use crate::clock::Micros;

/// How cases come to be and how they are decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReviewSettings {
    /// What finds accesses that deserve a look.
    pub rules: rules::Rules,
    /// The kinds whose decision a second person must confirm.
    pub four_eyes: Vec<CaseKind>,
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseKind {
    /// Somebody broke the glass. The subject is the opening.
    BreakGlass,
    /// Somebody said that they treat the patient, and nothing confirmed it in time. The subject is the relation.
    RelationUnconfirmed,
    /// A look at a record without a treatment relation.
    NoRelation,
    /// One person looked at unusually many patients in a day.
    ManyPatients,
    /// The patient has the family name of who looked.
    SameFamilyName,
    /// The patient lives where who looked lives.
    SameAddress,
    /// The patient works where who looked works.
    Colleague,
    /// One patient was looked up by many places in a day.
    ManyPlaces,
    /// Outside the working hours of the role.
    OutsideHours,
    /// Drawn at random. The subject is the entry within its sample.
    Sample,
}

impl CaseKind {
    pub const ALL: [Self; 10] = [
        Self::BreakGlass,
        Self::RelationUnconfirmed,
        Self::NoRelation,
        Self::ManyPatients,
        Self::SameFamilyName,
        Self::SameAddress,
        Self::Colleague,
        Self::ManyPlaces,
        Self::OutsideHours,
        Self::Sample,
    ];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BreakGlass => "break-glass",
            Self::RelationUnconfirmed => "relation-unconfirmed",
            Self::NoRelation => "no-relation",
            Self::ManyPatients => "many-patients",
            Self::SameFamilyName => "same-family-name",
            Self::SameAddress => "same-address",
            Self::Colleague => "colleague",
            Self::ManyPlaces => "many-places",
            Self::OutsideHours => "outside-hours",
            Self::Sample => "sample",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody works on it.
    Open,
    /// Somebody works on it.
    Assigned,
    /// One has decided, and a second must confirm.
    Proposed,
    Closed,
}

impl CaseState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Assigned, Self::Proposed, Self::Closed];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Assigned => "assigned",
            Self::Proposed => "proposed",
            Self::Closed => "closed",
        }
    }

    /// The state with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }
}

/// A case as it is kept, with what its subject adds.
#[derive(Clone, PartialEq, Eq)]
pub struct ReviewCase {
    /// Counts up over the whole hub, from 1.
    pub number: u64,
    pub kind: CaseKind,
    pub state: CaseState,
    pub patient: PatientKey,
    /// The opening or the relation of that patient.
    pub subject: Uuid,
    /// Whose doing is looked at, in which role, and where they did it.
    pub person: AuthorisationId,
    pub role: String,
    pub organisation: OrganisationId,
    pub opened_at: Micros,
    /// The entry of the access log that began it, where a request did.
    pub audit_entry_id: Option<Uuid>,
    /// The lawful ground; none where no glass was broken.
    pub ground: Option<OverrideGround>,
    /// As it was written: free text that may name people. Empty where none was given.
    pub reason: String,
    /// When the glass closes; none where none was broken.
    pub expires_at: Option<Micros>,
}

/// Without the reason, which is free text and may name people.
impl fmt::Debug for ReviewCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReviewCase")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
