//! What a permitted caller may see or do, here, now, for this purpose.

mod filter;
mod reach;

use std::sync::Arc;

use uuid::Uuid;

use crate::{
    Action, Consent, EntryFacts, Ground, OrganisationId, OrganisationTree, OverrideGround,
    PatientKey, Purpose, Rule,
};

pub(crate) use filter::{Filter, Glass, role_grounds};
pub(crate) use reach::Reach;

/// The authority of one permitted request: the key that the store asks for.
///
/// Only [`crate::decide()`] makes one. It cannot be cloned, defaulted, read from bytes or put together:
///
/// ```compile_fail
/// let forged = delt_policy::Scope { patients: Vec::new() };
/// ```
/// ```compile_fail
/// fn twice(scope: &delt_policy::Scope) -> delt_policy::Scope { scope.clone() }
/// ```
/// ```compile_fail
/// let empty = delt_policy::Scope::default();
/// ```
#[derive(Debug)]
pub struct Scope {
    pub(crate) action: Action,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) patients: Vec<PatientKey>,
    pub(crate) organisations: Vec<OrganisationId>,
    pub(crate) may_write: bool,
    pub(crate) tree: Arc<OrganisationTree>,
    pub(crate) policy_version: String,
    pub(crate) filter: Filter,
    pub(crate) grounds: Vec<Ground>,
    pub(crate) glass: Option<GlassUse>,
    pub(crate) letter_opt_outs: Vec<Consent>,
}

/// How the glass is broken in one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlassUse {
    /// On which ground.
    pub ground: OverrideGround,
    /// The opening that the request continues; none where it gives a reason of its own, which begins one.
    pub opening: Option<Uuid>,
}

/// What becomes of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The caller may see it.
    Visible,
    /// The caller may see it because the glass is broken; the answer and the audit entry flag it.
    VisibleByOverride,
    /// The caller may not see it.
    Withheld(WithheldReason),
}

impl Verdict {
    /// Whether the caller may see the entry.
    pub const fn is_visible(self) -> bool {
        matches!(self, Self::Visible | Self::VisibleByOverride)
    }
}

/// Why an entry is withheld, in the general terms that the caller may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WithheldReason {
    /// The citizen has blocked it.
    Consent,
    /// The role does not see documents of this kind.
    Role,
    /// The purpose does not reach it: too old, from elsewhere, or more than the right to act for another covers.
    Purpose,
    /// It is not what the request was about: another patient's, or another source's. Never told to the caller.
    OutOfScope,
}

impl WithheldReason {
    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Role => "role",
            Self::Purpose => "purpose",
            Self::OutOfScope => "out-of-scope",
        }
    }
}

/// A verdict with what determined it, for those who may ask why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The verdict.
    pub verdict: Verdict,
    /// The policies, consents and overrides behind it; never empty.
    pub grounds: Vec<Ground>,
}

impl Scope {
    /// The action that it was given for; good for no other.
    pub fn action(&self) -> Action {
        self.action
    }

    /// The purpose that it was given for.
    pub fn purpose(&self) -> Option<Purpose> {
        self.purpose
    }

    /// All keys of the one patient that the request is about; empty where it is about none.
    pub fn patients(&self) -> &[PatientKey] {
        &self.patients
    }

    /// Whether the scope is for this patient.
    pub fn covers_patient(&self, patient: &PatientKey) -> bool {
        self.patients.contains(patient)
    }

    /// The organisations that the caller acts for: a system's registered ones, a professional's own.
    pub fn organisations(&self) -> &[OrganisationId] {
        &self.organisations
    }

    /// Whether a system may write for the organisation, send in its name or receive for it: one that it is
    /// registered for, or an underlying unit.
    pub fn may_write_for(&self, organisation: &OrganisationId) -> bool {
        self.may_write
            && self
                .organisations
                .iter()
                .any(|root| self.tree.is_within(organisation, root))
    }

    /// Whether the glass is broken.
    pub fn is_override(&self) -> bool {
        self.purpose == Some(Purpose::Btg)
    }

    /// How the glass is broken, where it is.
    pub const fn glass(&self) -> Option<GlassUse> {
        self.glass
    }

    /// The citizen's opt-out that forbids a discharge letter to this receiver (Sundhedsloven § 41, stk. 3).
    pub fn letter_opt_out(&self, receiver: &OrganisationId) -> Option<Uuid> {
        self.letter_opt_outs
            .iter()
            .find(|consent| consent.who.names(None, receiver, &self.tree))
            .map(|consent| consent.id)
    }

    /// The version of the role policies that decided.
    pub fn policy_version(&self) -> &str {
        &self.policy_version
    }

    /// What determined the decision, for the audit entry; never empty.
    pub fn grounds(&self) -> &[Ground] {
        &self.grounds
    }

    /// The verdicts on entries, in their order.
    pub fn review<'a>(&self, entries: impl IntoIterator<Item = &'a EntryFacts>) -> Vec<Verdict> {
        entries
            .into_iter()
            .map(|entry| self.admits(entry))
            .collect()
    }

    /// The verdict on one entry.
    pub fn admits(&self, entry: &EntryFacts) -> Verdict {
        if self.is_about(entry) {
            self.filter.verdict(entry, &self.tree)
        } else {
            OUT_OF_SCOPE
        }
    }

    /// The verdict on one entry and what determined it.
    pub fn explain(&self, entry: &EntryFacts) -> Explained {
        let verdict = self.admits(entry);
        let grounds = if verdict == OUT_OF_SCOPE {
            let detail = "the entry is not what this request is about";
            vec![Ground::new(Rule::Patient, self.action.as_str(), detail)]
        } else {
            self.filter.grounds(entry, &self.tree)
        };
        Explained { verdict, grounds }
    }

    /// A source asks about its own entries, whose they may be; everybody else about the one patient.
    fn is_about(&self, entry: &EntryFacts) -> bool {
        match &self.filter {
            Filter::Nothing => false,
            Filter::OwnSource { .. } => true,
            Filter::OwnRecord { .. } | Filter::Staff { .. } => self.covers_patient(&entry.patient),
        }
    }
}

const OUT_OF_SCOPE: Verdict = Verdict::Withheld(WithheldReason::OutOfScope);
