//! Forgetting the authorization, the scope or the audit entry of an operation does not compile.
//!
//! Each program in `crates/hub/tests/compile_fail` tries a way past the hub's door. The line that must not compile says why, after `//~`: the compiler's
//! code, where it has one, and what it says. The programs are compiled against the crates that this test was built with, so that nothing is built anew.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use delt_tests::tree;
use serde_json::Value;

const PAST_THE_DOOR: &str = "crates/hub/tests/compile_fail";
const THROUGH_THE_DOOR: &str = "crates/hub/tests/compiles/through_the_door.rs";
/// What the programs stand on.
const CRATES: [&str; 3] = ["delt_hub", "delt_policy", "delt_formats"];
/// Begins the reason why a line does not compile.
const BECAUSE: &str = "//~ ";

/// One build of each of the crates.
type Built = [PathBuf; CRATES.len()];

/// What the compiler says of a program: the lines of its errors, and for each its code and message.
fn errors(program: &Path, built: &Built) -> Vec<(u64, String)> {
    let folder = tempfile::tempdir().unwrap();
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition=2024", "--emit=metadata", "--error-format=json"])
        .arg("--out-dir")
        .arg(folder.path())
        .arg(format!("-Ldependency={}", beside_this_test().display()));
    for (name, file) in CRATES.iter().zip(built) {
        rustc.arg(format!("--extern={name}={}", file.display()));
    }
    let done = rustc.arg(tree::root().join(program)).output();
    let done = done.expect("rustc can be started");
    let said = String::from_utf8_lossy(&done.stderr);
    let said: Vec<_> = said.lines().filter_map(error).collect();
    assert_eq!(done.status.success(), said.is_empty(), "{said:?}");
    said
}

/// An error in the program's text, out of one line of what the compiler says.
fn error(line: &str) -> Option<(u64, String)> {
    let said: Value = serde_json::from_str(line).expect("rustc says JSON");
    let spans = said["spans"].as_array()?;
    let place = spans.iter().find(|span| span["is_primary"] == true);
    let place = place.map_or(0, |span| span["line_start"].as_u64().unwrap());
    let summary = place == 0 && said["message"].as_str()?.starts_with("aborting due to");
    if said["level"] != "error" || summary {
        return None;
    }
    let code = said["code"]["code"].as_str().unwrap_or_default();
    let message = format!("{code} {}", said["message"].as_str()?);
    Some((place, message.trim_start().to_owned()))
}

fn beside_this_test() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.parent()
        .expect("cargo puts tests into deps/")
        .to_owned()
}

/// All builds of a crate that stand beside this test, the newest first.
fn builds(name: &str) -> Vec<PathBuf> {
    let ours = |path: &PathBuf| {
        let stem = path.file_stem().unwrap().to_string_lossy();
        let library = path.extension().is_some_and(|kind| kind == "rlib");
        library && stem.starts_with(&format!("lib{name}-"))
    };
    let files = std::fs::read_dir(beside_this_test()).unwrap();
    let mut found: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(ours)
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(modified(path)));
    found
}

fn modified(path: &Path) -> SystemTime {
    path.metadata()
        .and_then(|file| file.modified())
        .expect("a file has a time")
}

/// The newest builds that belong together: a program that does nothing amiss compiles against them.
fn built() -> Built {
    let [hubs, policies, formats] = CRATES.map(builds);
    let mut said = Vec::new();
    for hub in &hubs {
        for policy in &policies {
            for format in &formats {
                let built = [hub.clone(), policy.clone(), format.clone()];
                said = errors(Path::new(THROUGH_THE_DOOR), &built);
                if said.is_empty() {
                    return built;
                }
            }
        }
    }
    panic!("{THROUGH_THE_DOOR} does not compile: {said:?}");
}

#[test]
fn each_way_of_forgetting_does_not_compile() {
    let built = built();
    let programs = tree::files(PAST_THE_DOOR);
    assert!(programs.len() > 10, "{programs:?}");
    for program in programs {
        let text = tree::read(&program);
        let expected: Vec<_> = (1..)
            .zip(text.lines())
            .filter_map(|(number, line)| Some((number, line.split_once(BECAUSE)?.1)))
            .collect();
        let said = errors(&program, &built);
        let [(line, because)] = expected[..] else {
            panic!("{}: one line says {BECAUSE}", program.display());
        };
        let [(found, message)] = &said[..] else {
            panic!(
                "{}: it should fail for one reason: {said:?}",
                program.display()
            );
        };
        let (code, words) = because.split_once(' ').expect("a code, or words");
        let fits = *found == line && message.starts_with(code) && message.contains(words);
        assert!(fits, "{}:{line}: {said:?}", program.display());
    }
}
