//! Migrations are only ever added: a database somewhere has already run the old ones.

use std::process::Command;

use delt_tests::{foreign::all, tree};

const FOLDER: &str = "crates/hub/migrations";
/// `sha256sum` of every migration, in the order in which they were added. Lines are appended, never changed.
const SUMS: &str = "crates/hub/migrations/SHA256SUMS";
/// What to do about a new one.
const APPEND: &str =
    "append it: (cd crates/hub/migrations && sha256sum */NNNN_name.sql >> SHA256SUMS)";

/// The steps of one backend, in their order.
fn steps(backend: &str) -> Vec<String> {
    let files = tree::files(&format!("{FOLDER}/{backend}"));
    files
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn both_backends_have_the_same_steps() {
    assert_eq!(steps("sqlite"), steps("postgres"));
}

#[test]
fn steps_are_numbered_without_gaps() {
    let steps = steps("sqlite");
    assert!(!steps.is_empty());
    for (step, number) in steps.iter().zip(1..) {
        let title = step.strip_prefix(&format!("{number:04}_"));
        let title = title.and_then(|title| title.strip_suffix(".sql"));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        assert!(
            title.is_some_and(|title| title.chars().all(plain)),
            "{step} should be {number:04}_a_name.sql"
        );
    }
}

#[test]
fn no_step_changed_after_it_was_added() {
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--strict", "--quiet", "SHA256SUMS"]);
    let checked = check
        .current_dir(tree::root().join(FOLDER))
        .output()
        .unwrap();
    let said = all(&checked);
    assert!(
        checked.status.success(),
        "put these back as they were and add a new step:\n{said}"
    );
}

#[test]
fn every_step_is_sealed_once() {
    let sums = tree::read(SUMS);
    let sealed = sums
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(_, step)| step);
    let mut sealed: Vec<_> = sealed.map(str::to_owned).collect();
    sealed.sort();
    let of = |backend| {
        steps(backend)
            .into_iter()
            .map(move |step| format!("{backend}/{step}"))
    };
    let found: Vec<_> = of("postgres").chain(of("sqlite")).collect();
    assert_eq!(found, sealed, "a new step is not in {SUMS}; {APPEND}");
}
