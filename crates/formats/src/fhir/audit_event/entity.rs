//! What it was about: the patient, the query or the data, documents that were shown, the request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Description, Happening, Identifier, RESOURCE_TYPES};

const TYPE: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";
const BASIC: &str = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType";

/// What was read, made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The FHIR type that is nearest to it.
    pub kind: &'static str,
    /// Its id.
    pub id: Identifier,
}

impl Object {
    fn to_json(&self) -> Value {
        let role = match self.kind {
            "DocumentReference" => json!({"system": ROLE, "code": "3", "display": "Report"}),
            _ => json!({"system": ROLE, "code": "4", "display": "Domain Resource"}),
        };
        json!({
            "what": self.id.reference(self.kind),
            "type": {"system": TYPE, "code": "2", "display": "System Object"},
            "role": role,
        })
    }
}

pub(super) fn list(event: &Description, happening: &Happening) -> Vec<Value> {
    let mut entities: Vec<Value> = event.patient.iter().map(patient).collect();
    match happening {
        Happening::Query { text } => entities.push(query(text)),
        Happening::Decision { consents } => {
            entities.extend(consents.iter().map(|id| typed("Consent", id)));
            // No other entities are allowed.
            return entities;
        }
        other => entities.extend(other.object().map(Object::to_json)),
    }
    entities.extend(
        event
            .documents
            .iter()
            .map(|id| typed("DocumentReference", id)),
    );
    if let Some(id) = &event.request_id {
        entities.push(json!({
            "what": {"identifier": {"value": id}},
            "type": {"system": BASIC, "code": "XrequestId"},
        }));
    }
    if event.error.is_some() {
        entities.push(json!({
            "what": {"reference": "#outcome", "type": "OperationOutcome"},
            "type": {"system": RESOURCE_TYPES, "code": "OperationOutcome"},
        }));
    }
    entities
}

fn patient(key: &Identifier) -> Value {
    json!({
        "what": key.reference("Patient"),
        "type": {"system": TYPE, "code": "1", "display": "Person"},
        "role": {"system": ROLE, "code": "1", "display": "Patient"},
    })
}

fn query(text: &str) -> Value {
    json!({
        "type": {"system": TYPE, "code": "2", "display": "System Object"},
        "role": {"system": ROLE, "code": "24", "display": "Query"},
        "description": text,
        "query": STANDARD.encode(text),
    })
}

fn typed(kind: &str, id: &Identifier) -> Value {
    json!({"what": id.reference(kind), "type": {"system": RESOURCE_TYPES, "code": kind}})
}
