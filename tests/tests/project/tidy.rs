//! The style that no compiler holds: small files, nothing half done, no person who is not a test person.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use delt_tests::tree;

/// Lines in a source file. The aim is about 110; past this a newcomer no longer finds the home of a line.
const LINES_MAX: usize = 500;
/// Characters in a line of source. The formatter holds code to 100; this is for comments and literals.
const COLUMNS_MAX: usize = 160;
/// Longer files, with their length. This list only shrinks: an entry that is too high fails too.
const LONGER: &[(&str, usize)] = &[];

/// Where text of ours stands, by extension.
const TEXTS: &[&str] = &[
    "cedar",
    "cedarschema",
    "md",
    "proto",
    "py",
    "rs",
    "sh",
    "sql",
    "toml",
    "yaml",
    "yml",
];
/// Where a person number could stand.
const WITH_PERSONS: &[&str] = &[
    "edi", "json", "md", "ndjson", "proto", "py", "rs", "sh", "sql", "toml", "txt", "xml", "yaml",
];
/// The official test persons, which belong to nobody.
const PERSONS: &str = "crates/server/fixtures/persons.json";
/// The one number for somebody whom no hub knows.
const UNKNOWN_PERSON: &str = "0101000000";

fn complaints(found: impl IntoIterator<Item = String>, rule: &str) {
    let found: Vec<_> = found.into_iter().collect();
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

fn lines(texts: &[(PathBuf, String)]) -> impl Iterator<Item = (String, &str)> {
    texts.iter().flat_map(|(path, text)| {
        text.lines()
            .zip(1..)
            .map(move |(line, number)| (format!("{}:{number}", path.display()), line))
    })
}

#[test]
fn source_files_are_short() {
    let allowed = |path: &Path| LONGER.iter().find(|(long, _)| path == Path::new(long));
    let long = tree::texts(".", &["rs"])
        .into_iter()
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            let limit = allowed(&path).map_or(LINES_MAX, |(_, limit)| *limit);
            let slack = allowed(&path).is_some() && lines < limit;
            (lines > limit || slack)
                .then(|| format!("{}: {lines} lines, limit {limit}", path.display()))
        });
    complaints(
        long,
        "split these by noun and verb, or lower their limit to what they have",
    );
    let gone = LONGER
        .iter()
        .filter(|(path, limit)| *limit <= LINES_MAX || !tree::root().join(path).exists());
    complaints(
        gone.map(|(path, _)| (*path).to_owned()),
        "no longer needed in LONGER",
    );
}

#[test]
fn lines_are_readable() {
    let sources = tree::texts(".", &["rs"]);
    let long = lines(&sources).filter(|(_, line)| line.chars().count() > COLUMNS_MAX);
    complaints(long.map(|(place, _)| place), "lines over 160 characters");

    let texts = tree::texts(".", TEXTS);
    let ragged = lines(&texts).filter(|(_, line)| line.ends_with([' ', '\t']));
    complaints(
        ragged.map(|(place, _)| place),
        "white space at the end of the line",
    );
    let cut = texts
        .iter()
        .filter(|(_, text)| !text.is_empty() && !text.ends_with('\n'));
    complaints(
        cut.map(|(path, _)| path.display().to_string()),
        "no newline at the end of the file",
    );
}

#[test]
fn nothing_is_half_done() {
    // Spelt apart, so that this file does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
    ];
    let macros = [concat!("to", "do!"), concat!("unimpl", "emented!")];
    let marked = |line: &str| {
        words(line).any(|word| marks.contains(&word))
            || macros.iter().any(|half_done| line.contains(half_done))
    };
    let sources = tree::texts(".", &["rs", "py", "sh", "proto", "sql", "cedar"]);
    let left = lines(&sources).filter(|(_, line)| marked(line));
    complaints(
        left.map(|(place, line)| format!("{place}: {}", line.trim())),
        "finish it, or file an issue",
    );
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn only_test_persons_appear() {
    let mut persons = numbers(&tree::read(PERSONS));
    assert!(persons.len() > 10, "{PERSONS} lists the test persons");
    persons.insert(UNKNOWN_PERSON.to_owned());
    let texts = tree::texts(".", WITH_PERSONS);
    let strangers = lines(&texts).flat_map(|(place, line)| {
        let found: Vec<_> = numbers(line)
            .difference(&persons)
            .map(|_| place.clone())
            .collect();
        found
    });
    // The number itself is not said: it could be somebody's.
    complaints(
        strangers,
        "looks like a person number and is not one of the official test persons",
    );
}

/// What looks like a CPR number: ten digits, with or without the hyphen, that begin with a day and a month.
fn numbers(text: &str) -> BTreeSet<String> {
    // A letter, an underscore or a full stop makes it a part of something else: a hash, an identifier, an OID.
    let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    let trimmed = words.map(|word| word.trim_matches(['.', '-']));
    trimmed.filter_map(number).collect()
}

fn number(word: &str) -> Option<String> {
    let digits = match word.split_once('-') {
        Some((date, serial)) if date.len() == 6 && serial.len() == 4 => format!("{date}{serial}"),
        Some(_) => return None,
        None => word.to_owned(),
    };
    if digits.len() != 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let pair = |range| {
        digits
            .get(range)
            .and_then(|pair: &str| pair.parse::<u8>().ok())
    };
    let plausible = (1..=31).contains(&pair(0..2)?) && (1..=12).contains(&pair(2..4)?);
    plausible.then_some(digits)
}
