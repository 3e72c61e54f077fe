//! What must hold in a directory before anything is decided by it.

use super::{Directory, Organisation, System};
use delt_formats::identifier::{Gln, Shak, Ydernummer};
use delt_policy::OrganisationId;
use std::collections::{HashMap, HashSet};

/// No organisation lies deeper; a walk that is longer goes in a circle.
const DEPTH_MAX: usize = 32;
const DEADLINE_MAX_MS: u64 = 60_000;

/// Checks the organisations and writes their identifiers in normal form.
pub(super) fn organisations(organisations: &mut [Organisation]) -> Vec<String> {
    let mut problems = Vec::new();
    for organisation in organisations.iter_mut() {
        let found = normalise(organisation);
        problems.extend(
            found
                .iter()
                .map(|p| format!("organisation {}: {p}", organisation.sor)),
        );
    }
    for (what, field) in UNIQUE {
        problems.extend(duplicates(organisations.iter().filter_map(field), what));
    }
    problems.extend(ancestry(organisations));
    problems
}

type Field = fn(&Organisation) -> Option<&str>;

/// What no two organisations may share.
const UNIQUE: [(&str, Field); 4] = [
    ("organisation", |o| Some(o.sor.as_str())),
    ("ydernummer", |o| o.ydernummer.as_deref()),
    ("SHAK code", |o| o.shak.as_deref()),
    ("GLN", |o| o.gln.as_deref()),
];

fn normalise(organisation: &mut Organisation) -> Vec<String> {
    let mut problems = Vec::new();
    let mut note = |result: Result<(), String>| problems.extend(result.err());
    note(rewrite(&mut organisation.ydernummer, |t| {
        Ydernummer::parse(t).map(|y| y.to_string())
    }));
    note(rewrite(&mut organisation.shak, |t| {
        Shak::parse(t).map(|s| s.to_string())
    }));
    note(rewrite(&mut organisation.gln, |t| {
        Gln::parse(t).map(|g| g.to_string())
    }));
    note(rewrite(
        &mut organisation.municipality_code,
        municipality_code,
    ));
    if !texts_of(organisation).all(is_text) {
        problems.push("name, kind, address and phone must be 1 to 200 characters".to_owned());
    }
    problems
}

fn texts_of(organisation: &Organisation) -> impl Iterator<Item = &str> {
    let address = organisation
        .address
        .iter()
        .flat_map(|a| [&a.line, &a.postal_code, &a.city]);
    [&organisation.name, &organisation.kind]
        .into_iter()
        .chain(address)
        .chain(&organisation.phone)
        .map(String::as_str)
}

/// Three digits, which some registers write with a zero before them.
fn municipality_code(text: &str) -> Result<String, String> {
    let is_code = matches!(text.len(), 3 | 4) && text.bytes().all(|b| b.is_ascii_digit());
    if is_code && (text.len() == 3 || text.starts_with('0')) {
        return Ok(format!("{text:0>4}"));
    }
    Err("municipality_code: must have three digits".to_owned())
}

fn rewrite<E: ToString>(
    field: &mut Option<String>,
    parse: impl Fn(&str) -> Result<String, E>,
) -> Result<(), String> {
    *field = field
        .as_deref()
        .map(parse)
        .transpose()
        .map_err(|fault| fault.to_string())?;
    Ok(())
}

fn ancestry(organisations: &[Organisation]) -> Vec<String> {
    let parents: HashMap<_, _> = organisations
        .iter()
        .map(|o| (&o.sor, o.parent.as_ref()))
        .collect();
    let fault_of = |o: &Organisation| {
        if o.parent.as_ref().is_some_and(|p| !parents.contains_key(p)) {
            return Some("its parent is not in the directory");
        }
        let walk = std::iter::successors(Some(&o.sor), |sor| parents.get(sor).copied().flatten());
        (walk.take(DEPTH_MAX + 1).count() > DEPTH_MAX)
            .then_some("is part of itself, or lies too deep")
    };
    organisations
        .iter()
        .filter_map(|o| fault_of(o).map(|fault| format!("organisation {}: {fault}", o.sor)))
        .collect()
}

/// Checks each system by itself, and that no two claim the same certificate, source or mailbox.
pub(super) fn systems(organisations: &[Organisation], systems: &[System]) -> Vec<String> {
    let known: HashSet<_> = organisations.iter().map(|o| &o.sor).collect();
    let mut problems: Vec<_> = systems
        .iter()
        .flat_map(|s| {
            of_system(s, &known)
                .into_iter()
                .map(|p| format!("system {}: {p}", s.id))
        })
        .collect();
    let sources = || systems.iter().filter_map(|s| s.source.as_ref());
    let mailboxes = systems.iter().flat_map(|s| &s.receives).flat_map(|r| {
        r.message_types
            .iter()
            .map(move |message_type| format!("{} for {message_type}", r.gln))
    });
    problems.extend(duplicates(systems.iter().map(|s| s.id.as_str()), "system"));
    problems.extend(duplicates(
        systems.iter().flat_map(|s| &s.certificate_names),
        "certificate name",
    ));
    problems.extend(duplicates(
        systems.iter().flat_map(|s| &s.certificate_sha256).map(hex),
        "certificate",
    ));
    problems.extend(duplicates(
        sources().map(|s| s.source_id.as_str()),
        "source id",
    ));
    problems.extend(duplicates(
        sources().flat_map(|s| &s.repository_unique_ids),
        "repository",
    ));
    problems.extend(duplicates(mailboxes, "receiver"));
    problems
}

fn of_system(system: &System, known: &HashSet<&OrganisationId>) -> Vec<String> {
    let mut problems: Vec<String> = std::iter::once(&system.organisation)
        .chain(&system.organisations)
        .chain(system.receives.iter().map(|r| &r.organisation))
        .filter(|sor| !known.contains(sor))
        .map(|sor| format!("organisation {sor} is not in the directory"))
        .collect();
    let good_id = |id: &str| is_text(id) && id.bytes().all(|b| b.is_ascii_graphic());
    if !good_id(&system.id) || !is_text(&system.name) {
        problems.push("id and name must be 1 to 200 characters".to_owned());
    }
    if system.certificate_names.is_empty() && system.certificate_sha256.is_empty() {
        problems.push("needs a certificate name or a certificate_sha256".to_owned());
    }
    if system.certificate_names.iter().any(|name| !good_id(name)) {
        problems.push("certificate names must be DNS names or URIs".to_owned());
    }
    problems.extend(of_source(system));
    problems.extend(of_receivers(system));
    problems
}

fn of_source(system: &System) -> Vec<String> {
    let Some(source) = &system.source else {
        return Vec::new();
    };
    let mut ids = std::iter::once(&source.source_id).chain(&source.repository_unique_ids);
    let checks = [
        (
            !ids.all(|id| is_oid(id)),
            "source_id and repository_unique_ids must be OIDs",
        ),
        (
            source.repository_unique_ids.is_empty(),
            "a source needs a repository",
        ),
        (
            !(1..=DEADLINE_MAX_MS).contains(&source.deadline_ms),
            "deadline_ms must be at most a minute",
        ),
    ];
    checks
        .into_iter()
        .filter(|(wrong, _)| *wrong)
        .map(|(_, what)| what.to_owned())
        .collect()
}

fn of_receivers(system: &System) -> Vec<String> {
    let mut problems = Vec::new();
    for receiver in &system.receives {
        if let Err(fault) = Gln::parse(&receiver.gln) {
            problems.push(format!("receiver {}: {fault}", receiver.gln));
        }
        if receiver.message_types.is_empty() || !receiver.message_types.iter().all(|t| is_text(t)) {
            problems.push(format!(
                "receiver {}: needs the message types it takes",
                receiver.gln
            ));
        }
    }
    problems
}

/// A mailbox must belong to whom its system serves: else one party could draw another's messages to itself.
pub(super) fn routes(directory: &Directory) -> Vec<String> {
    let mut problems = Vec::new();
    for (system, receiver) in directory.receivers() {
        let owner = directory
            .by_gln(&receiver.gln)
            .unwrap_or(&receiver.organisation);
        let serves = |sor: &OrganisationId| directory.serves(system, sor);
        if !serves(owner) || !serves(&receiver.organisation) {
            problems.push(format!(
                "system {}: receiver {} belongs to an organisation that it does not serve",
                system.id, receiver.gln
            ));
        }
    }
    problems
}

fn duplicates<T: AsRef<str>>(values: impl Iterator<Item = T>, what: &str) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for value in values {
        *counts.entry(value.as_ref().to_owned()).or_default() += 1;
    }
    let mut problems: Vec<_> = counts
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(value, _)| format!("{what} {value}: occurs more than once"))
        .collect();
    problems.sort_unstable();
    problems
}

fn hex(bytes: &[u8; 32]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

fn is_text(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// ISO/IEC 8824: arcs of digits without leading zeros; XDS allows 64 characters.
fn is_oid(text: &str) -> bool {
    let is_arc = |arc: &str| {
        !arc.is_empty()
            && arc.bytes().all(|b| b.is_ascii_digit())
            && (arc == "0" || !arc.starts_with('0'))
    };
    text.len() <= 64 && text.contains('.') && text.split('.').all(is_arc)
}
