//! The access log as FHIR: every event of a hub that worked, held against BALP's tables and verified offline.

use std::collections::BTreeMap;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::{
    EntryFilter, ExportEntriesRequest, ExportFormat, GetCheckpointRequest,
};
use delt_ledger::Verifier;
use delt_ledger::export::verify;
use delt_server::http::fhir::audit_event::{Unwrapped, is_fhir};
use delt_tests::calls::{break_glass, fetch, refusal};
use delt_tests::entries::{GP, LONNI, cpr, nobodys};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, LETTER, REGION_HOVEDSTADEN, REGION_MIDTJYLLAND, block_of, consent, end_consent,
    lonni_at_the_hospital, search, search_for, sent, take,
};
use serde_json::Value;
use tonic::Code;

const BALP: &str = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.";

/// Searches, reads, a break-glass, denials, blocks, a letter.
async fn a_day(hub: &TestHub) {
    let (_, doctor) = lonni_at_the_hospital(hub).await;
    let view = search(&doctor, LONNI).await.unwrap();
    // No source runs, so that reading is permitted and fails.
    let shown = &delt_tests::entries::uuids(&view.documents)[0];
    let _ = fetch(&doctor, cpr(LONNI), shown).await;
    fetch(&doctor, cpr(LONNI), &nobodys()).await.unwrap_err();
    let stranger = hub.professional("gp2", "gp-gudenaadal").await;
    search(&stranger, LONNI).await.unwrap_err();
    let citizen = hub.citizen(LONNI).await;
    let partly = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
    let all = consent(&citizen, LONNI, block_of(REGION_HOVEDSTADEN)).await;
    let _ = search(&doctor, LONNI).await;
    let glass = hub.professional_for("reserve", EHR, &["BTG"]).await;
    search_for(&glass, LONNI, break_glass()).await.unwrap();
    end_consent(&citizen, LONNI, &partly).await;
    end_consent(&citizen, LONNI, &all).await;
    sent(&hub.system(EHR).await, LETTER).await;
    let delivery = take(&hub.system(GP).await).await.expect("a letter");
    delivery.ack().await.unwrap();
}

async fn exported(auditor: &Connection, filter: Option<EntryFilter>) -> String {
    let request = ExportEntriesRequest {
        filter,
        format: ExportFormat::Fhir.into(),
        ..Default::default()
    };
    let mut bytes = Vec::new();
    let done = auditor.audit().export_to(request, &mut bytes).await;
    done.expect("an auditor may export");
    String::from_utf8(bytes).unwrap()
}

async fn key(auditor: &Connection) -> Verifier {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let answer = auditor.audit().checkpoint(GetCheckpointRequest {}).await;
    Verifier::from_vkey(&answer.unwrap().verifier_key).unwrap()
}

fn profile(event: &Value) -> &str {
    let url = event["meta"]["profile"][0].as_str();
    url.map_or("", |url| url.strip_prefix(BALP).expect("a profile of BALP"))
}

fn items<'a>(event: &'a Value, list: &str) -> &'a [Value] {
    event[list].as_array().map_or(&[], Vec::as_slice)
}

fn parts<'a>(event: &'a Value, code: &str) -> Vec<&'a Value> {
    let agents = items(event, "agent").iter();
    agents
        .filter(|agent| agent["type"]["coding"][0]["code"] == code)
        .collect()
}

fn entities<'a>(event: &'a Value, code: &str) -> Vec<&'a Value> {
    let entities = items(event, "entity").iter();
    entities
        .filter(|entity| entity["type"]["code"] == code)
        .collect()
}

/// What FHIR itself requires of every event.
fn check_base(event: &Value) {
    for name in ["id", "type", "recorded", "outcome", "agent", "source"] {
        assert!(!event[name].is_null(), "no {name}: {event}");
    }
    assert!(event["id"].as_str().unwrap().len() <= 64);
    for agent in items(event, "agent") {
        assert!(
            agent["requestor"].is_boolean() && agent["who"].is_object(),
            "{agent}"
        );
    }
    assert_eq!(
        items(event, "agent")
            .iter()
            .filter(|agent| agent["requestor"] == true)
            .count(),
        1
    );
    let urls: Vec<_> = items(event, "extension")
        .iter()
        .map(|one| one["url"].as_str().unwrap())
        .collect();
    assert_eq!(
        urls,
        ["urn:delt:fhir:audit-detail", "urn:delt:fhir:audit-proof"]
    );
}

/// The table of BALP: action, subtype, agent[client], agent[hub], agent[user], objects of type 2.
fn check_profile(event: &Value, name: &str) {
    let (kind, action, subtype, client, hub, user, objects) = match name {
        "Query" | "PatientQuery" => ("rest", "E", "search", "110153", "110152", "IRCP", 1),
        "Read" | "PatientRead" => ("rest", "R", "read", "110152", "110153", "IRCP", 1),
        "Create" | "PatientCreate" => ("rest", "C", "create", "110153", "110152", "AUT", 1),
        "Update" | "PatientUpdate" => ("rest", "U", "update", "110153", "110152", "AUT", 1),
        "PrivacyDisclosure.Source" => ("110106", "R", "disclose", "110152", "110153", "IRCP", 1),
        "PrivacyDisclosure.Recipient" => ("110107", "C", "disclose", "110153", "110152", "IRCP", 1),
        "AuthZconsent" => (
            "110113",
            "E",
            "AuthZ-Consent",
            "110150",
            "authserver",
            "IRCP",
            0,
        ),
        other => panic!("{other} is no profile of this mapping"),
    };
    assert_eq!(event["type"]["code"], kind, "{name}");
    assert_eq!(
        (&event["action"], &event["subtype"][0]["code"]),
        (&action.into(), &subtype.into())
    );
    let [client, hub] = [client, hub].map(|code| {
        let found = parts(event, code);
        assert_eq!(found.len(), 1, "{name} has one agent {code}: {event}");
        found[0]
    });
    assert!(
        client["network"].is_object() && hub["who"] == event["source"]["observer"],
        "{event}"
    );
    assert!(
        parts(event, user)
            .iter()
            .all(|user| user.get("network").is_none() && user["requestor"] == true)
    );
    assert_eq!(entities(event, "2").len(), objects, "{name}: {event}");
    let about_patient = !matches!(name, "Query" | "Read" | "Create" | "Update");
    assert_eq!(
        entities(event, "1").len(),
        usize::from(about_patient),
        "{name}"
    );
    if name == "AuthZconsent" {
        assert!(
            ["0", "8"]
                .iter()
                .any(|outcome| event["outcome"] == *outcome)
        );
        assert!(!parts(event, "IRCP").is_empty() && !parts(event, "PROV").is_empty());
        assert!(!entities(event, "Consent").is_empty());
        assert_eq!(
            items(event, "entity").len(),
            1 + entities(event, "Consent").len(),
            "closed"
        );
    } else {
        assert_eq!(event["outcome"], "0", "{name} means success");
    }
    if name.ends_with("Query") {
        assert!(entities(event, "2")[0]["query"].is_string());
    }
}

on_both! {
    async fn every_event_of_a_day_meets_its_profile(backend) {
        let hub = TestHub::start(backend).await;
        Box::pin(a_day(&hub)).await;
        let auditor = hub.supervisor().await;
        let verifier = key(&auditor).await;
        let file = exported(&auditor, None).await;
        assert!(is_fhir(file.as_bytes()) && !file.contains(LONNI), "people are known by key");
        let mut claimed: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut glass = 0;
        for line in file.lines().skip(1) {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["resourceType"], "AuditEvent");
            check_base(&event);
            match profile(&event) {
                "" if event["outcome"] == "0" => panic!("what was done claims a profile: {event}"),
                "" => assert!(!event["outcomeDesc"].is_null()),
                name => check_profile(&event, name),
            }
            glass += u32::from(event["purposeOfEvent"][0]["coding"][0]["code"] == "BTG");
            let outcome = event["outcome"].as_str().unwrap().to_owned();
            *claimed.entry((profile(&event).to_owned(), outcome)).or_default() += 1;
        }
        for (name, outcome) in [
            ("PatientQuery", "0"), ("PatientRead", "0"), ("PatientCreate", "0"), ("PatientUpdate", "0"),
            ("PrivacyDisclosure.Source", "0"), ("PrivacyDisclosure.Recipient", "0"), ("AuthZconsent", "0"), ("", "8"), ("", "4"),
        ] {
            assert!(claimed.contains_key(&(name.to_owned(), outcome.to_owned())), "{name} {outcome}: {claimed:?}");
        }
        assert!(glass > 0, "the broken glass is found by its purpose");

        let (lines, problems) = Unwrapped::new(file.as_bytes(), &verifier.to_string());
        let report = verify(lines, &verifier, &[]).unwrap();
        assert!(report.is_intact() && report.complete && report.proved == report.size, "{report}");
        assert!(problems.borrow().is_empty(), "{:?}", problems.borrow());
    }

    async fn a_part_of_the_log_verifies_and_a_change_is_found(backend) {
        let hub = TestHub::start(backend).await;
        Box::pin(a_day(&hub)).await;
        let auditor = hub.supervisor().await;
        let verifier = key(&auditor).await;
        let searches = EntryFilter { operation: "SearchRecord".to_owned(), ..Default::default() };
        let file = exported(&auditor, Some(searches)).await;
        let holds = |file: &str| {
            let (lines, problems) = Unwrapped::new(file.as_bytes(), &verifier.to_string());
            let report = verify(lines, &verifier, &[]).unwrap();
            let holds = problems.borrow().is_empty();
            report.is_intact() && holds
        };
        assert!(holds(&file));
        for (from, to) in [("\"TREAT\"", "\"BTG\""), ("\"outcome\":\"8\"", "\"outcome\":\"0\""), ("\"9RK1H\"", "\"9RK1J\"")] {
            assert!(file.contains(from), "{from}");
            assert!(!holds(&file.replacen(from, to, 1)), "{from}");
        }
    }

    async fn a_format_that_nobody_knows_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let request = ExportEntriesRequest { format: 99, ..Default::default() };
        let answer = hub.supervisor().await.audit().export(request).await.map(|_| ());
        assert_eq!(refusal(&answer).0, Code::InvalidArgument);
    }
}
