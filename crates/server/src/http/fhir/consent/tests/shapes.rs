//! FHIR consents about an official test person.

use serde_json::{Value, json};

pub(super) const LONNI: &str = "0201609996";
pub(super) const EINER: &str = "0201609995";

pub(super) fn person(number: &str) -> Value {
    json!({"type": "Patient", "identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": number}})
}

/// A consent that Lonni gave about her own record.
#[expect(clippy::needless_pass_by_value, reason = "made for the call")]
pub(super) fn consent(provision: Value) -> Value {
    json!({
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"
        }]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": person(LONNI),
        "dateTime": "2026-11-20",
        "performer": [person(LONNI)],
        "organization": [{"reference": "Organization/region"}],
        "sourceReference": {"reference": "DocumentReference/samtykke"},
        "policy": [{"uri": "https://example.org/politik/samtykke"}],
        "provision": provision,
    })
}

pub(super) fn purposes(codes: &[&str]) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
    codes
        .iter()
        .map(|code| json!({"system": system, "code": code}))
        .collect()
}

/// Treatment, payment and operations: what every permit of the examples is for.
pub(super) fn usual() -> Value {
    purposes(&["TREAT", "HPAYMT", "HOPERAT"])
}

pub(super) fn label(system: &str, code: &str) -> Value {
    json!({"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code})
}

fn recipient(reference: &Value) -> Value {
    let system = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    json!({"role": {"coding": [{"system": system, "code": "IRCP"}]}, "reference": reference})
}

/// One professional, by authorisation id.
pub(super) fn actor(id: &str) -> Value {
    recipient(&json!({
        "type": "Practitioner", "identifier": {"system": "https://autregweb.sst.dk", "value": id}
    }))
}

fn place(sor: &str) -> Value {
    json!({"type": "Organization", "identifier": {"system": "urn:oid:1.2.208.176.1.1", "value": sor}})
}

/// Those who work at a place.
pub(super) fn organisation(sor: &str) -> Value {
    recipient(&place(sor))
}

/// One document entry.
pub(super) fn document(entry: &str) -> Value {
    json!({"meaning": "instance", "reference": {"reference": format!("urn:uuid:{entry}"), "type": "DocumentReference"}})
}

/// What a place wrote.
pub(super) fn written_at(sor: &str) -> Value {
    json!({"meaning": "authoredby", "reference": place(sor)})
}

/// Data by a reference of another kind.
pub(super) fn data(meaning: &str, reference: &str) -> Value {
    json!({"meaning": meaning, "reference": {"reference": reference}})
}
