//! Treatment relations: the facts that connect a patient with a place of treatment (sundhedsloven § 42 a). Ended, never deleted.
//!
//! - A registered fact holds by itself, and so does one that messages told of: a [`stay`] at a hospital.
//! - An [`Attestation`] is a professional's own word: it opens at once, and [`follow_up`] asks afterwards whether a fact confirms it.

mod alert_rows;
mod attestation;
pub(crate) mod follow_up;
pub mod operations;
pub(crate) mod reason;
pub(crate) mod rows;
pub(crate) mod stay;

use delt_policy::{AuthorisationId, OrganisationId, TreatmentRelation};
use uuid::Uuid;

use crate::clock::Micros;

pub use attestation::Attestation;

/// A relation and when it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRelation {
    pub relation: TreatmentRelation,
    pub created_at: Micros,
    /// The episode of care that the message named which told of it.
    pub episode_of_care: Option<String>,
    /// What an attestation has beyond other relations; none for a fact.
    pub attestation: Option<Attestation>,
}

/// An attestation that no fact confirmed before its deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationAlert {
    /// Counts up over the whole hub, without a gap.
    pub number: u64,
    pub relation_id: Uuid,
    /// The place that the professional attested for.
    pub organisation: OrganisationId,
    pub authorisation_id: AuthorisationId,
    pub attested_at: Micros,
    pub raised_at: Micros,
}
