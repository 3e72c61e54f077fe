//! Who asks, and what is registered.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use delt_formats::identifier::PersonNumber;
use delt_policy::OrganisationId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::world::NOW;
use crate::{
    clock::SECOND,
    document::{Author, Code, DocumentEntry, EntryType, Institution},
    identity::RequestContext,
};

/// An official test person.
pub(super) const LONNI: &str = "0201609996";
pub(super) const HOSPITAL: &str = "990021000016004";
pub(super) const DEPARTMENT: &str = "990031000016002";
pub(super) const PRACTICE: &str = "990401000016001";
pub(super) const LOINC: &str = "2.16.840.1.113883.6.1";
/// LOINC: an appointment.
pub(super) const APPOINTMENT: &str = "39289-4";
/// LOINC: the GP's list of diagnoses, which a nurse of the municipality does not see.
pub(super) const DIAGNOSES: &str = "11450-4";

/// A physician of an organisation, for this purpose.
pub(super) fn physician(organisation: &str, purpose: &str) -> Value {
    professional("laege", organisation, purpose)
}

pub(super) fn professional(role: &str, organisation: &str, purpose: &str) -> Value {
    let roles = "http://medcomfhir.dk/ig/terminology/CodeSystem/medcom-core-PractitionerRolesAutorisationsregistret";
    claims(&json!({
        "subject_name": "Lone Læge",
        "subject_organization_id": format!("urn:oid:1.2.208.176.1.1|{organisation}"),
        "subject_role": [{"system": roles, "code": role}],
        "purpose_of_use": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": purpose}],
        "national_provider_identifier": "9RK1H",
    }))
}

pub(super) fn citizen() -> Value {
    claims(&json!({
        "subject_name": "Lonni",
        "subject_role": [{"system": "urn:delt:role", "code": "citizen"}],
        "purpose_of_use": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "PATRQT"}],
        "person_id": format!("urn:oid:1.2.208.176.1.2|{LONNI}"),
    }))
}

fn claims(iua: &Value) -> Value {
    let now = NOW / SECOND;
    json!({
        "iss": "https://sts.example.dk", "sub": "8f2c", "client_id": "ejournal",
        "aud": "https://delt.example.dk", "jti": "j-1", "iat": now - 10, "exp": now + 3_000,
        "scope": "user/DocumentReference.rs", "extensions": {"ihe_iua": iua},
    })
}

pub(super) fn break_glass() -> RequestContext {
    RequestContext {
        override_reason: Some("Bevidstløs patient i akutmodtagelsen".to_owned()),
        override_ground: Some(delt_policy::OverrideGround::EssentialConsideration),
        ..RequestContext::default()
    }
}

pub(super) fn lonni() -> PersonNumber {
    PersonNumber::cpr(LONNI).unwrap()
}

pub(super) fn organisation_id(sor: &str) -> OrganisationId {
    OrganisationId::sor(sor).unwrap()
}

pub(super) fn code(system: &str, code: &str) -> Code {
    Code {
        system: system.to_owned(),
        code: code.to_owned(),
    }
}

pub(super) fn unique_id(id: u128) -> String {
    format!("1.2.208.184^{id}")
}

/// A stable appointment of the hospital whose bytes are `bytes`.
pub(super) fn of_bytes(id: u128, bytes: &[u8]) -> DocumentEntry {
    DocumentEntry {
        size: Some(bytes.len() as u64),
        hash: digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes)
            .as_ref()
            .try_into()
            .ok(),
        hash_sha256: digest(&SHA256, bytes).as_ref().try_into().ok(),
        ..entry(id)
    }
}

/// A stable appointment of the hospital.
pub(super) fn entry(id: u128) -> DocumentEntry {
    let institution = Institution {
        organisation: organisation_id(DEPARTMENT),
        name: "Afdeling".to_owned(),
    };
    DocumentEntry {
        entry_uuid: Uuid::from_u128(id),
        unique_id: unique_id(id),
        source_id: "1.2.208.99.1".to_owned(),
        repository_unique_id: "1.2.208.99.1.1".to_owned(),
        home_community_id: "1.2.208.176.8.1".to_owned(),
        patient: lonni(),
        source_patient: None,
        class_code: code("1.2.208.184.100.9", "001"),
        type_code: code(LOINC, APPOINTMENT),
        format_code: code("1.2.208.184.100.10", "urn:ad:dk:medcom:apd-v2.0.1:full"),
        healthcare_facility_type_code: code("2.16.840.1.113883.6.96", "22232009"),
        practice_setting_code: code("2.16.840.1.113883.6.96", "394579002"),
        event_codes: Vec::new(),
        confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "N")],
        author: Author {
            institution,
            person: None,
        },
        legal_authenticator: None,
        creation_time: NOW - SECOND,
        service_start_time: None,
        service_stop_time: None,
        language_code: "da-DK".to_owned(),
        mime_type: "text/xml".to_owned(),
        size: Some(0),
        hash: Some([1; 20]),
        hash_sha256: None,
        title: "Aftale".to_owned(),
        comments: String::new(),
        entry_type: EntryType::Stable,
        relations: Vec::new(),
        reference_ids: Vec::new(),
    }
}

/// The same of the practice.
pub(super) fn of_practice(id: u128) -> DocumentEntry {
    let institution = Institution {
        organisation: organisation_id(PRACTICE),
        name: "Lægerne".to_owned(),
    };
    DocumentEntry {
        source_id: "1.2.208.99.2".to_owned(),
        repository_unique_id: "1.2.208.99.2.1".to_owned(),
        author: Author {
            institution,
            person: None,
        },
        ..entry(id)
    }
}
