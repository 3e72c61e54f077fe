//! MedCom's Danish profile of the XDS metadata: required attributes and value sets (dk-medcom-xds-metadata 1.0.1).

use delt_formats::valueset::{ValueSet, allowed_formats, lookup};

use super::Problems;
use crate::document::{Code, DocumentEntry, EntryType};

const UNKNOWN: &str = "is not in the value set of the Danish profile";
const REQUIRED: &str = "is required by the Danish profile";

pub(super) fn check(problems: &mut Problems, entry: &DocumentEntry) {
    required(problems, entry);
    single_codes(problems, entry);
    plain_values(problems, entry);
    for (at, event) in entry.event_codes.iter().enumerate() {
        member(
            problems,
            ValueSet::Event,
            &format!("entry.event_codes[{at}]"),
            event,
        );
    }
    // The profile fixes it to N. R and V are what HL7 has beside it: the rules honour them where a source may use them.
    for (at, code) in entry.confidentiality_codes.iter().enumerate() {
        let field = format!("entry.confidentiality_codes[{at}]");
        member(problems, ValueSet::Confidentiality, &field, code);
    }
    type_and_format(problems, entry);
}

fn required(problems: &mut Problems, entry: &DocumentEntry) {
    let institution = &entry.author.institution.name;
    for (field, text) in [
        ("entry.title", &entry.title),
        ("entry.author.institution.name", institution),
        ("entry.language_code", &entry.language_code),
        ("entry.mime_type", &entry.mime_type),
        ("entry.home_community_id", &entry.home_community_id),
    ] {
        problems.add_if(text.trim().is_empty(), field, REQUIRED);
    }
    problems.add_if(
        entry.confidentiality_codes.is_empty(),
        "entry.confidentiality_codes",
        REQUIRED,
    );
    // An on-demand document is made when asked for, so nobody can have signed it.
    problems.add_if(
        entry.entry_type == EntryType::Stable && entry.legal_authenticator.is_none(),
        "entry.legal_authenticator",
        REQUIRED,
    );
}

fn single_codes(problems: &mut Problems, entry: &DocumentEntry) {
    for (set, field, code) in [
        (ValueSet::Class, "entry.class_code", &entry.class_code),
        (ValueSet::Type, "entry.type_code", &entry.type_code),
        (ValueSet::Format, "entry.format_code", &entry.format_code),
        (
            ValueSet::FacilityType,
            "entry.healthcare_facility_type_code",
            &entry.healthcare_facility_type_code,
        ),
        (
            ValueSet::PracticeSetting,
            "entry.practice_setting_code",
            &entry.practice_setting_code,
        ),
    ] {
        member(problems, set, field, code);
    }
}

fn member(problems: &mut Problems, set: ValueSet, field: &str, code: &Code) {
    let wrong = lookup(set, &code.system, &code.code).is_none();
    problems.add_if(wrong, format!("{field}.code"), UNKNOWN);
}

fn plain_values(problems: &mut Problems, entry: &DocumentEntry) {
    for (set, field, value) in [
        (
            ValueSet::HomeCommunity,
            "entry.home_community_id",
            &entry.home_community_id,
        ),
        (
            ValueSet::Language,
            "entry.language_code",
            &entry.language_code,
        ),
        (ValueSet::MimeType, "entry.mime_type", &entry.mime_type),
    ] {
        let wrong = !value.is_empty() && lookup(set, "", value).is_none();
        problems.add_if(wrong, field, UNKNOWN);
    }
}

fn type_and_format(problems: &mut Problems, entry: &DocumentEntry) {
    let (kind, format) = (&entry.type_code, &entry.format_code);
    let known = lookup(ValueSet::Format, &format.system, &format.code).is_some();
    let allowed = allowed_formats(&kind.system, &kind.code);
    let wrong = known && allowed.is_some_and(|formats| !formats.contains(&format.code.as_str()));
    problems.add_if(
        wrong,
        "entry.format_code.code",
        "is not a format of this type of document",
    );
}
