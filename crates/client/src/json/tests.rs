use delt_proto::document::v1::{AvailabilityStatus, DocumentEntryType};
use delt_proto::spliced::IndexedDocument;
use prost::Message as _;

use super::*;

const FULL: &str = r#"{
  "entry_uuid": "f70b0e43-039c-5137-86db-502396582007", "unique_id": "1.2.208.184^9e0c",
  "source_id": "2.25.21", "repository_unique_id": "2.25.10", "home_community_id": "1.2.208.176.8.1",
  "patient": { "system": "urn:oid:1.2.208.176.1.2", "value": "0201609996" },
  "source_patient": { "system": "urn:x", "value": "17" },
  "class_code": { "system": "1.2.208.184.100.9", "code": "001", "display": "Klinisk rapport" },
  "type_code": { "system": "2.16.840.1.113883.6.1", "code": "39289-4" },
  "format_code": { "system": "1.2.208.184.100.10", "code": "urn:ad:dk:medcom:apd-v2.0.1:full" },
  "healthcare_facility_type_code": { "system": "2.16.840.1.113883.6.96", "code": "550851000005109" },
  "practice_setting_code": { "system": "2.16.840.1.113883.6.96", "code": "394579002" },
  "event_codes": [{ "system": "1.2.208.176.2.4", "code": "ALAL02" }],
  "confidentiality_codes": [{ "system": "2.16.840.1.113883.5.25", "code": "N" }],
  "author": { "institution": { "sor": "990041000016009", "name": "Hjerteambulatoriet" },
              "person": { "authorisation_id": "9RK1H", "family_name": "Ravnkilde-Holm", "given_name": "Signe" } },
  "legal_authenticator": { "authorisation_id": "9RK1H" },
  "creation_time": "2026-10-20T09:05:00Z", "service_start_time": "2026-12-03T09:15:00.5Z",
  "service_stop_time": "2026-12-03T10:00:00Z",
  "language_code": "da-DK", "mime_type": "text/xml", "size": 10672,
  "hash": "96efd2f0b288fb43ad9ed15f0598aebea0bf57df", "hash_sha256": "1c5f",
  "title": "Aftale", "comments": "æøå", "document_entry_type": "on-demand",
  "relations": [{ "code": "replaces", "target_entry_uuid": "9ced9686-0b07-539d-97cb-9e41fe54c9f1" }],
  "reference_ids": [{ "value": "4f10", "system": "https://x", "type": "urn:ihe:iti:xds:2015:encounterId" }]
}"#;

fn refused(line: &str) -> String {
    entry_from_json(line.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_full_entry_comes_back_the_same() {
    let entry = entry_from_json(FULL.as_bytes()).unwrap();
    let expected: serde_json::Value = serde_json::from_str(FULL).unwrap();
    let written = entry_to_json(&entry);
    assert_eq!(written, expected);
    assert_eq!(
        entry_from_json(written.to_string().as_bytes()).unwrap(),
        entry
    );
}

#[test]
fn nothing_in_the_contract_is_forgotten() {
    // The numbers of the fields are those of `document.proto`: 29 of them, each in the full entry.
    let entry = entry_from_json(FULL.as_bytes()).unwrap();
    let written = entry_to_json(&entry);
    assert_eq!(written.as_object().unwrap().len(), 29);
    assert_eq!(entry.document_entry_type(), DocumentEntryType::OnDemand);
    assert_eq!(entry.service_start_time.unwrap().nanos, 500_000_000);
    assert_eq!(entry.hash.len(), 20);
}

#[test]
fn an_empty_entry_is_an_empty_object() {
    let entry = entry_from_json(b"{}").unwrap();
    assert_eq!(entry, DocumentEntry::default());
    assert_eq!(entry_to_json(&entry).to_string(), "{}");
    let zero = entry_from_json(br#"{"size":0}"#).unwrap();
    assert_eq!(
        entry_to_json(&zero).to_string(),
        r#"{"size":0}"#,
        "0 is not absent"
    );
}

#[test]
fn each_refusal_names_its_field() {
    let cases = [
        (r#"{"tilte":"x"}"#, "`tilte` is not known"),
        (
            r#"{"type_code":{"cod":"x"}}"#,
            "`type_code.cod` is not known",
        ),
        (
            r#"{"event_codes":[{},{"code":1}]}"#,
            "`event_codes[1].code` must be a text",
        ),
        (r#"{"event_codes":{}}"#, "`event_codes` must be a list"),
        (r#"{"patient":"0201609996"}"#, "`patient` must be an object"),
        (
            r#"{"size":-1}"#,
            "`size` must be a whole number that is not negative",
        ),
        (
            r#"{"size":1.5}"#,
            "`size` must be a whole number that is not negative",
        ),
        (r#"{"title":null}"#, "`title` is null; leave it out instead"),
        (r#"{"title":"a","title":"b"}"#, "`title` is given twice"),
        (r#"{"hash":"abc"}"#, "`hash` must be hexadecimal"),
        (r#"{"hash":"zz"}"#, "`hash` must be hexadecimal"),
        (
            r#"{"document_entry_type":"STABLE"}"#,
            "`document_entry_type` is not one of its words",
        ),
        (
            r#"{"relations":[{"code":"x"}]}"#,
            "`relations[0].code` is not one of its words",
        ),
        (
            r#"{"creation_time":"20261020"}"#,
            "`creation_time` must be a time such as 2026-10-20T09:05:00Z",
        ),
        ("[]", "`the line` must be an object"),
        (r#"{"title":"#, "not JSON, at character 9"),
    ];
    for (line, expected) in cases {
        assert_eq!(refused(line), expected, "{line}");
    }
    assert_eq!(
        refused(&" ".repeat(MAX_LINE_BYTES + 1)),
        "longer than 256 KiB"
    );
    let deep = "[".repeat(100_000);
    assert!(refused(&deep).starts_with("not JSON"));
}

#[test]
fn an_error_never_repeats_a_person_number() {
    for line in [
        r#"{"patient":{"value":201609996}}"#,
        r#"{"0201609996":1}"#,
        r#"{"patient":{"0201609996":"x"}}"#,
        r#"{"creation_time":"0201609996"}"#,
        r#"{"hash":"0201609996x"}"#,
        r#"{"document_entry_type":"0201609996"}"#,
        r#"{"title":"0201609996"#,
    ] {
        assert!(!refused(line).contains("201609996"), "{line}");
    }
}

#[test]
fn an_indexed_document_says_what_became_of_it() {
    let entry = entry_from_json(br#"{"title":"Aftale"}"#).unwrap();
    let document = IndexedDocument {
        entry: entry.encode_to_vec().into(),
        status: AvailabilityStatus::Superseded.into(),
        status_time: from_rfc3339("2026-01-02T03:04:05Z"),
        ..Default::default()
    };
    let written = indexed_to_json(&document).unwrap();
    assert_eq!(
        written,
        serde_json::json!({
            "entry": { "title": "Aftale" }, "status": "superseded",
            "status_time": "2026-01-02T03:04:05Z", "opened_by_override": false,
        })
    );
    let damaged = IndexedDocument {
        entry: vec![0xff].into(),
        ..document
    };
    assert!(indexed_to_json(&damaged).is_err());
}
