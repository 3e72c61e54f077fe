//! The mapping of every operation, and a file whose every change is found.

use std::collections::BTreeSet;

use delt_ledger::export::{Content, Header, Line, Report, verify};
use delt_ledger::merkle::{Frontier, leaf_hash};
use delt_ledger::{
    Actor, Checkpoint, Commitment, ENTRY_VERSION, Entry, Ground, Outcome, Person, PersonKind, Salt,
    Signer,
};
use delt_policy::Action;
use serde_json::Value;

use super::*;

const ORIGIN: &str = "delt.example/log";
const PATIENT: &str = "244cc6a44cd2439c9e1be83d6c48d9de0e564a054cd1e3ba521c816c8b9d212d";
const DOCUMENT: &str = "d5627ae2-4f71-5f8b-8867-84cae69b4dbb";
const CONSENT: &str = "01a207bc-8e9f-7000-8000-000000000001";

fn entry(operation: &str) -> Entry {
    let person = Person {
        kind: PersonKind::Authorisation,
        id: "9RK1H".to_owned(),
        name: Some("Signe Ravnkilde-Holm".to_owned()),
        role: "laege".to_owned(),
        organisation: Some("sor:990031000016002".to_owned()),
    };
    Entry {
        version: ENTRY_VERSION,
        id: "01a206ed-8601-7288-820a-c1d1334fb301".to_owned(),
        recorded_at: "2026-11-23T05:42:39.361242Z".to_owned(),
        operation: operation.to_owned(),
        outcome: Outcome::Permitted,
        error_code: None,
        actor: Actor {
            system: "ehr-hovedstaden".to_owned(),
            system_organisation: Some("sor:990011000016008".to_owned()),
            certificate_sha256: Some("00ff".repeat(16)),
            person: Some(person),
            responsible: None,
            relation: None,
        },
        patient: Some(PATIENT.to_owned()),
        patient_chain: None,
        purpose: Some("TREAT".to_owned()),
        override_reason: None,
        grounds: Vec::new(),
        filters: [("statuses".to_owned(), "approved".to_owned())].into(),
        disclosed: Vec::new(),
        withheld: 0,
        withheld_reasons: std::collections::BTreeMap::new(),
        target: Some(DOCUMENT.to_owned()),
        request_id: Some("r-1".to_owned()),
        trace_id: None,
        policy_version: Some("292a".to_owned()),
    }
}

fn by_consent(entry: Entry) -> Entry {
    let ground = Ground {
        rule: "consent-block".to_owned(),
        reference: Some(CONSENT.to_owned()),
        detail: Some("a block names the caller".to_owned()),
    };
    Entry {
        grounds: vec![ground],
        ..entry
    }
}

fn denied(entry: Entry) -> Entry {
    Entry {
        outcome: Outcome::Denied,
        error_code: Some("ACCESS_DENIED".to_owned()),
        ..entry
    }
}

fn profile(event: &Value) -> &str {
    let url = event["meta"]["profile"][0].as_str().unwrap_or_default();
    url.rsplit_once("IHE.BasicAudit.")
        .map_or("", |(_, name)| name)
}

fn profiles(entry: &Entry) -> Vec<(String, String)> {
    let told = |event: &Value| {
        (
            profile(event).to_owned(),
            event["outcome"].as_str().unwrap().to_owned(),
        )
    };
    events(entry, ORIGIN).iter().map(told).collect()
}

fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[test]
fn every_operation_of_the_hub_is_mapped() {
    for action in Action::ALL {
        assert_ne!(
            operation::kind(action.as_str()),
            operation::Kind::Unknown,
            "{action:?}"
        );
        for made in [entry(action.as_str()), denied(entry(action.as_str()))] {
            let told = events(&made, ORIGIN);
            assert!(!told.is_empty());
            let claims = told
                .iter()
                .filter(|event| !profile(event).is_empty())
                .count();
            let expected = if made.outcome == Outcome::Permitted {
                told.len()
            } else {
                0
            };
            assert_eq!(claims, expected, "{action:?}");
        }
    }
}

#[test]
fn operations_have_their_profiles() {
    for (operation, name) in [
        ("SearchRecord", "PatientQuery"),
        ("RetrieveDocument", "PatientRead"),
        ("RegisterDocument", "PatientCreate"),
        ("UpdateDocumentStatus", "PatientUpdate"),
        ("EndConsent", "PatientUpdate"),
        ("SendMessage", "PrivacyDisclosure.Recipient"),
        ("ReceiveMessages", "PrivacyDisclosure.Source"),
    ] {
        assert_eq!(
            profiles(&entry(operation)),
            pairs(&[(name, "0")]),
            "{operation}"
        );
    }
    let nobody = |operation| Entry {
        patient: None,
        ..entry(operation)
    };
    assert_eq!(
        profiles(&nobody("SearchAuditEntries")),
        pairs(&[("Query", "0")])
    );
    let nothing = Entry {
        target: None,
        ..nobody("ReceiveMessages")
    };
    assert_eq!(profiles(&nothing), pairs(&[("Query", "0")]));
    assert_eq!(profiles(&entry("FromTomorrow")), pairs(&[("", "0")]));
}

#[test]
fn consents_make_a_decision_of_their_own_and_denials_are_told() {
    let search = || entry("SearchRecord");
    assert_eq!(
        profiles(&by_consent(search())),
        pairs(&[("PatientQuery", "0"), ("AuthZconsent", "0")])
    );
    assert_eq!(
        profiles(&denied(by_consent(search()))),
        pairs(&[("", "8"), ("AuthZconsent", "8")])
    );
    let by_role = denied(search());
    assert_eq!(profiles(&by_role), pairs(&[("", "8"), ("", "8")]));
    assert_eq!(
        events(&by_role, ORIGIN)[1]["subtype"][0]["code"],
        "AuthZ-Role"
    );
    for (code, outcome) in [
        ("NOT_FOUND", "4"),
        ("INTERNAL", "12"),
        ("STORE_UNAVAILABLE", "12"),
    ] {
        let failed = Entry {
            outcome: Outcome::Failed,
            error_code: Some(code.to_owned()),
            ..by_consent(search())
        };
        assert_eq!(profiles(&failed), pairs(&[("", outcome)]));
    }
}

#[test]
fn several_documents_or_patients_are_several_events_with_ids_of_their_own() {
    let other = "01a207bc-8e9f-7000-8000-000000000002".to_owned();
    let read = Entry {
        disclosed: vec![DOCUMENT.to_owned(), other],
        ..entry("RetrieveDocument")
    };
    let told = events(&by_consent(read), ORIGIN);
    let ids: BTreeSet<_> = told
        .iter()
        .map(|event| event["id"].as_str().unwrap())
        .collect();
    assert_eq!((told.len(), ids.len()), (3, 3));
    let linked = PATIENT.replace('2', "3");
    let link = Entry {
        target: Some(linked.clone()),
        ..entry("MergePatient")
    };
    let about: Vec<_> = events(&link, ORIGIN)
        .iter()
        .map(|event| {
            event["entity"][0]["what"]["identifier"]["value"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(about, [PATIENT.to_owned(), linked]);
}

#[test]
fn a_broken_glass_shows_in_the_purpose() {
    let glass = Entry {
        purpose: Some("BTG".to_owned()),
        override_reason: Some("Bevidstløs patient".to_owned()),
        disclosed: vec![DOCUMENT.to_owned()],
        ..entry("SearchRecord")
    };
    let [event] = events(&glass, ORIGIN).try_into().unwrap();
    let purpose = &event["purposeOfEvent"][0];
    assert_eq!(
        (&purpose["coding"][0]["code"], &purpose["text"]),
        (&"BTG".into(), &"Bevidstløs patient".into())
    );
    assert_eq!(event["agent"][2]["purposeOfUse"][0], *purpose);
    assert_eq!(
        event["agent"][0]["network"]["address"],
        format!(
            "ni:///sha-256;{}",
            "AP8A_wD_AP8A_wD_AP8A_wD_AP8A_wD_AP8A_wD_AP8"
        )
    );
}

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[7; 32]).unwrap()
}

/// Delt's own export of two leaves, the second with two events or erased.
fn own(erased: bool) -> String {
    let payloads = [entry("RegisterDocument"), by_consent(entry("SearchRecord"))];
    let salt = Salt::from_bytes([9; 32]);
    let contents = payloads.map(|entry| Content::of_entry(&entry, salt).unwrap());
    let commitments: Vec<Commitment> = contents.iter().map(Content::commitment).collect();
    let mut tree = Frontier::new();
    for commitment in &commitments {
        tree.push(leaf_hash(commitment.as_hash().as_bytes()))
            .unwrap();
    }
    let checkpoint = Checkpoint::new(ORIGIN, 2, tree.root())
        .sign(&signer())
        .unwrap();
    let header = Header {
        checkpoint,
        complete: true,
        chain_key: None,
    };
    let mut out = header.to_line().unwrap() + "\n";
    for (position, content) in contents.into_iter().enumerate() {
        let sibling = commitments[1 - position].leaf();
        let content = if erased && position == 1 {
            Content::Erased(commitments[1])
        } else {
            content
        };
        let line = Line {
            index: position as u64,
            content,
            proof: vec![sibling],
        };
        out += &(line.to_line().unwrap() + "\n");
    }
    out
}

fn file(erased: bool) -> String {
    let mut converter = Converter::new(signer().verifier().to_string());
    // In parts that are cut anywhere.
    let own = own(erased);
    let parts = own
        .as_bytes()
        .chunks(100)
        .map(|part| std::str::from_utf8(part).unwrap());
    parts.map(|part| converter.convert(part).unwrap()).collect()
}

fn check(file: &[u8]) -> (Report, bool) {
    let (input, problems) = Unwrapped::new(file, &signer().verifier().to_string());
    let report = verify(input, signer().verifier(), &[]).unwrap();
    let holds = report.is_intact() && problems.borrow().is_empty();
    (report, holds)
}

#[test]
fn a_file_verifies_and_gives_back_what_it_was_made_of() {
    for (erased, lines) in [(false, 4), (true, 3)] {
        let file = file(erased);
        assert!(is_fhir(file.as_bytes()) && !is_fhir(own(erased).as_bytes()));
        assert_eq!(file.lines().count(), lines);
        let (report, holds) = check(file.as_bytes());
        assert!(holds, "{report}");
        assert_eq!((report.proved, report.complete), (2, true));
        let (mut input, _) = Unwrapped::new(file.as_bytes(), &signer().verifier().to_string());
        let mut text = String::new();
        std::io::Read::read_to_string(&mut input, &mut text).unwrap();
        assert_eq!(text, own(erased));
    }
}

#[test]
fn flipped_bits_are_found_all_over_the_file() {
    let file = file(false).into_bytes();
    // A prime step, so that each place in a line and each bit of a byte comes up.
    for byte in (0..file.len()).step_by(13) {
        let mut changed = file.clone();
        changed[byte] ^= 1 << (byte % 8);
        assert!(!check(&changed).1, "byte {byte}");
    }
}

#[test]
fn a_changed_missing_repeated_or_moved_line_is_found() {
    let file = file(false);
    let lines: Vec<&str> = file.split_inclusive('\n').collect();
    let joined = |order: &[usize]| order.iter().map(|at| lines[*at]).collect::<String>();
    for order in [
        &[0, 1, 2][..],
        &[0, 1, 3],
        &[0, 2, 3],
        &[0, 1, 3, 2],
        &[0, 2, 3, 1],
        &[0, 1, 2, 3, 3],
        &[1, 2, 3],
        &[],
    ] {
        assert!(!check(joined(order).as_bytes()).1, "{order:?}");
    }
    for (from, to) in [
        ("PatientQuery", "PatientRead"),
        ("laege", "sygeplejerske"),
        ("TREAT", "BTG"),
    ] {
        assert!(!check(file.replacen(from, to, 1).as_bytes()).1, "{from}");
    }
    let other = Signer::from_seed(ORIGIN, &[8; 32])
        .unwrap()
        .verifier()
        .to_string();
    let (mut input, problems) = Unwrapped::new(file.as_bytes(), &other);
    std::io::copy(&mut input, &mut std::io::sink()).unwrap();
    assert_eq!(problems.borrow().listed, [(1, Problem::Header)]);
}

proptest::proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        check(&bytes);
        let mut file = file(false).into_bytes();
        file.extend_from_slice(&bytes);
        check(&file);
        let _ = Converter::new("k").convert(&String::from_utf8_lossy(&bytes));
    }
}
