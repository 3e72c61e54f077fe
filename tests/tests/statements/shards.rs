//! Every statement that a hub sends is held against the layout of `deploy/postgres/citus.sql`: one that reaches all shards must stand on the list, with the
//! reason why that does no harm, or what must change first.
//!
//! When this changes on purpose: run the test, read the difference between `golden/statements-across-shards.txt` and the `.actual` that the test leaves beside
//! it, and move the latter over the former, with a reason for each new line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use delt_tests::{statements, tree};

use crate::rules::{Layout, Reach};
use crate::story;

const CITUS: &str = "deploy/postgres/citus.sql";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/statements-across-shards.txt")
}

/// The reasons that were given, by what they are given for.
fn reasons(text: &str) -> BTreeMap<&str, &str> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .filter_map(|line| line.split_once(" | "))
        .map(|(what, why)| (what.trim(), why))
        .collect()
}

/// How a statement begins in the source.
const BEGINS: &str = "\"-- ";

/// Statements that nobody sent here: those that stand in the hub's source as they are, and the names of those that are put together there.
fn written(sent: &BTreeSet<String>) -> (BTreeSet<String>, BTreeSet<String>) {
    let sent: BTreeSet<_> = sent.iter().map(|one| statements::name(one)).collect();
    let (mut whole, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for (path, text) in tree::texts("crates/hub/src", &["rs"]) {
        for (at, _) in text.match_indices(BEGINS) {
            let literal = &text[at + 1..];
            let literal =
                literal[..literal.find('"').expect("a literal ends")].replace("\\n", "\n");
            let name = statements::name(&literal);
            // Some are written for SQLite alone, which is never spread, or for a measurement.
            if sent.contains(name)
                || name.is_empty()
                || name.ends_with("_sqlite")
                || path.ends_with("measure.rs")
            {
                continue;
            }
            if text[..at].ends_with("= ") {
                whole.insert(literal);
            } else {
                parts.insert(name.to_owned());
            }
        }
    }
    (whole, parts)
}

/// What reaches all shards, or shards and the coordinator, each with the reason that was given.
fn listed(layout: &Layout, sent: &BTreeSet<String>, text: &str) -> String {
    let reasons = reasons(text);
    let (whole, parts) = written(sent);
    let mut said: BTreeSet<_> = parts
        .iter()
        .map(|name| format!("{name} was not seen"))
        .collect();
    for statement in sent.union(&whole) {
        let name = statements::name(statement);
        match layout.reach(statement) {
            Reach::NoShard | Reach::Patients => false,
            Reach::All(tables) => said.insert(format!("{name} reaches all of {tables:?}")),
            Reach::Mixed(tables) => said.insert(format!("{name} joins shards with {tables:?}")),
        };
    }
    let why = |said: &String| {
        reasons
            .get(said.as_str())
            .copied()
            .unwrap_or("(no reason yet)")
    };
    let lines: Vec<_> = said
        .iter()
        .map(|said| format!("{said} | {}", why(said)))
        .collect();
    let head = text.lines().take_while(|line| line.starts_with('#'));
    let mut list = String::new();
    for line in head.chain(lines.iter().map(String::as_str)) {
        writeln!(list, "{line}").unwrap();
    }
    list
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_statement_keeps_to_the_shards_of_its_patients_or_has_a_reason() {
    let layout = Layout::read(&tree::read(CITUS));
    let sent = story::to_postgres().await;
    assert!(sent.len() > 90, "only {} statements were seen", sent.len());
    let reviewed = std::fs::read_to_string(golden()).unwrap_or_default();
    let found = listed(&layout, sent, &reviewed);
    let actual = golden().with_extension("txt.actual");
    if found == reviewed && !found.contains("(no reason yet)") {
        let _ = std::fs::remove_file(actual);
        return;
    }
    std::fs::write(&actual, found).unwrap();
    panic!(
        "statements reach other shards than before. Read it: diff -u {golden} {actual}\nand where that is meant, give the reasons and: mv {actual} {golden}",
        golden = golden().display(),
        actual = actual.display()
    );
}

#[test]
fn the_layout_names_tables_that_exist() {
    let migrations = tree::files("crates/hub/migrations/postgres");
    let schema: String = migrations.iter().map(tree::read).collect();
    for table in Layout::read(&tree::read(CITUS)).tables() {
        assert!(
            schema.contains(&format!("CREATE TABLE {table} (")),
            "there is no table {table}"
        );
    }
}
