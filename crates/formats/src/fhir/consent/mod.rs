//! A citizen's consent as FHIR R4 writes it, in the profiles of IHE Privacy Consent on FHIR (PCF): basic, intermediate, advanced.

mod moment;
mod provision;
mod read;
mod reference;

use super::JsonError;
use crate::Violation;
pub use moment::{Moment, Period};
pub use read::parse_consent;
pub use reference::{Reference, Referenced};

/// A consent in force as its author wrote it; what it means is not decided here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The least of the three PCF profiles that can say what it says.
    pub profile: Profile,
    /// Whose record it is about.
    pub patient: Reference,
    /// When it was given.
    pub given: Moment,
    /// Who gave it: the patient, or somebody who acts for the patient.
    pub performers: Vec<Reference>,
    /// The policy that it was given under, by its canonical URI.
    pub policy: String,
    /// The base rule, with its exceptions inside.
    pub provision: Provision,
}

/// How much of PCF a consent uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// Purposes, actors and validity only.
    Basic,
    /// Also data by time, by reference or by author, and exceptions.
    Intermediate,
    /// Also security labels.
    Advanced,
}

/// Whether a provision opens or closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProvisionType {
    /// `permit`
    Permit,
    /// `deny`
    Deny,
}

/// One rule. Its parts must hold together; of several values in one part, one must; a part that is left out limits nothing
/// (PCF appendix P.4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provision {
    /// Whether it opens or closes.
    pub kind: ProvisionType,
    /// When the rule applies, by the time of retrieval.
    pub period: Option<Period>,
    /// Who looks.
    pub actors: Vec<Reference>,
    /// Why they look: codes of v3-ActReason.
    pub purposes: Vec<Purpose>,
    /// Labels that the data carry.
    pub labels: Vec<Label>,
    /// When the data arose.
    pub data_period: Option<Period>,
    /// Which data.
    pub data: Vec<Data>,
    /// Exceptions; these have none of their own.
    pub exceptions: Vec<Self>,
}

/// A purpose of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// The code in `http://terminology.hl7.org/CodeSystem/v3-ActReason`.
    pub code: String,
}

/// A security label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The code system.
    pub system: String,
    /// The code, such as `R` or `PSY`.
    pub code: String,
}

/// Data that a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Data {
    /// What the data have to do with the reference.
    pub meaning: DataMeaning,
    /// To what.
    pub reference: Reference,
}

/// How data hang together with what is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataMeaning {
    /// It is the data.
    Instance,
    /// The data belong to it, as to an encounter or a care plan.
    Related,
    /// The data that depend on it.
    Dependents,
    /// The data were written by it.
    AuthoredBy,
}

/// Why bytes are not a consent that is read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// Not JSON that is read here.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but no FHIR Consent.
    #[error("not a FHIR Consent")]
    NotConsent,
    /// A consent that breaks rules, with all of them.
    #[error("the consent breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
}
