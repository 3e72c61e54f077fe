//! `delt consent import`: a FHIR Consent in a file becomes what the hub obeys.

use std::fs;
use std::process::Output;

use delt_tests::entries::{CARDIOLOGY, LONNI};
use delt_tests::foreign::all;
use delt_tests::served::Served;
use serde_json::{Value, json};

/// What a command printed, where it ended with 0.
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", all(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// What a command said on standard error, where it was refused.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", all(output));
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// A FHIR Consent that closes all of Lonni's record, for this purpose where one is given.
fn fhir_consent(purpose: Option<&str>) -> String {
    let system = "http://terminology.hl7.org/CodeSystem";
    let lonni = json!({
        "type": "Patient", "identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": LONNI}
    });
    let mut consent = json!({
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": format!("{system}/consentscope"), "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "patient": lonni,
        "dateTime": "2026-10-20",
        "performer": [lonni],
        "organization": [{"reference": "Organization/region"}],
        "sourceReference": {"reference": "DocumentReference/samtykke"},
        "policy": [{"uri": "https://profiles.ihe.net/ITI/PCF/Policy-break-glass-only"}],
        "provision": {"type": "deny"},
    });
    if let Some(code) = purpose {
        let coding = json!({"system": format!("{system}/v3-ActReason"), "code": code});
        consent["provision"]["purpose"] = json!([coding]);
    }
    consent.to_string()
}

/// One JSON document, where the command ended with 0.
fn read(output: &Output) -> Value {
    serde_json::from_str(&done(output)).expect("JSON")
}

#[test]
fn a_fhir_consent_is_imported_once_and_obeyed() {
    let hub = Served::start(None);
    let treats = ["--kind", "admission", "--organisation", CARDIOLOGY];
    done(&hub.run(&[&["relation", "add", LONNI], &treats[..]].concat()));
    let file = hub.file("consent.json");
    fs::write(&file, fhir_consent(None)).unwrap();
    let import = ["consent", "import", file.to_str().unwrap()];
    let dry = done(&hub.run(&[&import[..], &["--dry-run"]].concat()));
    assert!(
        dry.contains("block") && dry.contains("nothing was registered"),
        "{dry}"
    );
    done(&hub.run(&["record", LONNI, "--as", "kard"]));
    let first = read(&hub.run(&[&import[..], &["--json"]].concat()));
    let again = read(&hub.run(&[&import[..], &["--json"]].concat()));
    assert_eq!(first["consents"].as_array().unwrap().len(), 1);
    assert_eq!(first["consents"], again["consents"]);
    refused(&hub.run(&["record", LONNI, "--as", "kard"]));
}

#[test]
fn a_fhir_consent_that_cannot_be_kept_is_refused_with_its_place() {
    let hub = Served::start(None);
    let file = hub.file("consent.json");
    fs::write(&file, fhir_consent(Some("HRESCH"))).unwrap();
    let said = refused(&hub.run(&["consent", "import", file.to_str().unwrap()]));
    assert!(said.contains("Consent.provision.purpose: "), "{said}");
    assert!(!said.contains(LONNI), "{said}");
}
