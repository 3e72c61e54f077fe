//! The form that every entry must have, whatever its source is held to.

use super::{Origin, Problems, Terms, is_oid};
use crate::{
    clock::{Micros, SECOND},
    document::{Code, DocumentEntry, EntryType, Person},
    organisation::SourceEndpoint,
};

/// Clocks of sources may be wrong by so much.
const AHEAD_MAX: Micros = 86_400 * SECOND;
/// Longest identifier, code or code system, in characters.
const ID_MAX: usize = 256;
const NAME_MAX: usize = 256;
const TITLE_MAX: usize = 256;
const COMMENTS_MAX: usize = 1_000;
/// Longest lists.
const EVENTS_MAX: usize = 50;
const CONFIDENTIALITY_MAX: usize = 10;
const RELATIONS_MAX: usize = 20;
const REFERENCES_MAX: usize = 50;

pub(super) fn check(problems: &mut Problems, entry: &DocumentEntry, terms: &Terms<'_>) {
    identity(problems, entry);
    if let Origin::Source(endpoint) = terms.origin {
        own_source(problems, entry, endpoint);
    }
    codes(problems, entry);
    people(problems, entry);
    texts(problems, entry);
    times(problems, entry, terms.now);
    content(problems, entry, terms.document_bytes_max);
    relations(problems, entry);
    references(problems, entry);
}

fn identity(problems: &mut Problems, entry: &DocumentEntry) {
    problems.add_if(
        entry.entry_uuid.is_nil() || entry.entry_uuid.is_max(),
        "entry.entry_uuid",
        "must be a UUID of this entry",
    );
    problems.add_if(
        !is_unique_id(&entry.unique_id),
        "entry.unique_id",
        "must be an OID, an OID and an extension with ^ between them, or a urn:, of at most 256 visible characters",
    );
    for (field, oid) in [
        ("entry.source_id", &entry.source_id),
        ("entry.repository_unique_id", &entry.repository_unique_id),
    ] {
        problems.add_if(!is_oid(oid), field, "must be an OID without prefix");
    }
    let home = entry
        .home_community_id
        .strip_prefix("urn:oid:")
        .unwrap_or(&entry.home_community_id);
    problems.add_if(
        !home.is_empty() && !is_oid(home),
        "entry.home_community_id",
        "must be an OID",
    );
}

/// A source registers what it holds itself: its own source id, and one of its own repositories.
fn own_source(problems: &mut Problems, entry: &DocumentEntry, own: Option<&SourceEndpoint>) {
    problems.add_if(
        own.is_none_or(|own| own.source_id != entry.source_id),
        "entry.source_id",
        "is not the source that the calling system is registered as",
    );
    problems.add_if(
        !own.is_some_and(|own| {
            own.repository_unique_ids
                .contains(&entry.repository_unique_id)
        }),
        "entry.repository_unique_id",
        "is not a repository of the calling system",
    );
}

/// XDS documentEntry.uniqueId: an OID, HL7 CDA's `root^extension`, or a URN.
fn is_unique_id(text: &str) -> bool {
    let visible = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    let shaped = match (text.strip_prefix("urn:"), text.split_once('^')) {
        (Some(rest), _) => rest.contains(':'),
        (None, Some((root, extension))) => is_oid(root) && !extension.is_empty(),
        (None, None) => is_oid(text),
    };
    text.len() <= ID_MAX && visible(text) && shaped
}

fn codes(problems: &mut Problems, entry: &DocumentEntry) {
    for (field, one) in [
        ("class_code", &entry.class_code),
        ("type_code", &entry.type_code),
        ("format_code", &entry.format_code),
        (
            "healthcare_facility_type_code",
            &entry.healthcare_facility_type_code,
        ),
        ("practice_setting_code", &entry.practice_setting_code),
    ] {
        code(problems, &format!("entry.{field}"), one);
    }
    list(
        problems,
        "entry.event_codes",
        &entry.event_codes,
        EVENTS_MAX,
    );
    list(
        problems,
        "entry.confidentiality_codes",
        &entry.confidentiality_codes,
        CONFIDENTIALITY_MAX,
    );
}

fn list(problems: &mut Problems, field: &str, codes: &[Code], longest: usize) {
    too_many(problems, field, codes.len(), longest);
    for (at, one) in codes.iter().take(longest).enumerate() {
        code(problems, &format!("{field}[{at}]"), one);
    }
}

fn too_many(problems: &mut Problems, field: &str, length: usize, longest: usize) {
    if length > longest {
        problems.add(field, format!("has more than {longest} items"));
    }
}

/// A bar or a line break would be read as the end of the system or of the code in a row.
fn code(problems: &mut Problems, field: &str, code: &Code) {
    let system = is_line(&code.system) && !code.system.contains(['|', ' ']);
    problems.add_if(
        !system,
        format!("{field}.system"),
        "must be a code system of 1 to 256 characters without bar or space",
    );
    problems.add_if(
        !is_line(&code.code),
        format!("{field}.code"),
        "must be a code of 1 to 256 characters on one line",
    );
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= ID_MAX && !text.chars().any(char::is_control)
}

fn people(problems: &mut Problems, entry: &DocumentEntry) {
    let institution = &entry.author.institution.name;
    bounded(
        problems,
        "entry.author.institution.name",
        institution,
        NAME_MAX,
    );
    if let Some(author) = &entry.author.person {
        person(problems, "entry.author.person", author);
    }
    if let Some(signer) = &entry.legal_authenticator {
        person(problems, "entry.legal_authenticator", signer);
    }
}

fn person(problems: &mut Problems, field: &str, person: &Person) {
    bounded(
        problems,
        &format!("{field}.family_name"),
        &person.family_name,
        NAME_MAX,
    );
    bounded(
        problems,
        &format!("{field}.given_name"),
        &person.given_name,
        NAME_MAX,
    );
    problems.add_if(
        person.authorisation.is_none() && person.family_name.trim().is_empty(),
        field,
        "must have an authorisation id or a name",
    );
}

fn texts(problems: &mut Problems, entry: &DocumentEntry) {
    bounded(problems, "entry.title", &entry.title, TITLE_MAX);
    bounded(problems, "entry.comments", &entry.comments, COMMENTS_MAX);
    for (field, text) in [
        ("entry.language_code", &entry.language_code),
        ("entry.mime_type", &entry.mime_type),
    ] {
        let wrong = text.len() > 127 || !text.bytes().all(|b| b.is_ascii_graphic());
        problems.add_if(wrong, field, "must have at most 127 visible characters");
    }
}

fn bounded(problems: &mut Problems, field: &str, text: &str, longest: usize) {
    if text.chars().count() > longest {
        problems.add(field, format!("is longer than {longest} characters"));
    }
}

fn times(problems: &mut Problems, entry: &DocumentEntry, now: Micros) {
    problems.add_if(
        entry.creation_time > now.saturating_add(AHEAD_MAX),
        "entry.creation_time",
        "lies more than a day ahead",
    );
    if let (Some(start), Some(stop)) = (entry.service_start_time, entry.service_stop_time) {
        problems.add_if(
            start > stop,
            "entry.service_stop_time",
            "lies before service_start_time",
        );
    }
}

/// Without size and hash, what a source sends later could not be told from something else.
fn content(problems: &mut Problems, entry: &DocumentEntry, largest: u64) {
    let stable = entry.entry_type == EntryType::Stable;
    let missing = "is required for a stable document";
    let extra = "must be left out for an on-demand document";
    for (field, given) in [
        ("entry.size", entry.size.is_some()),
        ("entry.hash", entry.hash.is_some()),
    ] {
        problems.add_if(stable && !given, field, missing);
        problems.add_if(!stable && given, field, extra);
    }
    let given = entry.hash_sha256.is_some();
    problems.add_if(!stable && given, "entry.hash_sha256", extra);
    if entry.size.is_some_and(|size| size > largest) {
        problems.add(
            "entry.size",
            format!("is more than the {largest} bytes that can be fetched"),
        );
    }
}

fn relations(problems: &mut Problems, entry: &DocumentEntry) {
    too_many(
        problems,
        "entry.relations",
        entry.relations.len(),
        RELATIONS_MAX,
    );
    for (at, relation) in entry.relations.iter().take(RELATIONS_MAX).enumerate() {
        let field = format!("entry.relations[{at}].target_entry_uuid");
        let twice = entry
            .relations
            .iter()
            .take(at)
            .any(|other| other.target == relation.target);
        problems.add_if(
            twice,
            field.as_str(),
            "is the target of another relation already",
        );
        problems.add_if(
            relation.target == entry.entry_uuid,
            field,
            "is the entry itself",
        );
    }
}

fn references(problems: &mut Problems, entry: &DocumentEntry) {
    too_many(
        problems,
        "entry.reference_ids",
        entry.reference_ids.len(),
        REFERENCES_MAX,
    );
    for (at, id) in entry.reference_ids.iter().take(REFERENCES_MAX).enumerate() {
        let field = format!("entry.reference_ids[{at}]");
        let line = "must be a text of 1 to 256 characters on one line";
        problems.add_if(!is_line(&id.value), format!("{field}.value"), line);
        // XDS allows an id without an assigning authority (CXi.4 is optional), not one without a type.
        let system = (id.system.is_empty() || is_line(&id.system)) && !id.system.contains('|');
        problems.add_if(
            !system,
            format!("{field}.system"),
            "must be at most 256 characters, no bar",
        );
        problems.add_if(!is_line(&id.kind), format!("{field}.type"), line);
    }
}
