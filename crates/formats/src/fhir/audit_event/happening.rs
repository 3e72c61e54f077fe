//! What happened: which interaction, and so which codes, in the tables of BALP.

use serde_json::{Value, json};

use super::agent::{APPLICATION, AUTHOR, AUTHORIZER, DESTINATION, Part, RECIPIENT, SOURCE};
use super::entity::Object;
use super::{Identifier, Outcome};

const REST: &str = "http://terminology.hl7.org/CodeSystem/audit-event-type";
const INTERACTION: &str = "http://hl7.org/fhir/restful-interaction";
const DCM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const AUTHZ: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType";

/// What happened. An object is missing where a request failed before it was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Something was searched for.
    Query {
        /// What was asked, as text.
        text: String,
    },
    /// Something was read.
    Read(Option<Object>),
    /// Something was made.
    Create(Option<Object>),
    /// Something was changed.
    Update(Option<Object>),
    /// The hub took a message.
    Import(Option<Object>),
    /// The hub handed out a message.
    Export(Option<Object>),
    /// Access was decided on: by these consents, or by role where there are none.
    Decision {
        /// The consents that were weighed.
        consents: Vec<Identifier>,
    },
    /// None of these.
    Other(Option<Object>),
}

impl Happening {
    pub(super) const fn is_decision(&self) -> bool {
        matches!(self, Self::Decision { .. })
    }

    pub(super) const fn object(&self) -> Option<&Object> {
        match self {
            Self::Read(object)
            | Self::Create(object)
            | Self::Update(object)
            | Self::Import(object)
            | Self::Export(object)
            | Self::Other(object) => object.as_ref(),
            Self::Query { .. } | Self::Decision { .. } => None,
        }
    }

    pub(super) fn event_type(&self) -> Value {
        let (code, display) = match self {
            Self::Import(_) => ("110107", "Import"),
            Self::Export(_) => ("110106", "Export"),
            Self::Decision { .. } => ("110113", "Security Alert"),
            _ => return json!({"system": REST, "code": "rest", "display": "Restful Operation"}),
        };
        json!({"system": DCM, "code": code, "display": display})
    }

    pub(super) fn subtype(&self) -> Option<Value> {
        let interaction = |code: &str| json!({"system": INTERACTION, "code": code});
        Some(match self {
            Self::Query { .. } => interaction("search"),
            Self::Read(_) => interaction("read"),
            Self::Create(_) => interaction("create"),
            Self::Update(_) => interaction("update"),
            Self::Import(_) | Self::Export(_) => {
                let system = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";
                json!({"system": system, "code": "disclose"})
            }
            Self::Decision { consents } if consents.is_empty() => {
                json!({"system": AUTHZ, "code": "AuthZ-Role"})
            }
            Self::Decision { .. } => json!({"system": AUTHZ, "code": "AuthZ-Consent"}),
            Self::Other(_) => return None,
        })
    }

    pub(super) const fn action(&self) -> &'static str {
        match self {
            Self::Create(_) | Self::Import(_) => "C",
            Self::Read(_) | Self::Export(_) => "R",
            Self::Update(_) => "U",
            Self::Query { .. } | Self::Decision { .. } | Self::Other(_) => "E",
        }
    }

    /// What flows, flows from the source to the destination.
    pub(super) const fn client_part(&self) -> Part {
        match self {
            Self::Read(_) | Self::Export(_) => DESTINATION,
            Self::Decision { .. } => APPLICATION,
            _ => SOURCE,
        }
    }

    pub(super) const fn hub_part(&self) -> Part {
        match self {
            Self::Read(_) | Self::Export(_) => SOURCE,
            Self::Decision { .. } => AUTHORIZER,
            _ => DESTINATION,
        }
    }

    pub(super) const fn user_part(&self) -> Part {
        match self {
            Self::Create(_) | Self::Update(_) => AUTHOR,
            _ => RECIPIENT,
        }
    }

    /// Whether the outcome is one that the profiles of this happening know.
    pub(super) const fn is_concluded(&self, outcome: Outcome) -> bool {
        match self {
            Self::Decision { .. } => {
                matches!(outcome, Outcome::Success | Outcome::SeriousFailure)
            }
            _ => matches!(outcome, Outcome::Success),
        }
    }
}
