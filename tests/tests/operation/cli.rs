//! The commands of `delt` as a user types them against a running `delt serve`: what they print, and how they end.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use delt_client::json::entry_to_json;
use delt_server::profile;
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H};
use delt_tests::foreign::all;
use delt_tests::process::{self, get};
use delt_tests::samples::{LETTER, REGION_MIDTJYLLAND, changed, documents_of, message};
use delt_tests::served::Served;
use serde_json::Value;

/// `kard` by authorisation id.
const KARD: &str = "9RK1H";

/// What a command printed, where it ended with 0.
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", all(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// What a command said on standard error, where it ended with this status.
fn failed(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{}", all(output));
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// One JSON document, where the command ended with 0.
fn json(output: &Output) -> Value {
    serde_json::from_str(&done(output)).expect("JSON")
}

/// Lonni's documents of the region's e-journal, one a line, and how many they are.
fn ndjson(hub: &Served, name: &str) -> (String, usize) {
    let mut documents = documents_of(LONNI);
    documents.retain(|held| held.system == REGION_H);
    let lines = documents
        .iter()
        .map(|held| entry_to_json(&held.entry).to_string() + "\n");
    let file = hub.file(name);
    fs::write(&file, lines.collect::<String>()).unwrap();
    (file.to_str().unwrap().to_owned(), documents.len())
}

/// A hub that knows the documents of [`ndjson`] and who treats Lonni; how many documents these are.
fn with_a_record() -> (Served, usize) {
    let hub = Served::start(None);
    let (file, count) = ndjson(&hub, "record.ndjson");
    done(&hub.run(&["register", &file]));
    done(&hub.run(&[
        "relation",
        "add",
        LONNI,
        "--kind",
        "admission",
        "--organisation",
        CARDIOLOGY,
    ]));
    (hub, count)
}

fn sample(hub: &Served, name: &str, content: Vec<u8>) -> String {
    let file: PathBuf = hub.file(name);
    fs::write(&file, content).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_file_is_registered_once_and_a_bad_line_does_not_stop_the_others() {
    let hub = Served::start(None);
    let (file, count) = ndjson(&hub, "good.ndjson");
    assert!(
        done(&hub.run(&["register", &file]))
            .contains(&format!("{count} registered, 0 known before, 0 refused"))
    );

    // A fresh copy has no journal beside it, so that every line is sent again.
    let text = fs::read_to_string(&file).unwrap();
    let copy = sample(&hub, "copy.ndjson", text.clone().into_bytes());
    let again = done(&hub.run(&["register", &copy, "--json"]));
    let lines: Vec<Value> = again
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        lines.last().unwrap()["summary"]["already_registered"],
        count
    );
    assert!(
        lines[..count]
            .iter()
            .all(|line| line["already_registered"] == true)
    );

    let foreign = changed(
        text.lines().next().unwrap().as_bytes(),
        "990041000016009",
        REGION_MIDTJYLLAND,
    );
    let bad = ["not json\n".as_bytes(), &foreign, b"\n", text.as_bytes()].concat();
    let mixed = sample(&hub, "mixed.ndjson", bad);
    let output = hub.run(&["register", &mixed]);
    assert_eq!(output.status.code(), Some(1));
    let told = all(&output);
    assert!(told.contains("line 1: refused: not JSON"), "{told}");
    assert!(told.contains("line 2: refused"), "{told}");
    assert!(
        told.contains(&format!("{count} known before, 2 refused")),
        "{told}"
    );
    failed(&hub.run(&["register", "no-such-file.ndjson"]), 1);
}

#[test]
fn the_record_is_shown_to_those_who_may_see_it() {
    let (hub, count) = with_a_record();
    let text = done(&hub.run(&["record", LONNI, "--as", "kard"]));
    assert!(text.contains(&format!("{count} documents.")), "{text}");
    let view = json(&hub.run(&["record", LONNI, "--as", "kard", "--json"]));
    assert_eq!(
        (
            view["total"].as_u64(),
            view["documents"].as_array().map(Vec::len)
        ),
        (Some(count as u64), Some(count))
    );
    let one = json(&hub.run(&[
        "record", LONNI, "--as", "kard", "--type", "11502-2", "--json",
    ]));
    assert_eq!(one["total"], 1);
    let citizen = json(&hub.run(&["record", LONNI, "--as", LONNI, "--json"]));
    assert_eq!(citizen["total"], count);

    let refused = failed(&hub.run(&["record", LONNI, "--as", "gp2"]), 1);
    assert!(
        refused.contains("NO_TREATMENT_RELATION") && refused.contains("hint"),
        "{refused}"
    );
    let reason = [
        "record",
        LONNI,
        "--as",
        "reserve",
        "--break-glass",
        "Bevidstløs patient i akutmodtagelsen",
        "--json",
    ];
    assert_eq!(json(&hub.run(&reason))["total"], count);
    let explained = done(&hub.run(&["explain", "--help"]));
    assert!(
        explained.contains("what a professional would see"),
        "{explained}"
    );
}

#[test]
fn bad_usage_ends_with_2_and_a_hub_that_is_not_there_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let usage: [&[&str]; 6] = [
        &["record"],
        &["record", "abc"],
        &["record", LONNI, "--no-such-flag"],
        &["no-such-command"],
        &["audit", "verify", "x", "--key", "nonsense"],
        &["consent", "permit"],
    ];
    for arguments in usage {
        assert_eq!(
            process::run(arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
    failed(
        &process::run(["record", LONNI, "--as", "kard", "--data-dir", data]),
        1,
    );
    let nobody = process::free_address().to_string();
    let hub = Served::start(None);
    let unreachable = failed(
        &hub.run(&["record", LONNI, "--as", "kard", "--address", &nobody]),
        1,
    );
    assert!(unreachable.contains("is the hub running?"), "{unreachable}");
    for command in [
        "serve",
        "register",
        "record",
        "fetch",
        "send",
        "inbox",
        "ack",
        "consent",
        "audit",
        "token",
        "migrate",
        "check-config",
    ] {
        assert!(
            done(&process::run([command, "--help"])).contains("Usage: delt"),
            "{command}"
        );
    }
}

#[test]
fn the_citizen_blocks_lists_and_ends() {
    let (hub, count) = with_a_record();
    let total = || json(&hub.run(&["record", LONNI, "--as", "kard", "--json"]))["total"].clone();
    let blocked = json(&hub.run(&["consent", "block", LONNI, "--data-at", CARDIOLOGY, "--json"]));
    let id = blocked["consent"]["consent_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let view = json(&hub.run(&["record", LONNI, "--as", "kard", "--json"]));
    assert!(view["total"].as_u64() < Some(count as u64));
    assert_eq!(view["withheld"][0]["reason"], "consent");
    let told = done(&hub.run(&["record", LONNI, "--as", "kard"]));
    assert!(
        told.to_lowercase().contains("withheld") || told.contains("blocked"),
        "{told}"
    );

    let list = json(&hub.run(&["consent", "list", LONNI, "--json"]));
    assert!(list.to_string().contains(&id), "{list}");
    done(&hub.run(&["consent", "end", LONNI, &id]));
    assert_eq!(total(), count);
    assert!(!done(&hub.run(&["consent", "list", LONNI])).contains(&id));
    assert!(done(&hub.run(&["consent", "list", LONNI, "--all"])).contains(&id));
    failed(
        &hub.run(&["consent", "permit", LONNI, "--data-at", CARDIOLOGY]),
        1,
    );
}

#[test]
fn a_letter_goes_from_the_hospital_to_the_practice_and_is_fetched_from_the_record() {
    let (hub, _) = with_a_record();
    let file = sample(&hub, "letter.xml", message(LETTER));
    failed(&hub.run(&["send", &file, "--to", "5790009900634"]), 1);
    let sent = json(&hub.run(&["send", &file, "--to", "5790009900405", "--json"]));
    let id = sent["message"]["message_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(sent["already_accepted"], false);
    assert_eq!(
        json(&hub.run(&["send", &file, "--json"]))["already_accepted"],
        true
    );

    let taken = json(&hub.run(&["inbox", "--json"]));
    assert_eq!(taken[0]["message"]["message_id"], id);
    let kept = fs::read(taken[0]["file"].as_str().unwrap()).unwrap();
    assert_eq!(kept, message(LETTER));
    assert_eq!(
        json(&hub.run(&["inbox", "--json"]))
            .as_array()
            .map(Vec::len),
        Some(0)
    );
    done(&hub.run(&["ack", &id]));
    failed(
        &hub.run(&["ack", "00000000-0000-7000-8000-000000000000"]),
        1,
    );

    let entry = sent["message"]["entry_uuid"]
        .as_str()
        .expect("the letter is shared")
        .to_owned();
    let copy = hub.file("fetched.xml");
    let fetch = [
        "fetch",
        &entry,
        "--patient",
        LONNI,
        "--as",
        "kard",
        "-o",
        copy.to_str().unwrap(),
        "--json",
    ];
    assert_eq!(json(&hub.run(&fetch))["verified"], true);
    assert_eq!(fs::read(&copy).unwrap(), message(LETTER));
    let refused = hub.file("refused.xml");
    let stranger = [
        "fetch",
        &entry,
        "--patient",
        LONNI,
        "--as",
        "gp2",
        "-o",
        refused.to_str().unwrap(),
    ];
    failed(&hub.run(&stranger), 1);
    assert!(!refused.exists(), "nothing is written of what was refused");
}

#[test]
fn the_log_is_searched_by_auditors_and_by_the_citizen() {
    let (hub, _) = with_a_record();
    done(&hub.run(&["record", LONNI, "--as", "kard"]));
    failed(&hub.run(&["record", LONNI, "--as", "gp2"]), 1);
    let denied = [
        "audit",
        "search",
        "--as",
        "dpo",
        "--json",
        "--operation",
        "SearchRecord",
    ];
    let found = json(&hub.run(&[&denied[..], &["--outcome", "denied"]].concat()));
    assert_eq!(found["entries"].as_array().map(Vec::len), Some(1));
    let id = found["entries"][0]["entry_id"].as_str().unwrap();
    let shown = done(&hub.run(&["audit", "show", id, "--as", "dpo"]));
    assert!(shown.contains("NO_TREATMENT_RELATION"), "{shown}");
    let looks = json(&hub.run(&["audit", "accesses", LONNI, "--json"]));
    assert_eq!(looks["accesses"].as_array().map(Vec::len), Some(2));
    failed(&hub.run(&["audit", "search", "--as", "kard"]), 1);
}

#[test]
fn access_is_taken_back_at_once_and_given_back() {
    let (hub, count) = with_a_record();
    let kard = ["record", LONNI, "--as", "kard", "--json"];
    assert_eq!(json(&hub.run(&kard))["total"], count);

    let revoke = ["revoke", "professional", KARD, "--reason", "Hændelse 4711"];
    let told = done(&hub.run(&revoke));
    assert!(told.contains("in force at every hub"), "{told}");
    let refused = failed(&hub.run(&kard), 1);
    assert!(refused.contains("ACCESS_REVOKED"), "{refused}");
    // Whoever it is not about goes on.
    assert_eq!(
        json(&hub.run(&["record", LONNI, "--as", LONNI, "--json"]))["total"],
        count
    );

    let list = json(&hub.run(&["revoke", "list", "--professional", KARD, "--json"]));
    assert_eq!(list["revocations"][0]["reason"], "Hændelse 4711");
    let id = list["revocations"][0]["revocation_id"]
        .as_str()
        .expect("an id");
    let lifted = json(&hub.run(&["revoke", "lift", id, "--json"]));
    assert!(lifted["revocation"]["ended_time"].is_string(), "{lifted}");
    assert_eq!(json(&hub.run(&kard))["total"], count);
    assert!(done(&hub.run(&["revoke", "list"])).contains("Nothing is revoked"));
    assert!(done(&hub.run(&["revoke", "list", "--all"])).contains(id));

    // The reason is kept for years: nobody's number goes into it.
    let number = ["revoke", "professional", KARD, "--reason", LONNI];
    let refused = failed(&hub.run(&number), 1);
    assert!(
        refused.contains("reason") && !refused.contains(LONNI),
        "{refused}"
    );
}

#[test]
fn an_exported_log_verifies_offline_and_a_tampered_copy_fails() {
    let (hub, _) = with_a_record();
    failed(&hub.run(&["record", LONNI, "--as", "gp2"]), 1);
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let checkpoint = json(&hub.run(&["audit", "checkpoint", "--json"]));
    let key = checkpoint["verifier_key"].as_str().unwrap();
    let note = checkpoint["checkpoint"].as_str().unwrap();
    let earlier = sample(&hub, "checkpoint", note.into());
    let file = hub.file("log.ndjson");
    let file = file.to_str().unwrap();
    done(&hub.run(&["audit", "export", "--as", "dpo", "-o", file]));
    let verify = |file: &str| {
        let whole = ["--complete", "--checkpoint", &earlier];
        process::run([&["audit", "verify", file, "--key", key], &whole[..]].concat())
    };
    assert!(done(&verify(file)).contains("The export is intact"));

    let text = fs::read(file).unwrap();
    let better = changed(&text, "\"outcome\":\"denied\"", "\"outcome\":\"permitted\"");
    let output = verify(&sample(&hub, "tampered", better));
    assert_eq!(output.status.code(), Some(1));
    let told = all(&output);
    assert!(
        told.contains("NOT intact") && told.contains("changed"),
        "{told}"
    );

    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let removed = sample(
        &hub,
        "removed",
        [&lines[..3], &lines[4..]].concat().concat(),
    );
    assert_eq!(verify(&removed).status.code(), Some(1));
    let output = process::run(["audit", "verify", &removed, "--key", key, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(
        report["problems"].to_string().contains("removed"),
        "{report}"
    );
    failed(
        &process::run(["audit", "verify", "no-such-file", "--key", key]),
        1,
    );
}

#[test]
fn a_development_token_serves_as_one_of_an_issuer() {
    let (hub, count) = with_a_record();
    let token = json(&hub.run(&["token", "kard", "--json"]));
    assert_eq!(
        (token["token_type"].as_str(), token["client_id"].as_str()),
        (Some("Bearer"), Some("ehr-hovedstaden"))
    );
    let text = token["access_token"].as_str().unwrap().to_owned();
    let with_token = |token: &str| {
        let mut command = hub.command(&["record", LONNI, "--system", "ehr-hovedstaden", "--json"]);
        command.env("DELT_TOKEN", token).output().unwrap()
    };
    assert_eq!(json(&with_token(&text))["total"], count);
    let refused = failed(&with_token(&text.replace('.', ".x")), 1);
    assert!(refused.contains("TOKEN_INVALID"), "{refused}");
    let header = text.split('.').next().unwrap();
    assert!(!refused.contains(header));
    failed(&hub.run(&["token", "nobody"]), 2);
}

#[test]
fn no_person_number_reaches_the_process_log_the_metrics_or_an_error() {
    let (hub, _) = with_a_record();
    let letter = sample(&hub, "letter.xml", message(LETTER));
    let broken = sample(
        &hub,
        "broken.xml",
        changed(&message(LETTER), "<Patient>", "<Patiant>"),
    );
    let (file, _) = ndjson(&hub, "again.ndjson");
    let text = fs::read(&file).unwrap();
    let other = sample(
        &hub,
        "other.ndjson",
        changed(&text, "\"da-DK\"", "\"en-GB\""),
    );
    let story: [&[&str]; 12] = [
        &["record", LONNI, "--as", "kard"],
        &["record", LONNI, "--as", "gp2"],
        &["record", "0201609995", "--as", LONNI],
        &[
            "record",
            "urn:oid:1.2.208.176.1.2|02016099960",
            "--as",
            "kard",
        ],
        &["send", &letter],
        &["send", &broken],
        &["register", &file],
        &["register", &other],
        &["consent", "block", LONNI, "--data-at", CARDIOLOGY],
        &["explain", LONNI, "--as", LONNI],
        &["audit", "search", "--as", "dpo", "--patient", LONNI],
        &["audit", "accesses", LONNI],
    ];
    let mut errors = String::new();
    for arguments in story {
        errors += &String::from_utf8(hub.run(arguments).stderr).unwrap();
    }
    let metrics = get(hub.process.admin(), "/metrics").unwrap().1;
    let log = hub.process.log();
    assert!(metrics.contains("SearchRecord") && log.contains("delt serves"));
    for person in profile::persons().unwrap() {
        for (place, text) in [("log", &log), ("metrics", &metrics), ("errors", &errors)] {
            assert!(
                !text.contains(&person.value),
                "a person number stands in the {place}"
            );
            let (date, rest) = person.value.split_at(6);
            assert!(
                !text.contains(&format!("{date}-{rest}")),
                "a person number stands in the {place}"
            );
        }
        assert!(!log.contains(&person.name()), "a name stands in the log");
    }
}
