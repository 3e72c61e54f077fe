//! `delt register` of a large file, killed at any point: what comes out is as if it had never been.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use delt_client::json::entry_to_json;
use delt_tests::alone::alone;
use delt_tests::database::Database;
use delt_tests::entries::{EINER, LARS, LONNI, REGION_H, by, note};
use delt_tests::load::held;
use delt_tests::served::Served;
use serde_json::Value;

const LINES: u64 = 20_000;
const KILLS: u64 = 3;
/// The moments of the kills come from here: another number, other moments.
const SEED: u64 = 0x0005_0B0A;
/// Each so many lines one is refused: its author's organisation is not the source's.
const FOREIGN_EACH: u64 = 997;

/// The file, with the entryUUIDs of its good lines.
fn ndjson(path: &Path) -> BTreeMap<u64, String> {
    let mut out = std::io::BufWriter::new(File::create(path).unwrap());
    let mut good = BTreeMap::new();
    for line in 1..=LINES {
        let person = [LONNI, EINER, LARS][usize::try_from(line % 3).unwrap()];
        let mut entry = note(REGION_H, person);
        if line % FOREIGN_EACH == 0 {
            entry = by(entry, "990211000016003");
        } else {
            good.insert(line, entry.entry_uuid.clone());
        }
        writeln!(out, "{}", entry_to_json(&entry)).unwrap();
    }
    out.flush().unwrap();
    good
}

/// How far the journal beside the file has come; none where there is none.
fn journaled(file: &Path) -> Option<u64> {
    let text = fs::read_to_string(beside(file, "delt-progress")).ok()?;
    let done = text.lines().filter_map(|line| line.strip_prefix("done "));
    done.filter_map(|line| line.parse().ok()).max().or(Some(0))
}

fn beside(file: &Path, suffix: &str) -> std::path::PathBuf {
    file.with_extension(format!("ndjson.{suffix}"))
}

fn start(hub: &Served, file: &Path, run: u64) -> Child {
    let told = File::create(beside(file, &format!("told-{run}"))).unwrap();
    hub.command(&["register", file.to_str().unwrap(), "--json"])
        .stdout(told)
        .stderr(Stdio::null())
        .spawn()
        .expect("delt can be started")
}

/// Kills the run once its journal is past a line.
fn kill_past(mut run: Child, file: &Path, line: u64) {
    while journaled(file).is_none_or(|done| done < line) {
        assert!(
            run.try_wait().unwrap().is_none(),
            "it ended before line {line}"
        );
        thread::sleep(Duration::from_millis(2));
    }
    run.kill().unwrap();
    run.wait().unwrap();
}

/// The outcomes that the runs told, by line: all that were told of it.
fn told(file: &Path) -> BTreeMap<u64, Vec<Value>> {
    let mut told: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for run in 0..=KILLS {
        let text = fs::read_to_string(beside(file, &format!("told-{run}"))).unwrap();
        // A killed run may have torn its last line.
        for outcome in text
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        {
            if let Some(line) = outcome["line"].as_u64() {
                told.entry(line).or_default().push(outcome);
            }
        }
    }
    told
}

async fn killed_and_resumed(store: Option<String>) {
    let _alone = alone().await;
    let hub = Served::start_quiet(store, "");
    let file = hub.file("region.ndjson");
    let good = ndjson(&file);
    let mut chance = SEED;
    for kill in 0..KILLS {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let run = start(&hub, &file, kill);
        kill_past(run, &file, kill * LINES / 4 + (chance >> 33) % (LINES / 4));
    }
    let done = journaled(&file).expect("a journal");
    assert!(done >= LINES / 2, "the last kill came at {done}");
    let last = start(&hub, &file, KILLS).wait().unwrap();
    assert_eq!(last.code(), Some(1), "some lines stay refused");

    let told = told(&file);
    assert!(
        told.keys().copied().eq(1..=LINES),
        "every line has an outcome"
    );
    for (line, outcomes) in &told {
        let expected = if good.contains_key(line) {
            "registered"
        } else {
            "refused"
        };
        assert!(
            outcomes
                .iter()
                .all(|outcome| outcome["outcome"] == expected),
            "line {line}: {outcomes:?}"
        );
    }
    // What was done by the last kill was not sent again, but for what was refused.
    let text = fs::read_to_string(beside(&file, &format!("told-{KILLS}"))).unwrap();
    let again = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let again = again.filter(|outcome| outcome["outcome"] == "registered");
    assert!(
        again
            .filter_map(|outcome| outcome["line"].as_u64())
            .all(|line| line > done)
    );

    let expected: BTreeSet<String> = good.into_values().collect();
    let held = held(&hub.system(REGION_H).await).await;
    assert!(held == expected, "the index holds each pointer once");
    refused_stand_apart(&file);
}

/// What is left to look at: each refused line once, in order, with its reason.
fn refused_stand_apart(file: &Path) {
    let refused = fs::read_to_string(beside(file, "delt-refused")).unwrap();
    let refused: Vec<Value> = refused
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let lines = refused
        .iter()
        .map(|refused| refused["line"].as_u64().unwrap());
    assert!(lines.eq((1..=LINES).filter(|line| line % FOREIGN_EACH == 0)));
    assert!(
        refused
            .iter()
            .all(|refused| refused["reason"] == "FOREIGN_ORGANISATION")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_registration_goes_on_without_duplicates_on_sqlite() {
    killed_and_resumed(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_registration_goes_on_without_duplicates_on_postgres() {
    let database = Database::made().await;
    killed_and_resumed(Some(database.url())).await;
}
