//! Clients that others wrote: Python's grpcio through reflection only, and grpcurl, against a `delt serve` of its own process.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use delt_server::profile::Holder;
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, nobodys};
use delt_tests::foreign::{grpcurl, python, succeed};
use delt_tests::hub::{sample, token};
use delt_tests::samples::{EHR, LETTER, documents_of, message};
use delt_tests::served::Served;
use serde_json::{Value, json};

const INDEX: &str = "delt.document.v1.DocumentIndexService";
const RECORD: &str = "delt.record.v1.PatientRecordService";

/// What the Python client gets for these calls, as one system and with this token.
fn ask(hub: &Served, system: &str, token: Option<&str>, calls: &[Value]) -> Vec<Value> {
    let files = hub.profile.system(system).unwrap();
    let mut command = python();
    command.arg("foreign.py").arg(hub.api.to_string());
    command.args([&files.ca, &files.certificate, &files.key]);
    if let Some(token) = token {
        let file = hub.file("token");
        fs::write(&file, token).unwrap();
        command.arg(file);
    }
    let mut client = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python");
    let mut script = client.stdin.take().unwrap();
    for call in calls {
        writeln!(script, "{call}").unwrap();
    }
    drop(script);
    let output = client.wait_with_output().unwrap();
    assert!(output.status.success(), "see the traceback above");
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), calls.len());
    answers
}

fn call(service: &str, method: &str, request: Value) -> Value {
    let mut call = json!({ "method": format!("{service}/{method}") });
    call["request"] = request;
    call
}

fn person() -> Value {
    json!({ "system": "urn:oid:1.2.208.176.1.2", "value": LONNI })
}

fn doctors(hub: &Served) -> String {
    token(
        &hub.profile,
        &Holder::Professional(sample("kard")),
        EHR,
        &[],
    )
}

/// An entry in protobuf's JSON form, where bytes are base64.
fn entry(file: &str) -> Value {
    let held = documents_of(LONNI)
        .into_iter()
        .find(|held| held.file == file)
        .expect("a fixture");
    let mut entry = delt_client::json::entry_to_json(&held.entry);
    for name in ["hash", "hash_sha256"] {
        let hex = entry[name].as_str().unwrap().as_bytes();
        let bytes = hex
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        entry[name] = json!(STANDARD.encode(bytes.collect::<Vec<_>>()));
    }
    entry["document_entry_type"] = json!("DOCUMENT_ENTRY_TYPE_STABLE");
    entry
}

#[test]
fn a_python_client_registers_searches_and_retrieves_by_reflection_alone() {
    let hub = Served::start(None);
    registers(&hub);
    let letter = relates_and_sends(&hub);
    searches_and_retrieves(&hub, &letter);
}

/// One document, the same again, and a stream of two.
fn registers(hub: &Served) {
    let first = entry("rh-aftale-lonni-hjerteambulatoriet.xml");
    let others = [
        "rh-aftale-lonni-ekkokardiografi.xml",
        "rh-notat-lonni-hjertesvigtsklinik.xml",
    ]
    .map(entry);
    let stream: Vec<Value> = (1..)
        .zip(&others)
        .map(|(item, entry)| json!({ "item": item, "entry": entry }))
        .collect();
    let source = ask(
        hub,
        REGION_H,
        None,
        &[
            json!({ "list": true }),
            call(INDEX, "RegisterDocument", json!({ "entry": first })),
            call(INDEX, "RegisterDocument", json!({ "entry": first })),
            call(INDEX, "RegisterDocuments", json!(stream)),
        ],
    );
    let services: Vec<&str> = source[0]["services"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        services.contains(&INDEX) && services.contains(&"grpc.health.v1.Health"),
        "{services:?}"
    );
    let registered = &source[1]["responses"][0];
    assert_eq!(registered["entry_uuid"], first["entry_uuid"]);
    assert!(
        registered["receipt"]["entry_id"].is_string(),
        "{registered}"
    );
    assert_eq!(source[2]["responses"][0]["already_registered"], true);
    let outcomes = source[3]["responses"].as_array().unwrap();
    assert!(
        outcomes
            .iter()
            .zip(&others)
            .all(|(outcome, entry)| { outcome["registered"]["entry_uuid"] == entry["entry_uuid"] }),
        "{outcomes:?}"
    );
}

/// A relation to the hospital and a discharge letter; the letter's entry.
fn relates_and_sends(hub: &Served) -> String {
    let relation = json!({ "kind": "RELATION_KIND_REFERRAL", "organisation": CARDIOLOGY });
    let letter = STANDARD.encode(message(LETTER));
    let hospital = ask(
        hub,
        EHR,
        None,
        &[
            call(
                "delt.relation.v1.TreatmentRelationService",
                "RegisterRelation",
                json!({ "patient": person(), "relation": relation }),
            ),
            call(
                "delt.message.v1.MessageService",
                "SendMessage",
                json!({ "content": letter, "mime_type": "text/xml" }),
            ),
        ],
    );
    let shared = hospital[1]["responses"][0]["message"]["entry_uuid"].as_str();
    shared.expect("the letter is shared").to_owned()
}

/// All four entries, and the letter as it was sent.
fn searches_and_retrieves(hub: &Served, letter: &str) {
    let doctor = ask(
        hub,
        EHR,
        Some(&doctors(hub)),
        &[
            call(RECORD, "SearchRecord", json!({ "patient": person() })),
            call(
                RECORD,
                "RetrieveDocument",
                json!({ "patient": person(), "entry_uuid": letter }),
            ),
        ],
    );
    let view = &doctor[0]["responses"][0];
    assert_eq!(view["total"], 4, "{view}");
    let titles: Vec<&str> = view["documents"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|d| d["entry"]["title"].as_str())
        .collect();
    assert!(
        titles.contains(&"Udskrivningsepikrise"),
        "spliced entries decode as the contract says: {titles:?}"
    );
    let parts = doctor[1]["responses"].as_array().unwrap();
    let chunks = parts.iter().filter_map(|part| part["chunk"].as_str());
    let content: Vec<u8> = chunks
        .flat_map(|chunk| STANDARD.decode(chunk).unwrap())
        .collect();
    assert_eq!(content, message(LETTER));
    assert_eq!(parts.last().unwrap()["trailer"]["verified"], true);
}

#[test]
fn a_python_client_reads_why_it_was_refused() {
    let hub = Served::start(None);
    let mut wrong = entry("rh-aftale-lonni-hjerteambulatoriet.xml");
    wrong["type_code"]["code"] = json!("no-such-code");
    wrong["language_code"] = json!("");
    let mut foreign = entry("rh-aftale-lonni-hjerteambulatoriet.xml");
    foreign["author"]["institution"]["sor"] = json!("990201000016000");
    let source = ask(
        &hub,
        REGION_H,
        None,
        &[
            call(INDEX, "RegisterDocument", json!({ "entry": wrong })),
            call(INDEX, "RegisterDocument", json!({ "entry": foreign })),
            call(RECORD, "SearchRecord", json!({ "patient": person() })),
        ],
    );
    assert_eq!(
        (source[0]["code"].as_str(), source[0]["domain"].as_str()),
        (Some("INVALID_ARGUMENT"), Some("delt"))
    );
    let violations = source[0]["violations"].to_string();
    assert!(violations.contains("entry.type_code"), "{violations}");
    assert_eq!(
        (source[1]["code"].as_str(), source[1]["reason"].as_str()),
        (Some("PERMISSION_DENIED"), Some("FOREIGN_ORGANISATION"))
    );
    assert!(
        ["PERMISSION_DENIED", "UNAUTHENTICATED"].contains(&source[2]["code"].as_str().unwrap())
    );

    let doctor = ask(
        &hub,
        EHR,
        Some(&doctors(&hub)),
        &[
            call(RECORD, "SearchRecord", json!({ "patient": person() })),
            call(
                RECORD,
                "RetrieveDocument",
                json!({ "patient": person(), "entry_uuid": nobodys() }),
            ),
        ],
    );
    assert_eq!(doctor[0]["reason"], "NO_TREATMENT_RELATION");
    assert_eq!(doctor[1]["reason"], doctor[0]["reason"]);
    let stolen = ask(
        &hub,
        "gp-testby",
        Some(&doctors(&hub)),
        &[call(RECORD, "SearchRecord", json!({ "patient": person() }))],
    );
    assert_eq!(
        (stolen[0]["code"].as_str(), stolen[0]["reason"].as_str()),
        (Some("UNAUTHENTICATED"), Some("TOKEN_NOT_BOUND"))
    );
}

#[test]
fn grpcurl_lists_and_describes_the_services_and_calls_one() {
    let hub = Served::start(None);
    let files = hub.profile.system(EHR).unwrap();
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let address = hub.api.to_string();
    let with = |before: &[&str], after: &[&str]| {
        let mut command = grpcurl();
        command
            .args([
                "-cacert",
                &path(&files.ca),
                "-cert",
                &path(&files.certificate),
                "-key",
                &path(&files.key),
            ])
            .args(before)
            .arg(&address)
            .args(after);
        command
    };
    let services = succeed(&mut with(&[], &["list"]));
    let listed: Vec<&str> = services.lines().collect();
    for service in [
        "delt.audit.v1.AuditLogService",
        "delt.consent.v1.ConsentService",
        "delt.directory.v1.DirectoryService",
        "delt.document.v1.DocumentIndexService",
        "delt.message.v1.MessageService",
        "delt.patient.v1.PatientIdentityService",
        "delt.record.v1.PatientRecordService",
        "delt.relation.v1.TreatmentRelationService",
        "grpc.health.v1.Health",
    ] {
        assert!(
            listed.contains(&service),
            "{service} is not among {listed:?}"
        );
    }
    let described = succeed(&mut with(&[], &["describe", RECORD]));
    assert!(described.contains("rpc SearchRecord"), "{described}");
    let health = succeed(&mut with(&[], &["grpc.health.v1.Health/Check"]));
    assert!(health.contains("SERVING"), "{health}");
    let checkpoint = succeed(&mut with(
        &[],
        &["delt.audit.v1.AuditLogService/GetCheckpoint"],
    ));
    assert!(checkpoint.contains("hub.delt.test/log"), "{checkpoint}");
    let bearer = format!("authorization: Bearer {}", doctors(&hub));
    let search = format!("{RECORD}/SearchRecord");
    let request = json!({ "patient": person() }).to_string();
    let refused = with(&["-H", &bearer, "-d", &request], &[&search])
        .output()
        .unwrap();
    assert!(!refused.status.success());
    assert!(
        delt_tests::foreign::all(&refused).contains("NO_TREATMENT_RELATION")
            || delt_tests::foreign::all(&refused).contains("PermissionDenied")
    );
}
