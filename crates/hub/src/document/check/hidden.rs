//! A person's number must not stand in what is kept in clear.
//!
//! Identifiers and codes are columns that filters read, so they are not encrypted. A source that builds its identifiers from the number would put
//! it into the clear; it is told so instead.

use super::{Problems, holds};
use crate::document::{Code, DocumentEntry};

pub(super) fn check(problems: &mut Problems, entry: &DocumentEntry) {
    let numbers: Vec<_> = std::iter::once(&entry.patient)
        .chain(&entry.source_patient)
        .collect();
    for (field, text) in clear(entry) {
        if numbers.iter().any(|number| holds(text, number)) {
            problems.add(field, "must not contain the person's number");
        }
    }
}

/// Everything that a row keeps in clear, by field.
fn clear(entry: &DocumentEntry) -> Vec<(String, &str)> {
    let mut texts = vec![
        ("entry.unique_id".to_owned(), entry.unique_id.as_str()),
        ("entry.mime_type".to_owned(), entry.mime_type.as_str()),
    ];
    for (field, code) in [
        ("entry.class_code", &entry.class_code),
        ("entry.type_code", &entry.type_code),
        ("entry.format_code", &entry.format_code),
        (
            "entry.healthcare_facility_type_code",
            &entry.healthcare_facility_type_code,
        ),
        ("entry.practice_setting_code", &entry.practice_setting_code),
    ] {
        push(&mut texts, field, code);
    }
    for (at, code) in entry.event_codes.iter().enumerate() {
        push(&mut texts, &format!("entry.event_codes[{at}]"), code);
    }
    for (at, code) in entry.confidentiality_codes.iter().enumerate() {
        push(
            &mut texts,
            &format!("entry.confidentiality_codes[{at}]"),
            code,
        );
    }
    for (at, id) in entry.reference_ids.iter().enumerate() {
        texts.push((format!("entry.reference_ids[{at}].value"), &id.value));
        texts.push((format!("entry.reference_ids[{at}].system"), &id.system));
    }
    texts
}

fn push<'a>(texts: &mut Vec<(String, &'a str)>, field: &str, code: &'a Code) {
    texts.push((format!("{field}.system"), &code.system));
    texts.push((format!("{field}.code"), &code.code));
}
