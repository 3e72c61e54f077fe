//! What a permitted caller may see or do, here, now, for this purpose.

use std::sync::Arc;

use uuid::Uuid;

use crate::consent::filter::ConsentFilter;
use crate::roles::{Confidentiality, DocumentClass, RoleAnswer, RoleTable};
use crate::{
    Action, Consent, EntryFacts, Ground, OrganisationId, OrganisationTree, OverrideGround,
    PatientKey, Purpose, Rule,
};

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

/// Which entries a scope admits.
#[derive(Debug)]
pub(crate) enum Filter {
    /// The action is not about entries.
    Nothing,
    /// A source sees what it registered.
    OwnSource { system: String },
    /// A citizen sees the own record.
    OwnRecord { table: Arc<RoleTable> },
    /// Staff see what role and consent leave.
    Staff {
        table: Arc<RoleTable>,
        consents: ConsentFilter,
        glass: Option<Glass>,
    },
}

/// The glass is broken.
#[derive(Debug)]
pub(crate) struct Glass {
    /// What the role allows for treatment, so that what needed no override is not flagged as one.
    pub(crate) treatment: Arc<RoleTable>,
    /// Whether a treatment relation is registered all the same.
    pub(crate) related: bool,
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
        match &self.filter {
            Filter::OwnSource { system } if *system == entry.source_id => Verdict::Visible,
            Filter::OwnSource { .. } | Filter::Nothing => OUT_OF_SCOPE,
            _ if !self.covers_patient(&entry.patient) => OUT_OF_SCOPE,
            Filter::OwnRecord { table } => by_role(table, entry),
            Filter::Staff {
                table,
                consents,
                glass,
            } => match by_role(table, entry) {
                Verdict::Visible => by_consent(consents, glass.as_ref(), entry),
                withheld => withheld,
            },
        }
    }

    /// The verdict on one entry and what determined it.
    pub fn explain(&self, entry: &EntryFacts) -> Explained {
        let verdict = self.admits(entry);
        let grounds = match (&self.filter, verdict) {
            (_, OUT_OF_SCOPE) => vec![Ground::new(
                Rule::Patient,
                self.action.as_str(),
                "the entry is not what this request is about",
            )],
            (Filter::OwnSource { system }, _) => vec![Ground::new(
                Rule::OwnSource,
                system.as_str(),
                "the source registered the entry itself",
            )],
            (Filter::OwnRecord { table }, _) => role_grounds(cell(table, entry)),
            (
                Filter::Staff {
                    table,
                    consents,
                    glass,
                },
                _,
            ) => staff_grounds(table, consents, glass.as_ref(), entry),
            (Filter::Nothing, _) => Vec::new(),
        };
        Explained { verdict, grounds }
    }
}

const OUT_OF_SCOPE: Verdict = Verdict::Withheld(WithheldReason::OutOfScope);

fn cell<'a>(table: &'a RoleTable, entry: &EntryFacts) -> &'a RoleAnswer {
    table.answer(
        DocumentClass::of_type_code(&entry.type_code),
        Confidentiality::of_code(&entry.confidentiality),
    )
}

fn by_role(table: &RoleTable, entry: &EntryFacts) -> Verdict {
    if cell(table, entry).permitted {
        Verdict::Visible
    } else {
        Verdict::Withheld(WithheldReason::Role)
    }
}

fn by_consent(consents: &ConsentFilter, glass: Option<&Glass>, entry: &EntryFacts) -> Verdict {
    let blocked = consents.block_on(entry).is_some();
    match glass {
        None if blocked => Verdict::Withheld(WithheldReason::Consent),
        Some(glass) if blocked || glass.needed_for(entry) => Verdict::VisibleByOverride,
        _ => Verdict::Visible,
    }
}

impl Glass {
    /// Whether ordinary treatment would not have shown the entry, consents apart.
    fn needed_for(&self, entry: &EntryFacts) -> bool {
        !self.related || !cell(&self.treatment, entry).permitted
    }
}

pub(crate) fn role_grounds(answer: &RoleAnswer) -> Vec<Ground> {
    let does = if answer.permitted {
        "permits"
    } else {
        "forbids"
    };
    if answer.policies.is_empty() {
        let detail = "no policy permits this to the role";
        return vec![Ground::new(Rule::Role, "none", detail)];
    }
    answer
        .policies
        .iter()
        .map(|id| Ground::new(Rule::Role, id, format!("the role policy {does} it")))
        .collect()
}

fn staff_grounds(
    table: &RoleTable,
    consents: &ConsentFilter,
    glass: Option<&Glass>,
    entry: &EntryFacts,
) -> Vec<Ground> {
    let answer = cell(table, entry);
    let mut grounds = role_grounds(answer);
    if !answer.permitted {
        return grounds;
    }
    let block = consents.block_on(entry);
    grounds.extend(block.map(|block| {
        let detail = "a block of the citizen covers the entry";
        Ground::new(Rule::ConsentBlock, block.id.to_string(), detail)
    }));
    grounds.extend(consents.permits_for(entry).map(|permit| {
        let detail = "a permit of the citizen opens the entry in spite of a block";
        Ground::new(Rule::ConsentPermit, permit.id.to_string(), detail)
    }));
    if glass.is_some_and(|glass| block.is_some() || glass.needed_for(entry)) {
        let detail = "opened by break-glass";
        grounds.push(Ground::new(Rule::BreakGlass, Purpose::Btg.as_str(), detail));
    }
    grounds
}
