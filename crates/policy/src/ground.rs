//! Reasons: what determined a decision, in a form that can be audited and told.

use std::fmt;

use serde::Serialize;

/// The rule that a ground is an application of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A Cedar policy on the role; the reference is the policy's id.
    Role,
    /// The version of the role policies; the reference is its hash.
    PolicyVersion,
    /// The purpose of use; the reference is its code.
    Purpose,
    /// A treatment relation; the reference is its id.
    Relation,
    /// A treatment relation that rests on a professional's own word, to be confirmed; the reference is its id.
    Attestation,
    /// A treatment relation that has ended, for learning from one's own work; the reference is its id.
    PastRelation,
    /// The management's permission for quality work; the reference is its id.
    QualityPermission,
    /// A citizen's block; the reference is its id.
    ConsentBlock,
    /// A citizen's permit; the reference is its id.
    ConsentPermit,
    /// Break-glass.
    BreakGlass,
    /// On which lawful ground the glass is broken; the reference is its name.
    OverrideGround,
    /// The glass that was broken earlier and is still open; the reference is the opening's id.
    Opening,
    /// The citizen's own record.
    OwnRecord,
    /// The citizen's age.
    Age,
    /// Acting for another citizen; the reference is the id of the registered right.
    Delegation,
    /// A helper under a responsible professional; the reference is the professional's role or the delegation's id.
    Helper,
    /// The organisations that a system or person belongs to or is registered for.
    Organisation,
    /// The source that registered an entry.
    OwnSource,
    /// The request does not say which patient, or names another.
    Patient,
}

impl Rule {
    /// The stable name in audit entries.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::PolicyVersion => "policy-version",
            Self::Purpose => "purpose",
            Self::Relation => "relation",
            Self::Attestation => "attestation",
            Self::PastRelation => "past-relation",
            Self::QualityPermission => "quality-permission",
            Self::ConsentBlock => "consent-block",
            Self::ConsentPermit => "consent-permit",
            Self::BreakGlass => "break-glass",
            Self::OverrideGround => "override-ground",
            Self::Opening => "opening",
            Self::OwnRecord => "own-record",
            Self::Age => "age",
            Self::Delegation => "delegation",
            Self::Helper => "helper",
            Self::Organisation => "organisation",
            Self::OwnSource => "own-source",
            Self::Patient => "patient",
        }
    }
}

/// One reason: the rule, what it was applied to, and a sentence for the audit entry.
///
/// Never holds a person number or a free text of the caller's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// The rule.
    pub rule: Rule,
    /// The policy, consent, relation or organisation that it was applied to.
    pub reference: String,
    /// A sentence in English.
    pub detail: String,
}

impl Ground {
    pub(crate) fn new(rule: Rule, reference: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            rule,
            reference: reference.into(),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} [{}]: {}",
            self.rule.as_str(),
            self.reference,
            self.detail
        )
    }
}

/// Why a request was refused, in general terms: none of them tells whether any data exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DenialReason {
    /// No role policy allows this action to this caller.
    NoRole,
    /// The request has no purpose where one is needed.
    PurposeMissing,
    /// The purpose does not allow this action to this caller.
    PurposeNotAllowed,
    /// Break-glass without a reason of 10 to 500 characters.
    OverrideReasonMissing,
    /// Break-glass without one of the two lawful grounds.
    OverrideGroundMissing,
    /// A condition of the purpose does not hold (Sundhedsloven § 42 d).
    ConditionsNotMet,
    /// No treatment relation between the patient and the caller.
    NoRelation,
    /// An organisation that the caller may not act for.
    ForeignOrganisation,
    /// A citizen asks for somebody else.
    NotTheCitizen,
    /// A child who does not yet decide alone about the own record (Sundhedsloven § 17).
    BelowOwnDecisionAge,
    /// Acting for another without a registered right that shows it.
    DelegationMissing,
    /// The responsible professional of a helper is not one.
    ResponsibleNotAllowed,
    /// The citizen has blocked all access for this caller.
    ConsentBlocksAll,
    /// The request names no patient where one is needed, or more numbers than one person can have.
    PatientMissing,
}

impl DenialReason {
    /// The stable `reason` of the error that the caller gets.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoRole => "no-role",
            Self::PurposeMissing => "purpose-missing",
            Self::PurposeNotAllowed => "purpose-not-allowed",
            Self::OverrideReasonMissing => "override-reason-missing",
            Self::OverrideGroundMissing => "override-ground-missing",
            Self::ConditionsNotMet => "conditions-not-met",
            Self::NoRelation => "no-relation",
            Self::ForeignOrganisation => "foreign-organisation",
            Self::NotTheCitizen => "not-the-citizen",
            Self::BelowOwnDecisionAge => "below-own-decision-age",
            Self::DelegationMissing => "delegation-missing",
            Self::ResponsibleNotAllowed => "responsible-not-allowed",
            Self::ConsentBlocksAll => "consent-blocks-all",
            Self::PatientMissing => "patient-missing",
        }
    }
}

/// A refusal. The caller is told the reason; the grounds are for the audit entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// In general terms, for the caller.
    pub reason: DenialReason,
    /// What determined it, for the audit entry.
    pub grounds: Vec<Ground>,
}
