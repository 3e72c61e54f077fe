//! The directory: what it finds, what it refuses, and whom a certificate stands for.

use super::{Directory, SourceAddress, Validation};
use delt_policy::{OrganisationId, Sector, SystemKind};
use proptest::prelude::*;
use serde_json::{Value, json};

fn organisations() -> Value {
    json!([
        {"sor": "990011000016008", "name": "Region", "sector": "region", "kind": "region", "gln": "5790009900016"},
        {"sor": "990021000016004", "parent": "990011000016008", "name": "Hospital", "kind": "hospital", "shak": "9911"},
        {"sor": "990401000016001", "name": "Lægerne", "sector": "general-practice", "kind": "gp-practice",
         "ydernummer": "99108", "gln": "5790000121526", "municipality_code": "219"},
    ])
}

fn systems() -> Value {
    json!([
        {"id": "region", "name": "Region", "organisation": "990011000016008", "kinds": ["source", "consumer"],
         "certificate_names": ["region.example.dk"], "organisations": ["990011000016008"],
         "source": {"source_id": "1.2.3", "repository_unique_ids": ["1.2.3.1", "1.2.3.2"], "address": "grpc+tls://localhost:7500"},
         "receives": [{"gln": "5790009900016", "organisation": "990021000016004", "message_types": ["XDIS01"]}]},
        {"id": "gp", "name": "Practice", "organisation": "990401000016001", "kinds": ["source"],
         "certificate_sha256": ["AB".repeat(32)], "certificate_names": ["gp.example.dk"],
         "organisations": ["990401000016001"], "validation": "warn",
         "receives": [{"gln": "5790000121526", "organisation": "990401000016001", "message_types": ["XDIS01", "HospitalNotification"]}]},
    ])
}

fn load(organisations: &Value, systems: &Value) -> Result<Directory, Vec<String>> {
    Directory::from_json(&organisations.to_string(), &systems.to_string())
        .map_err(|e| e.problems().to_vec())
}

fn directory() -> Directory {
    load(&organisations(), &systems()).unwrap()
}

fn sor(code: &str) -> OrganisationId {
    OrganisationId::sor(code).unwrap()
}

/// The problems after one value has been changed (or, with null, taken away).
fn problems(in_systems: bool, pointer: &str, value: Value) -> Vec<String> {
    let (mut organisations, mut systems) = (organisations(), systems());
    let list = if in_systems {
        &mut systems
    } else {
        &mut organisations
    };
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match list.pointer_mut(parent).unwrap() {
        Value::Object(object) => drop(object.insert(name.to_owned(), value)),
        Value::Array(array) => array[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer} leads nowhere"),
    }
    load(&organisations, &systems).err().unwrap_or_default()
}

#[test]
fn organisations_are_found_by_each_of_their_identifiers() {
    let directory = directory();
    let practice = directory.organisation(&sor("990401000016001")).unwrap();
    assert_eq!(practice.ydernummer.as_deref(), Some("099108"));
    assert_eq!(practice.municipality_code.as_deref(), Some("0219"));
    assert_eq!(directory.by_ydernummer("099108"), Some(&practice.sor));
    assert_eq!(directory.by_gln("5790000121526"), Some(&practice.sor));
    assert_eq!(directory.by_shak("9911"), Some(&sor("990021000016004")));
    assert_eq!(directory.by_shak("0000"), None);
    assert_eq!(
        directory.tree().sector(&sor("990021000016004")),
        Sector::Region
    );
    assert_eq!(directory.organisations().count(), 3);
}

#[test]
fn systems_are_found_by_source_repository_and_id() {
    let directory = directory();
    for found in [
        directory.system("region"),
        directory.system_by_source("1.2.3"),
        directory.system_by_repository("1.2.3.2"),
    ] {
        assert_eq!(found.unwrap().id, "region");
    }
    assert!(directory.system_by_repository("1.2.3").is_none());
    let source = directory.system("region").unwrap().source.as_ref().unwrap();
    assert_eq!(source.deadline_ms, 5_000);
    assert_eq!(
        source.address,
        SourceAddress::Grpc {
            authority: "localhost:7500".to_owned()
        }
    );
    let practice = directory.system("gp").unwrap();
    assert_eq!(
        (practice.validation, &practice.kinds[..]),
        (Validation::Warn, &[SystemKind::Source][..])
    );
    assert_eq!(
        directory.system("region").unwrap().validation,
        Validation::Reject
    );
}

#[test]
fn receivers_are_found_by_location_number_and_message_type() {
    let directory = directory();
    let (system, receiver) = directory.receiver("5790009900016", "XDIS01").unwrap();
    assert_eq!(
        (system.id.as_str(), receiver.organisation.code()),
        ("region", "990021000016004")
    );
    assert!(
        directory
            .receiver("5790009900016", "HospitalNotification")
            .is_none()
    );
    assert!(
        directory
            .receiver("5790000121526", "HospitalNotification")
            .is_some()
    );
    assert_eq!(directory.receivers_by_gln("5790009900016").count(), 1);
    assert_eq!(directory.receivers_by_gln("5790000000000").count(), 0);
}

#[test]
fn a_system_serves_its_organisations_and_what_lies_below_them() {
    let directory = directory();
    let region = directory.system("region").unwrap();
    let practice = directory.system("gp").unwrap();
    assert!(directory.serves(region, &sor("990021000016004")));
    assert!(!directory.serves(region, &sor("990401000016001")));
    assert!(!directory.serves(practice, &sor("990021000016004")));
    assert!(!directory.serves(region, &sor("99999999999")));
}

#[test]
fn a_certificate_stands_for_one_system() {
    let directory = directory();
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let id = |pin: u8, list: &[&str]| {
        directory
            .system_by_certificate(&[pin; 32], &names(list))
            .map(|s| s.id.as_str())
    };
    assert_eq!(id(0, &["region.example.dk"]), Some("region"));
    assert_eq!(
        id(0, &["other.example.dk", "region.example.dk"]),
        Some("region")
    );
    assert_eq!(id(0xab, &[]), Some("gp"));
    assert_eq!(id(0xab, &["gp.example.dk"]), Some("gp"));
    assert_eq!(
        id(0, &["gp.example.dk"]),
        None,
        "a pinned system needs its pin"
    );
    assert_eq!(id(0xab, &["region.example.dk"]), None, "two systems");
    assert_eq!(id(0, &[]), None);
}

#[test]
fn what_is_wrong_with_an_organisation_is_found() {
    for (pointer, value) in [
        ("/0/sor", json!("12")),
        ("/0/name", json!("")),
        ("/0/colour", json!("red")),
        ("/0/sector", json!("moon")),
        ("/0/gln", json!("5790009900017")),
        ("/1/parent", json!("99999999999")),
        ("/1/parent", json!("990021000016004")),
        ("/0/parent", json!("990021000016004")),
        ("/1/shak", json!("99")),
        ("/2/ydernummer", json!("1234567")),
        ("/2/municipality_code", json!("1219")),
        ("/2/gln", json!("5790009900016")),
        ("/2/sor", json!("990021000016004")),
    ] {
        assert!(
            !problems(false, pointer, value.clone()).is_empty(),
            "{pointer} {value}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_system_is_found() {
    for (pointer, value) in [
        ("/1/id", json!("region")),
        ("/1/id", json!("two words")),
        ("/1/certificate_names", json!(["region.example.dk"])),
        ("/1/certificate_sha256", json!(["abcd"])),
        ("/1/certificate_sha256", json!(["é".repeat(32)])),
        ("/0/certificate_names", json!([])),
        ("/0/organisation", json!("99999999999")),
        ("/0/organisations", json!(["99999999999"])),
        ("/0/kinds", json!(["wizard"])),
        ("/0/source/source_id", json!("1..2")),
        ("/0/source/repository_unique_ids", json!([])),
        (
            "/0/source/repository_unique_ids",
            json!(["1.2.3.1", "1.2.3.1"]),
        ),
        ("/0/source/deadline_ms", json!(0)),
        (
            "/0/source/address",
            json!("http://source.example.dk/{repositoryUniqueId}/{uniqueId}"),
        ),
        ("/0/receives/0/message_types", json!([])),
        ("/0/receives/0/gln", json!("5790000121526")),
        ("/0/receives/0/organisation", json!("990401000016001")),
        ("/0/validation", json!("sometimes")),
    ] {
        assert!(
            !problems(true, pointer, value.clone()).is_empty(),
            "{pointer} {value}"
        );
    }
}

#[test]
fn all_problems_are_listed_at_once() {
    let mut organisations = organisations();
    organisations[0]["gln"] = json!("1");
    organisations[1]["parent"] = json!("99999999999");
    let mut systems = systems();
    systems[0]["organisation"] = json!("88888888888");
    assert_eq!(load(&organisations, &systems).unwrap_err().len(), 3);
    organisations[2]["kind"] = json!(7);
    systems[1]["colour"] = json!("red");
    assert_eq!(load(&organisations, &systems).unwrap_err().len(), 2);
}

#[test]
fn the_lists_may_stand_in_an_object() {
    let both = json!({"organisations": organisations(), "systems": systems(), "comment": "test"});
    load(&both, &both).unwrap();
    assert_eq!(load(&json!({}), &json!("x")).unwrap_err().len(), 2);
}

#[test]
fn addresses_are_tls_and_their_templates_complete() {
    for good in [
        "grpc+tls://source.example.dk:443",
        "grpc+tls://[::1]:7500",
        "https://source.example.dk/{repositoryUniqueId}/{uniqueId}",
        "https://source.example.dk:8443/docs?repo={repositoryUniqueId}&doc={uniqueId}",
    ] {
        assert!(SourceAddress::parse(good).is_some(), "{good}");
    }
    for bad in [
        "",
        "grpc://source.example.dk:443",
        "grpc+tls://source.example.dk",
        "grpc+tls://source.example.dk:0",
        "grpc+tls://user@source.example.dk:443",
        "https://source.example.dk/{uniqueId}",
        "https://{uniqueId}/{repositoryUniqueId}/{uniqueId}",
        "https://user:word@source.example.dk/{repositoryUniqueId}/{uniqueId}",
    ] {
        assert!(SourceAddress::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn an_identifier_cannot_leave_its_place_in_the_address() {
    let address =
        SourceAddress::parse("https://s.example/{repositoryUniqueId}/{uniqueId}").unwrap();
    let url = address
        .url("1.2.3", "../a?b#c^{repositoryUniqueId}")
        .unwrap();
    assert_eq!(
        url,
        "https://s.example/1.2.3/..%2Fa%3Fb%23c%5E%7BrepositoryUniqueId%7D"
    );
    assert_eq!(
        SourceAddress::parse("grpc+tls://h:1")
            .unwrap()
            .url("1", "2"),
        None
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(organisations in "\\PC{0,80}", systems in "\\PC{0,80}", address in "\\PC{0,60}") {
        let _ = Directory::from_json(&organisations, &systems);
        let _ = SourceAddress::parse(&address);
    }

    /// Whatever the parents, the check ends, and what is accepted has no circle.
    #[test]
    fn parents_never_go_in_circles(parents in prop::collection::vec(prop::option::of(0usize..12), 12)) {
        let code = |at: usize| format!("9900{at:011}");
        let list: Vec<_> = parents.iter().enumerate().map(|(at, parent)| {
            json!({"sor": code(at), "parent": parent.map(code), "name": "n", "kind": "k"})
        }).collect();
        let circular = (0..12).any(|start| {
            std::iter::successors(Some(start), |at| parents[*at]).take(13).count() > 12
        });
        prop_assert_eq!(load(&json!(list), &json!([])).is_err(), circular);
    }
}
