//! Who may see and do what in Delt, and on which grounds.
//!
//! [`decide()`] is the one question: a [`Party`] wants to perform an [`Action`] for a [`Purpose`], and the hub
//! has loaded the [`Facts`]. The answer is a [`Scope`], which is the only key to clinical data and which nothing
//! outside this crate can make, or a [`Denial`]. Both carry the [`Ground`]s that determined them.
//!
//! Everything here is pure and total: no clock, no I/O, no randomness, no panic. Times are microseconds since
//! the Unix epoch (UTC) and arguments. The map:
//!
//! - who: [`party`], [`organisation`] · what: [`action`], [`entry`] · why: [`purpose`]
//! - the citizen's word: [`consent`] · the treatment: [`relation`] · acting for others: [`delegation`] · the broken glass: [`glass`]
//! - the numbers of the law: [`terms`]
//! - what a role may do at all: [`roles`], Cedar policies in `deploy/policy/`
//! - the decision: [`mod@decide`], its result [`scope`], its reasons [`ground`] and how they are told [`mod@tell`]

pub mod action;
mod calendar;
pub mod consent;
pub mod decide;
pub mod delegation;
pub mod entry;
pub mod glass;
pub mod ground;
pub mod organisation;
pub mod party;
pub mod purpose;
pub mod relation;
pub mod roles;
pub mod scope;
pub mod tell;
pub mod terms;

pub use action::Action;
pub use consent::{Consent, ConsentInvalid, ConsentKind, Origin, Period, What, Who};
pub use decide::{Decision, Facts, Request, decide};
pub use delegation::{
    DelegationInvalid, HelperDelegation, QualityPermission, Representation, Right,
};
pub use entry::EntryFacts;
pub use glass::{Opening, OverrideGround};
pub use ground::{Denial, DenialReason, Ground, Rule};
pub use organisation::{OrganisationId, OrganisationTree, Sector};
pub use party::{
    AuthorisationId, CitizenRelation, OnBehalf, Party, PatientKey, Person, PersonKind, System,
    SystemKind,
};
pub use purpose::Purpose;
pub use relation::{RelationKind, TreatmentRelation};
pub use roles::{Edition, PolicyInvalid, RolePolicy};
pub use scope::{Explained, GlassUse, Scope, Verdict, WithheldReason};
pub use tell::{Language, tell};
pub use terms::{HelperRule, Terms};

/// A moment as microseconds since the Unix epoch, UTC.
pub type Micros = i64;

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 0xf];
    bytes
        .iter()
        .flat_map(digits)
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
