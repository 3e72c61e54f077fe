//! The validation table: one change at a time, and the field that it is refused for.

use super::*;
use crate::document::{
    EntryType, ReferenceId, Relation, RelationCode,
    tests::world::{LONNI, NOW, appointment, encoded},
};
use uuid::Uuid;

const DAY: Micros = 86_400 * crate::clock::SECOND;

fn checked(level: Validation, entry: &DocumentEntry) -> Result<Vec<FieldViolation>> {
    let terms = Terms {
        level,
        origin: Origin::Message,
        now: NOW,
        document_bytes_max: 1 << 20,
    };
    check(entry, &encoded(entry), &terms)
}

fn problems(level: Validation, entry: &DocumentEntry) -> Vec<String> {
    let violations = match checked(level, entry) {
        Ok(warnings) => warnings,
        Err(error) => error.field_violations().to_vec(),
    };
    violations.into_iter().map(|v| v.field).collect()
}

type Change = fn(&mut DocumentEntry);

/// Refused whatever the source is held to.
const FORM: &[(&str, Change)] = &[
    ("entry.entry_uuid", |e| e.entry_uuid = Uuid::nil()),
    ("entry.unique_id", |e| e.unique_id.clear()),
    ("entry.unique_id", |e| e.unique_id = "not an id".into()),
    ("entry.unique_id", |e| e.unique_id = "1.2.03^x".into()),
    ("entry.unique_id", |e| {
        e.unique_id = format!("1.2^{}", "x".repeat(256));
    }),
    ("entry.unique_id", |e| e.unique_id = format!("1.2^{LONNI}")),
    ("entry.unique_id", |e| {
        e.unique_id = "1.2^020160-9996".into();
    }),
    ("entry.source_id", |e| e.source_id = "urn:oid:1.2".into()),
    ("entry.repository_unique_id", |e| {
        e.repository_unique_id = "3.1".into();
    }),
    ("entry.home_community_id", |e| {
        e.home_community_id = "home".into();
    }),
    ("entry.type_code.code", |e| e.type_code.code.clear()),
    ("entry.type_code.system", |e| {
        e.type_code.system = "a|b".into();
    }),
    ("entry.format_code.code", |e| {
        e.format_code.code = "a\nb".into();
    }),
    ("entry.event_codes[0].code", |e| {
        e.event_codes[0].code = "x".repeat(257);
    }),
    ("entry.event_codes", |e| {
        e.event_codes = vec![e.event_codes[0].clone(); 51];
    }),
    ("entry.author.institution.name", |e| {
        e.author.institution.name = "x".repeat(257);
    }),
    ("entry.legal_authenticator", |e| {
        let signer = e.legal_authenticator.as_mut().unwrap();
        signer.authorisation = None;
        signer.family_name = " ".into();
    }),
    ("entry.title", |e| e.title = "æ".repeat(257)),
    ("entry.comments", |e| e.comments = "x".repeat(1_001)),
    ("entry.mime_type", |e| {
        e.mime_type = "text/xml; charset".into();
    }),
    ("entry.creation_time", |e| e.creation_time = NOW + DAY + 1),
    ("entry.service_stop_time", |e| e.service_stop_time = Some(0)),
    ("entry.size", |e| e.size = None),
    ("entry.size", |e| e.size = Some((1 << 20) + 1)),
    ("entry.hash", |e| e.hash = None),
    ("entry.hash_sha256", |e| {
        e.entry_type = EntryType::OnDemand;
        (e.size, e.hash, e.hash_sha256) = (None, None, Some([0; 32]));
    }),
    ("entry.relations[0].target_entry_uuid", |e| {
        e.relations = vec![Relation {
            code: RelationCode::Appends,
            target: e.entry_uuid,
        }];
    }),
    ("entry.relations[1].target_entry_uuid", |e| {
        let target = Uuid::from_u128(77);
        e.relations = [RelationCode::Appends, RelationCode::Replaces]
            .map(|code| Relation { code, target })
            .to_vec();
    }),
    ("entry.reference_ids[0].value", |e| {
        e.reference_ids = vec![reference(LONNI)];
    }),
    ("entry.reference_ids[0].value", |e| {
        e.reference_ids = vec![reference("a\nb")];
    }),
];

/// Refused, warned of or let pass.
const PROFILE: &[(&str, Change)] = &[
    ("entry.class_code.code", |e| {
        e.class_code.code = "002".into();
    }),
    ("entry.type_code.code", |e| {
        e.type_code.system = "1.2.3".into();
    }),
    ("entry.format_code.code", |e| {
        e.format_code.code = "urn:x:y".into();
    }),
    ("entry.format_code.code", |e| {
        e.format_code.code = "urn:ad:dk:medcom:phmr-v1.3:full".into();
    }),
    ("entry.healthcare_facility_type_code.code", |e| {
        e.healthcare_facility_type_code.code = "1".into();
    }),
    ("entry.practice_setting_code.code", |e| {
        e.practice_setting_code.code = "1".into();
    }),
    ("entry.event_codes[0].code", |e| {
        e.event_codes[0].code = "ALAL99".into();
    }),
    ("entry.confidentiality_codes", |e| {
        e.confidentiality_codes.clear();
    }),
    ("entry.confidentiality_codes[0].code", |e| {
        e.confidentiality_codes[0].code = "V".into();
    }),
    ("entry.home_community_id", |e| {
        e.home_community_id = "1.2.3".into();
    }),
    ("entry.home_community_id", |e| e.home_community_id.clear()),
    ("entry.language_code", |e| e.language_code = "en".into()),
    ("entry.mime_type", |e| {
        e.mime_type = "application/pdf".into();
    }),
    ("entry.title", |e| e.title.clear()),
    ("entry.author.institution.name", |e| {
        e.author.institution.name.clear();
    }),
    ("entry.legal_authenticator", |e| {
        e.legal_authenticator = None;
    }),
];

fn reference(value: &str) -> ReferenceId {
    ReferenceId {
        value: value.to_owned(),
        system: "https://www.esundhed.dk/Registre/Landspatientsregisteret".to_owned(),
        kind: "urn:ihe:iti:xds:2015:encounterId".to_owned(),
    }
}

fn changed(change: Change) -> DocumentEntry {
    let mut entry = appointment(1);
    change(&mut entry);
    entry
}

#[test]
fn a_right_entry_passes_on_every_level() {
    for level in [Validation::Off, Validation::Warn, Validation::Reject] {
        assert_eq!(checked(level, &appointment(1)), Ok(Vec::new()));
    }
    let mut urn = appointment(1);
    urn.unique_id = "urn:uuid:9e0ceed3-34e2-50ca-b705-a4a22ed41df5".into();
    urn.home_community_id = "urn:oid:1.2.208.176.8.1".into();
    urn.reference_ids = vec![reference("4f108f13-9454-5a82-a584-b5ee7aaae157")];
    assert_eq!(checked(Validation::Reject, &urn), Ok(Vec::new()));
}

#[test]
fn what_safe_keeping_needs_is_required_on_every_level() {
    for (field, change) in FORM {
        for level in [Validation::Off, Validation::Warn, Validation::Reject] {
            let entry = changed(*change);
            assert!(checked(level, &entry).is_err(), "{field}");
            assert!(
                problems(level, &entry).contains(&(*field).to_owned()),
                "{field}"
            );
        }
    }
}

#[test]
fn the_profile_is_required_warned_of_or_left_alone() {
    for (field, change) in PROFILE {
        let entry = changed(*change);
        assert_eq!(problems(Validation::Reject, &entry), [*field]);
        assert!(checked(Validation::Reject, &entry).is_err(), "{field}");
        assert_eq!(problems(Validation::Warn, &entry), [*field]);
        assert!(checked(Validation::Warn, &entry).is_ok(), "{field}");
        assert_eq!(checked(Validation::Off, &entry), Ok(Vec::new()), "{field}");
    }
}

#[test]
fn an_on_demand_document_has_neither_size_nor_hash_nor_signer() {
    let mut entry = appointment(1);
    entry.entry_type = EntryType::OnDemand;
    assert_eq!(
        problems(Validation::Reject, &entry),
        ["entry.size", "entry.hash"]
    );
    (entry.size, entry.hash, entry.legal_authenticator) = (None, None, None);
    assert_eq!(checked(Validation::Reject, &entry), Ok(Vec::new()));
}

#[test]
fn all_problems_come_at_once_and_none_tells_a_value() {
    let mut entry = appointment(1);
    entry.unique_id = format!("1.2^{LONNI}");
    entry.size = None;
    entry.class_code.code = "002".into();
    let error = checked(Validation::Reject, &entry).unwrap_err();
    let found: Vec<_> = error
        .field_violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(
        found,
        ["entry.size", "entry.unique_id", "entry.class_code.code"]
    );
    assert!(!error.to_string().contains(LONNI));
}

#[test]
fn an_encoded_entry_is_bounded() {
    let entry = appointment(1);
    let mut long = encoded(&entry);
    long.bytes = vec![0; ENCODED_MAX + 1].into();
    let terms = Terms {
        level: Validation::Off,
        origin: Origin::Message,
        now: NOW,
        document_bytes_max: 1 << 20,
    };
    assert_eq!(
        check(&entry, &long, &terms).unwrap_err().code(),
        code::TOO_LARGE
    );
}
