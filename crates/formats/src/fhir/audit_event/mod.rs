//! FHIR R4 `AuditEvent` in the IHE BALP 1.1.4 profiles: from a plain description of what happened to the resource.
//!
//! ```text
//! Description (who, whom, why, when, outcome) + Happening (a query, a read, …) ─ to_json ─ AuditEvent
//! ```
//!
//! A profile is claimed only where its rules are met: the profiles of `RESTful` interactions mean success, the disclosure profiles need a patient,
//! and a decision by consent needs a consent, a user and the user's organisation.

mod agent;
mod entity;
mod extension;
mod happening;
mod profile;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

pub use agent::{Agent, Device, Network};
pub use entity::Object;
pub use extension::{Extension, ExtensionValue};
pub use happening::Happening;
pub use profile::Profile;

/// How FHIR writes that an identifier is a URI (RFC 3986), such as `urn:uuid:…`.
pub const URI: &str = "urn:ietf:rfc:3986";

pub(super) const RESOURCE_TYPES: &str = "http://hl7.org/fhir/resource-types";

/// A value of an identifier system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// The system's URI.
    pub system: String,
    /// Never a person number: the log knows patients by key.
    pub value: String,
}

impl Identifier {
    /// A value in a system.
    pub fn new(system: &str, value: impl Into<String>) -> Self {
        Self {
            system: system.to_owned(),
            value: value.into(),
        }
    }

    fn reference(&self, kind: &str) -> Value {
        json!({"type": kind, "identifier": {"system": self.system, "value": self.value}})
    }
}

/// A code of a code system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coding {
    /// The system's URI.
    pub system: String,
    /// The code.
    pub code: String,
}

impl Coding {
    /// A code in a system.
    pub fn new(system: &str, code: impl Into<String>) -> Self {
        Self {
            system: system.to_owned(),
            code: code.into(),
        }
    }

    fn to_json(&self) -> Value {
        json!({"system": self.system, "code": self.code})
    }
}

/// `audit-event-outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 0: it was done.
    Success,
    /// 4: it failed, and may be tried again.
    MinorFailure,
    /// 8: it was refused.
    SeriousFailure,
    /// 12: the hub itself could not.
    MajorFailure,
}

impl Outcome {
    const fn code(self) -> &'static str {
        match self {
            Self::Success => "0",
            Self::MinorFailure => "4",
            Self::SeriousFailure => "8",
            Self::MajorFailure => "12",
        }
    }
}

/// Why: a code of v3-ActReason, and the words that were given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Such as `TREAT` or `BTG`.
    pub code: String,
    /// The reason for breaking the glass.
    pub words: Option<String>,
}

impl Purpose {
    fn to_json(&self) -> Value {
        let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
        let mut concept = json!({"coding": [{"system": system, "code": self.code}]});
        if let (Some(words), Some(concept)) = (&self.words, concept.as_object_mut()) {
            concept.insert("text".to_owned(), json!(words));
        }
        concept
    }
}

/// What an event says, whatever happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The resource's id.
    pub id: String,
    /// RFC 3339 with a time zone.
    pub recorded: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so, in few words.
    pub outcome_words: Option<String>,
    /// The stable error code, where it was not done.
    pub error: Option<Coding>,
    /// Why it was asked for.
    pub purpose: Option<Purpose>,
    /// The system that asked.
    pub client: Device,
    /// The hub, which is also who observed it.
    pub hub: Device,
    /// The person behind the system.
    pub user: Option<Agent>,
    /// Whom the user acts under.
    pub responsible: Option<Agent>,
    /// Where the user works.
    pub organisation: Option<Identifier>,
    /// Whom it is about.
    pub patient: Option<Identifier>,
    /// `X-Request-Id`
    pub request_id: Option<String>,
    /// Documents that an answer named, beside what was asked for.
    pub documents: Vec<Identifier>,
    /// What no element of FHIR says.
    pub extensions: Vec<Extension>,
}

impl Description {
    /// The resource.
    #[must_use]
    pub fn to_json(&self, happening: &Happening) -> Value {
        let mut event = Map::new();
        let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
        put("resourceType", json!("AuditEvent"));
        put("id", json!(self.id));
        if let Some(profile) = Profile::of(self, happening) {
            put("meta", json!({"profile": [profile.url()]}));
        }
        if let Some(outcome) = self.operation_outcome(happening) {
            put("contained", json!([outcome]));
        }
        if !self.extensions.is_empty() {
            put("extension", extension::list(&self.extensions));
        }
        put("type", happening.event_type());
        if let Some(subtype) = happening.subtype() {
            put("subtype", json!([subtype]));
        }
        put("action", json!(happening.action()));
        put("recorded", json!(self.recorded));
        put("outcome", json!(self.outcome.code()));
        if let Some(words) = &self.outcome_words {
            put("outcomeDesc", json!(words));
        }
        if let Some(purpose) = &self.purpose {
            put("purposeOfEvent", json!([purpose.to_json()]));
        }
        put("agent", agent::list(self, happening));
        put("source", self.source());
        let entities = entity::list(self, happening);
        if !entities.is_empty() {
            put("entity", Value::Array(entities));
        }
        Value::Object(event)
    }

    fn source(&self) -> Value {
        let system = "http://terminology.hl7.org/CodeSystem/security-source-type";
        let server = json!({"system": system, "code": "4", "display": "Application Server"});
        json!({"site": self.hub.who.value, "observer": self.hub.reference(), "type": [server]})
    }

    /// BALP's pattern for what was not done. A decision's entities are closed, so that it has none.
    fn operation_outcome(&self, happening: &Happening) -> Option<Value> {
        let error = self.error.as_ref().filter(|_| !happening.is_decision())?;
        let code = match self.outcome {
            Outcome::SeriousFailure => "forbidden",
            Outcome::MajorFailure => "exception",
            Outcome::Success | Outcome::MinorFailure => "processing",
        };
        let issue =
            json!({"severity": "error", "code": code, "details": {"coding": [error.to_json()]}});
        Some(json!({"resourceType": "OperationOutcome", "id": "outcome", "issue": [issue]}))
    }
}
