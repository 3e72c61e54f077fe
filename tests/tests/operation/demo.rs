//! `delt demo --once`, as a user runs it: every step holds, on a fresh folder and on one with a past.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;

use delt_server::demo::fixtures::{SampleDocument, documents};
use delt_server::profile::{API, persons};
use delt_tests::process;
use serde_json::Value;

const LONNI: &str = "0201609996";
/// The GP's diagnoses, and clinical notes: what a nurse of the municipality does not see.
const OUTSIDE_HOME_CARE: [&str; 2] = ["11450-4", "CMR"];
/// Psykiatrien Gudenå and its outpatient clinic.
const PSYCHIATRY: [&str; 2] = ["990261000016001", "990271000016006"];

/// The steps by their key, and the summary.
struct Telling {
    steps: BTreeMap<String, Value>,
    summary: Value,
}

fn tell(folder: &Path) -> Telling {
    let folder = folder.to_str().unwrap();
    let output = process::run(["demo", "--once", "--json", "--data-dir", folder]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.pop().unwrap();
    for step in &lines {
        assert_eq!(step["held"], true, "{step:#}");
        assert!(!step["checks"].as_array().unwrap().is_empty(), "{step:#}");
    }
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let key = |step: &Value| step["step"].as_str().unwrap().to_owned();
    Telling {
        steps: lines.into_iter().map(|step| (key(&step), step)).collect(),
        summary,
    }
}

impl Telling {
    fn fact(&self, step: &str, name: &str) -> u64 {
        let step = self
            .steps
            .get(step)
            .unwrap_or_else(|| panic!("there is no step {step}"));
        step["facts"][name]
            .as_u64()
            .unwrap_or_else(|| panic!("no number {name} in {step:#}"))
    }
}

/// How many of the fixtures are so.
fn count(what: impl Fn(&SampleDocument) -> bool) -> u64 {
    documents()
        .unwrap()
        .iter()
        .filter(|held| what(held))
        .count() as u64
}

fn is_lonnis(held: &SampleDocument) -> bool {
    held.entry.patient.as_ref().unwrap().value == LONNI
}

fn arose_in_psychiatry(held: &SampleDocument) -> bool {
    let author = held.entry.author.as_ref().unwrap();
    PSYCHIATRY.contains(&author.institution.as_ref().unwrap().sor.as_str())
}

fn is_outside_home_care(held: &SampleDocument) -> bool {
    OUTSIDE_HOME_CARE.contains(&held.entry.type_code.as_ref().unwrap().code.as_str())
}

#[test]
fn the_story_holds_and_its_numbers_are_those_of_the_fixtures() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let told = tell(&data);
    assert_eq!(told.summary["held"], true);
    assert_eq!(told.summary["steps"], told.steps.len());

    let own = count(is_lonnis);
    let blocked = count(|held| is_lonnis(held) && arose_in_psychiatry(held));
    let outside = count(|held| is_lonnis(held) && is_outside_home_care(held));
    assert!(
        own > 8 && blocked == 1 && outside > 1,
        "the fixtures do not carry the story"
    );

    assert_eq!(told.fact("register", "documents"), count(|_| true));
    for (system, counted) in told.steps["register"]["facts"]["sources"]
        .as_object()
        .unwrap()
    {
        let held = count(|held| held.system == system);
        assert_eq!(counted["documents"], held, "{system}");
        assert_eq!(counted["registered"], held, "{system}");
        assert_eq!(counted["listed"], held, "{system}");
    }
    assert_eq!(told.fact("cardiologist", "visible"), own);
    assert_eq!(told.fact("nurse", "withheld_by_role"), outside);
    assert_eq!(told.fact("nurse", "visible"), own - outside);
    assert_eq!(
        told.steps["stranger"]["facts"]["reason"],
        "NO_TREATMENT_RELATION"
    );
    assert_eq!(told.fact("block", "visible"), own - blocked);
    assert_eq!(told.fact("block", "withheld_by_consent"), blocked);
    assert_eq!(told.fact("break_glass", "visible"), own);
    assert_eq!(told.fact("break_glass", "flagged"), blocked);
    assert_eq!(told.fact("review", "notifications"), 1);
    assert_eq!(told.fact("review", "case"), 1);
    assert_eq!(told.steps["letter"]["facts"]["receipt"], "XCTL03");
    assert!(told.fact("accesses", "refused") > 0);
    assert_eq!(told.fact("accesses", "break_glass"), 2);
    assert_eq!(told.fact("audit", "proved"), told.fact("audit", "entries"));
    assert_eq!(told.fact("audit", "tampered_copies_caught"), 3);
    assert!(told.fact("statement", "entries") > told.fact("accesses", "accesses"));
    assert_eq!(told.fact("statement", "statements"), 1);
    let midtjylland = |held: &SampleDocument| held.system == "ejournal-midtjylland";
    let lost = count(|held| is_lonnis(held) && midtjylland(held) && !arose_in_psychiatry(held));
    assert_eq!(told.fact("dead_source", "missing"), lost);
    assert_eq!(told.fact("dead_source", "came"), own - blocked - lost);
    assert_eq!(told.fact("lift", "visible"), own + 1, "with the letter");

    what_was_kept_verifies_offline(&data);
    the_log_names_no_person(&data);
}

fn what_was_kept_verifies_offline(data: &Path) {
    let file = |name: &str| data.join(name).to_str().unwrap().to_owned();
    let (export, key) = (file("demo-audit.ndjson"), file("demo-audit.vkey"));
    let verified = process::run(["audit", "verify", &export, "--key", &key, "--complete"]);
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
    let verified = process::run([
        "audit",
        "verify-chain",
        &file("demo-chain.json"),
        "--key",
        &key,
    ]);
    let told = String::from_utf8_lossy(&verified.stdout);
    assert!(
        verified.status.success() && told.contains("complete."),
        "{told}"
    );
}

fn the_log_names_no_person(data: &Path) {
    let log = std::fs::read_to_string(data.join("demo.log")).unwrap();
    assert!(log.contains("delt serves"), "{log}");
    for person in persons().unwrap() {
        assert!(
            !log.contains(&person.value),
            "a person number is in the log"
        );
        assert!(
            !log.contains(&person.name()),
            "a person's name is in the log"
        );
    }
}

#[test]
fn it_can_be_told_again_on_the_same_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    tell(&data);
    let again = tell(&data);
    for counted in again.steps["register"]["facts"]["sources"]
        .as_object()
        .unwrap()
        .values()
    {
        assert_eq!(counted["registered"], 0, "a retry registers nothing anew");
    }
    assert_eq!(again.fact("cardiologist", "letters_before"), 1);
    assert_eq!(again.fact("review", "case"), 1, "the glass is still open");
    assert_eq!(again.fact("cardiologist", "visible"), count(is_lonnis) + 1);
}

#[test]
fn people_get_words_not_json() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = process::run(["demo", "--once", "--data-dir", data.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("Øresund Testhospital, Kardiologisk Afdeling"),
        "{text}"
    );
    assert!(
        text.contains("Spørgeskema: Hjerterehabilitering, start"),
        "{text}"
    );
    assert!(!text.contains('✗') && !text.contains("\"held\""), "{text}");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_taken_port_is_named_with_the_remedy() {
    // Whoever holds it already serves as well.
    let _held = TcpListener::bind(API);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = process::run(["demo", "--data-dir", data.to_str().unwrap()]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains(&format!("cannot listen on {API}")),
        "{error}"
    );
    assert!(error.contains("--once"), "{error}");
}
