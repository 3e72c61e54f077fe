//! Rights to act for somebody else: helpers under a professional, representatives of a citizen, and the permission that quality work needs.

mod validate;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Action, AuthorisationId, CitizenRelation, Micros, OrganisationId, OrganisationTree, PatientKey,
};

pub use crate::calendar::years_after;
pub use validate::DelegationInvalid;

/// What may be done for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Search the record and fetch its documents.
    ReadRecord,
    /// See which identities the patient has.
    IdentifyPatient,
    /// See, register and end consents; ask who could see what.
    ManageConsents,
    /// See who looked, who treats, and the notifications.
    SeeAccesses,
    /// Break the glass: a professional's own judgement.
    BreakGlass,
    /// Say that a patient is treated here: a professional's own word.
    AttestRelation,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 6] = [
        Self::ReadRecord,
        Self::IdentifyPatient,
        Self::ManageConsents,
        Self::SeeAccesses,
        Self::BreakGlass,
        Self::AttestRelation,
    ];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadRecord => "read-record",
            Self::IdentifyPatient => "identify-patient",
            Self::ManageConsents => "manage-consents",
            Self::SeeAccesses => "see-accesses",
            Self::BreakGlass => "break-glass",
            Self::AttestRelation => "attest-relation",
        }
    }

    /// The right that an action is an exercise of; none where it can only be done for oneself.
    pub const fn of(action: Action) -> Option<Self> {
        match action {
            Action::SearchRecord | Action::RetrieveDocument | Action::GetDocument => {
                Some(Self::ReadRecord)
            }
            Action::GetPatient => Some(Self::IdentifyPatient),
            Action::CreateConsent
            | Action::EndConsent
            | Action::ListConsents
            | Action::ExplainAccess => Some(Self::ManageConsents),
            Action::ListOwnAccesses | Action::ListRelations | Action::ListNotifications => {
                Some(Self::SeeAccesses)
            }
            Action::AttestRelation => Some(Self::AttestRelation),
            _ => None,
        }
    }

    /// Whether a professional may let a helper exercise it.
    pub const fn goes_to_helpers(self) -> bool {
        matches!(self, Self::ReadRecord | Self::IdentifyPatient)
    }

    /// Whether a representative of a citizen may exercise it.
    pub const fn goes_to_representatives(self) -> bool {
        matches!(
            self,
            Self::ReadRecord | Self::IdentifyPatient | Self::ManageConsents | Self::SeeAccesses
        )
    }
}

/// A professional lets a helper (medhjælp) act under their responsibility (bemyndigelse).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperDelegation {
    /// The hub's id of it.
    pub id: Uuid,
    /// The key of the helper's own person number.
    pub helper: PatientKey,
    /// Under whose responsibility.
    pub responsible: AuthorisationId,
    /// At which place; covers its underlying units.
    pub organisation: OrganisationId,
    /// What the helper may do; never empty.
    pub rights: Vec<Right>,
    /// From this moment.
    pub from: Micros,
    /// Until before this moment; two years after the start at most.
    pub until: Micros,
    /// Ended early at this moment.
    pub ended_at: Option<Micros>,
}

impl HelperDelegation {
    /// Whether it holds at `now`.
    pub fn active_at(&self, now: Micros) -> bool {
        active(self.from, Some(self.until), self.ended_at, now)
    }

    /// Whether it lets `helper` exercise `right` under `responsible` at a place.
    pub fn allows(
        &self,
        helper: &PatientKey,
        responsible: &AuthorisationId,
        right: Right,
        organisation: &OrganisationId,
        tree: &OrganisationTree,
    ) -> bool {
        self.helper == *helper
            && self.responsible == *responsible
            && right.goes_to_helpers()
            && self.rights.contains(&right)
            && tree.is_within(organisation, &self.organisation)
    }
}

/// A registered right to act for a citizen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// The hub's id of it.
    pub id: Uuid,
    /// Who is represented.
    pub patient: PatientKey,
    /// Who acts: the key of their own person number.
    pub representative: PatientKey,
    /// By which right.
    pub kind: CitizenRelation,
    /// What may be done; never empty.
    pub rights: Vec<Right>,
    /// Only documents of these type codes; empty means all.
    pub document_types: Vec<String>,
    /// Custody only: granted by application for a child of 15 to 17.
    pub after_fifteen: bool,
    /// From this moment.
    pub from: Micros,
    /// Until before this moment. A power of attorney must have it.
    pub until: Option<Micros>,
    /// Ended early at this moment.
    pub ended_at: Option<Micros>,
}

impl Representation {
    /// Whether it holds at `now`, the patient's age apart.
    pub fn active_at(&self, now: Micros) -> bool {
        active(self.from, self.until, self.ended_at, now)
    }
}

/// The management of a place of treatment permits one professional to look at its own data for quality work
/// (Sundhedsloven § 42 d).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityPermission {
    /// The hub's id of it.
    pub id: Uuid,
    /// The place of treatment whose own data may be looked at; covers its underlying units.
    pub organisation: OrganisationId,
    /// Whom it permits.
    pub person: AuthorisationId,
    /// From this moment.
    pub from: Micros,
    /// Until before this moment.
    pub until: Micros,
    /// Ended early at this moment.
    pub ended_at: Option<Micros>,
}

impl QualityPermission {
    /// Whether it holds at `now`.
    pub fn active_at(&self, now: Micros) -> bool {
        active(self.from, Some(self.until), self.ended_at, now)
    }
}

fn active(from: Micros, until: Option<Micros>, ended_at: Option<Micros>, now: Micros) -> bool {
    from <= now && until.is_none_or(|until| now < until) && ended_at.is_none_or(|ended| now < ended)
}
