//! FHIR Consents by IHE PCF.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails here should stop"
)]

use delt_formats::fhir::consent::{
    Consent, ConsentError, DataMeaning, Profile, ProvisionType, Referenced, parse_consent,
};
use delt_formats::{Limits, ViolationCode};
use serde_json::{Value, json};
use time::macros::datetime;

const CONSENT: &str = include_str!("fixtures/consent.json");

fn parse(text: &str) -> Result<Consent, ConsentError> {
    parse_consent(text.as_bytes(), &Limits::MESSAGE)
}

/// What is wrong once the member at a JSON pointer has another value, or is gone.
fn wrong(pointer: &str, value: Option<Value>) -> Vec<(String, ViolationCode)> {
    let mut consent: Value = serde_json::from_str(CONSENT).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = consent.pointer_mut(parent).unwrap();
    match (parent, value) {
        (Value::Object(object), Some(value)) => {
            object.insert(name.to_owned(), value);
        }
        (Value::Object(object), None) => {
            object.remove(name).unwrap();
        }
        (Value::Array(array), Some(value)) => array[name.parse::<usize>().unwrap()] = value,
        _ => panic!("no such place: {pointer}"),
    }
    match parse(&consent.to_string()) {
        Err(ConsentError::Invalid(found)) => found.into_iter().map(|v| (v.path, v.code)).collect(),
        other => panic!("{pointer}: {other:?}"),
    }
}

#[test]
fn a_consent_is_read() {
    let consent = parse(CONSENT).unwrap();
    assert_eq!(consent.profile, Profile::Intermediate);
    assert!(
        matches!(&consent.patient.to, Referenced::Patient(number) if number.value() == "0201609996")
    );
    assert_eq!(consent.given.first, datetime!(2026-10-20 0:00));
    assert_eq!(consent.performers.len(), 1);
    let root = &consent.provision;
    assert_eq!(root.kind, ProvisionType::Permit);
    assert_eq!(
        root.period.unwrap().end.unwrap().after,
        datetime!(2027-11-01 0:00)
    );
    let purposes: Vec<&str> = root
        .purposes
        .iter()
        .map(|purpose| purpose.code.as_str())
        .collect();
    assert_eq!(purposes, ["TREAT", "HOPERAT"]);
}

#[test]
fn an_exception_is_read_with_what_it_refers_to() {
    let consent = parse(CONSENT).unwrap();
    let exception = &consent.provision.exceptions[0];
    assert_eq!(exception.kind, ProvisionType::Deny);
    assert!(
        matches!(&exception.actors[0].to, Referenced::Practitioner(id) if id.as_str() == "9RK1H")
    );
    let period = exception.data_period.unwrap();
    assert_eq!(period.start.unwrap().first, datetime!(2020-01-01 0:00));
    assert_eq!(period.end.unwrap().after, datetime!(2022-07-01 0:00));
    let [author, instance, related] = &exception.data[..] else {
        panic!("three data");
    };
    assert_eq!(author.meaning, DataMeaning::AuthoredBy);
    assert!(
        matches!(&author.reference.to, Referenced::Organization(sor) if sor.as_str() == "990031000016002")
    );
    assert!(matches!(instance.reference.to, Referenced::Document(_)));
    assert!(
        matches!(related.reference.to, Referenced::Other(other) if other.kind() == Some("Encounter"))
    );
    assert_eq!(
        related.reference.path,
        "Consent.provision.provision[0].data[2].reference"
    );
}

type Wrong = (&'static str, Option<Value>, &'static str, ViolationCode);

#[track_caller]
fn assert_told(cases: impl IntoIterator<Item = Wrong>) {
    for (pointer, value, path, code) in cases {
        let found = wrong(pointer, value);
        let expected = (format!("Consent.{path}"), code);
        assert!(found.contains(&expected), "{pointer}: {found:?}");
    }
}

#[test]
fn what_is_wrong_in_the_head_is_told_by_its_fhir_path() {
    use ViolationCode::{BadFormat, Inconsistent, Missing, TooMany, UnknownCode};
    let basic = json!("https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentBasic");
    let two = json!([{"uri": "a"}, {"uri": "b"}]);
    let short = json!("0201609");
    assert_told([
        ("/status", Some(json!("draft")), "status", UnknownCode),
        ("/scope", Some(json!({})), "scope", UnknownCode),
        ("/category", None, "category", Missing),
        ("/patient", None, "patient", Missing),
        (
            "/patient/identifier/value",
            Some(short),
            "patient.identifier.value",
            BadFormat,
        ),
        (
            "/dateTime",
            Some(json!("20-10-2026")),
            "dateTime",
            BadFormat,
        ),
        ("/performer", Some(json!([])), "performer", Missing),
        ("/organization", None, "organization", Missing),
        ("/sourceAttachment", None, "source[x]", Missing),
        ("/policy", Some(two), "policy", TooMany),
        ("/policyRule", Some(json!({})), "policyRule", Inconsistent),
        (
            "/modifierExtension",
            Some(json!([])),
            "modifierExtension",
            Inconsistent,
        ),
        (
            "/meta/profile/0",
            Some(basic),
            "meta.profile[0]",
            Inconsistent,
        ),
    ]);
}

#[test]
fn what_is_wrong_in_a_rule_is_told_by_its_fhir_path() {
    use ViolationCode::{BadFormat, Inconsistent, Missing, TooMany, UnknownCode};
    let many = Some(vec![json!({}); 21].into());
    assert_told([
        (
            "/provision/type",
            Some(json!("maybe")),
            "provision.type",
            UnknownCode,
        ),
        (
            "/provision/class",
            Some(json!([{}])),
            "provision",
            UnknownCode,
        ),
        (
            "/provision/purpose/0",
            Some(json!({"code": "TREAT"})),
            "provision.purpose[0]",
            UnknownCode,
        ),
        (
            "/provision/purpose",
            Some(json!({})),
            "provision.purpose",
            BadFormat,
        ),
        ("/provision/purpose", many, "provision.purpose", TooMany),
        (
            "/provision/period/end",
            Some(json!("2026-10-31")),
            "provision.period",
            Inconsistent,
        ),
        (
            "/provision/period",
            Some(json!({})),
            "provision.period",
            Missing,
        ),
    ]);
}

#[test]
fn what_is_wrong_in_an_exception_is_told_by_its_fhir_path() {
    use ViolationCode::{BrokenReference, Inconsistent, TooMany, UnknownCode};
    let deeper = Some(json!([{"type": "permit"}]));
    let one = "provision.provision[0]";
    for (at, value, told, code) in [
        ("provision", deeper, "provision", TooMany),
        ("actor/0/role", None, "actor[0].role", UnknownCode),
        (
            "actor/0/modifierExtension",
            Some(json!([])),
            "actor[0].modifierExtension",
            Inconsistent,
        ),
        (
            "data/0/meaning",
            Some(json!("x")),
            "data[0].meaning",
            UnknownCode,
        ),
    ] {
        let found = wrong(&format!("/provision/provision/0/{at}"), value);
        assert!(
            found.contains(&(format!("Consent.{one}.{told}"), code)),
            "{at}: {found:?}"
        );
    }
    assert_told([(
        "/contained",
        None,
        "provision.provision[0].data[0].reference",
        BrokenReference,
    )]);
}

#[test]
fn what_is_no_consent_is_said_to_be_none() {
    assert_eq!(parse("{}"), Err(ConsentError::NotConsent));
    assert_eq!(
        parse(r#"{"resourceType":"Bundle"}"#),
        Err(ConsentError::NotConsent)
    );
    assert!(matches!(parse("{"), Err(ConsentError::Json(_))));
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    assert!(matches!(parse(&deep), Err(ConsentError::Json(_))));
}

/// A label makes it advanced; without exceptions, data and labels it is basic.
#[test]
fn the_profile_is_the_least_that_can_say_it() {
    let mut consent: Value = serde_json::from_str(CONSENT).unwrap();
    consent["provision"]["provision"][0]["securityLabel"] = json!([{
        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"
    }]);
    consent["meta"] = json!({});
    assert_eq!(
        parse(&consent.to_string()).unwrap().profile,
        Profile::Advanced
    );
    consent["provision"]
        .as_object_mut()
        .unwrap()
        .remove("provision");
    assert_eq!(parse(&consent.to_string()).unwrap().profile, Profile::Basic);
}

#[test]
fn no_error_and_no_debug_text_tells_who_it_is_about() {
    let consent = format!("{:?}", parse(CONSENT).unwrap());
    assert!(!consent.contains("0201609996") && !consent.contains("9RK1H"));
    let broken = CONSENT
        .replace("0201609996", "9901609996")
        .replace("\"active\"", "\"9901609996\"");
    assert!(!format!("{:?}", parse(&broken)).contains("9901609996"));
}
