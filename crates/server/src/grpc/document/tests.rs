//! What is read of an entry, what is kept of it, and what comes back.

use delt_formats::identifier::PersonNumber;
use delt_hub::{
    document::{AvailabilityStatus, EntryType, IndexedEntry},
    error::code,
};
use delt_proto::{common::v1 as common, document::v1};
use proptest::prelude::*;
use prost::Message as _;
use prost_types::Timestamp;
use uuid::Uuid;

use super::{read, write};

/// An official test person.
const LONNI: &str = "0201609996";

fn code(system: &str, code: &str) -> common::Code {
    common::Code {
        system: system.into(),
        code: code.into(),
        display: "vist".into(),
    }
}

fn cpr(number: &str) -> common::Identifier {
    common::Identifier {
        system: "urn:oid:1.2.208.176.1.2".into(),
        value: number.into(),
    }
}

/// An appointment for Lonni with all its attributes.
pub(super) fn entry() -> v1::DocumentEntry {
    let person = v1::Person {
        authorisation_id: "9RK1H".into(),
        family_name: "Ravnkilde-Holm".into(),
        given_name: "Signe".into(),
    };
    v1::DocumentEntry {
        entry_uuid: "F70B0E43-039C-5137-86DB-502396582007".into(),
        unique_id: "1.2.208.184^9e0ceed3-34e2-50ca-b705-a4a22ed41df5".into(),
        source_id: "1.2.208.99.1".into(),
        repository_unique_id: "1.2.208.99.1.1".into(),
        home_community_id: "1.2.208.176.8.1".into(),
        patient: Some(cpr(LONNI)),
        source_patient: Some(cpr(LONNI)),
        class_code: Some(code("urn:oid:1.2.208.184.100.9", "001")),
        type_code: Some(code("2.16.840.1.113883.6.1", "39289-4")),
        format_code: Some(code(
            "1.2.208.184.100.10",
            "urn:ad:dk:medcom:apd-v2.0.1:full",
        )),
        healthcare_facility_type_code: Some(code("2.16.840.1.113883.6.96", "22232009")),
        practice_setting_code: Some(code("2.16.840.1.113883.6.96", "394579002")),
        event_codes: vec![code("1.2.208.176.2.4", "ALAL02")],
        confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "N")],
        author: Some(v1::Author {
            institution: Some(v1::Institution {
                sor: "990041000016009".into(),
                name: "Testhospital".into(),
            }),
            person: Some(person.clone()),
        }),
        legal_authenticator: Some(person),
        creation_time: Some(Timestamp {
            seconds: 1_790_000_000,
            nanos: 123_456_000,
        }),
        service_start_time: Some(Timestamp {
            seconds: 1_790_000_100,
            nanos: 0,
        }),
        service_stop_time: Some(Timestamp {
            seconds: 1_790_000_200,
            nanos: 0,
        }),
        language_code: "da-DK".into(),
        mime_type: "text/xml".into(),
        size: Some(10_672),
        hash: vec![1; 20].into(),
        hash_sha256: vec![2; 32].into(),
        title: format!("Aftale for {LONNI}"),
        comments: "Medbring målinger".into(),
        document_entry_type: v1::DocumentEntryType::Unspecified.into(),
        relations: vec![v1::Relation {
            code: v1::RelationCode::Appends.into(),
            target_entry_uuid: "4f108f13-9454-5a82-a584-b5ee7aaae157".into(),
        }],
        reference_ids: vec![v1::ReferenceId {
            value: "4f108f13-9454-5a82-a584-b5ee7aaae157".into(),
            system: "https://www.esundhed.dk/Registre/Landspatientsregisteret".into(),
            r#type: "urn:ihe:iti:xds:2015:encounterId".into(),
        }],
    }
}

#[test]
fn an_entry_is_read_whole_and_kept_without_the_person() {
    let (domain, encoded) = read::entry(Some(entry())).unwrap();
    assert_eq!(domain.patient, PersonNumber::cpr(LONNI).unwrap());
    assert_eq!(domain.class_code.system, "1.2.208.184.100.9");
    assert_eq!(domain.creation_time, 1_790_000_000_123_456);
    assert_eq!(
        (domain.hash, domain.hash_sha256),
        (Some([1; 20]), Some([2; 32]))
    );
    assert_eq!(domain.entry_type, EntryType::Stable);

    let kept = v1::DocumentEntry::decode(encoded.bytes).unwrap();
    let expected = v1::DocumentEntry {
        entry_uuid: "f70b0e43-039c-5137-86db-502396582007".into(),
        patient: None,
        source_patient: None,
        document_entry_type: v1::DocumentEntryType::Stable.into(),
        ..entry()
    };
    assert_eq!(kept, expected);
}

#[test]
fn all_that_is_wrong_is_named_and_no_value_is_told() {
    let wrong = v1::DocumentEntry {
        entry_uuid: "f70b".into(),
        patient: Some(cpr("9902609996")),
        type_code: None,
        author: None,
        creation_time: None,
        service_stop_time: Some(Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        }),
        hash: b"96efd2f0".to_vec().into(),
        document_entry_type: 7,
        relations: vec![v1::Relation {
            code: 0,
            target_entry_uuid: "x".into(),
        }],
        ..entry()
    };
    let error = read::entry(Some(wrong)).unwrap_err();
    let fields: Vec<_> = error
        .field_violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "entry.entry_uuid",
            "entry.patient.value",
            "entry.type_code",
            "entry.author.institution",
            "entry.creation_time",
            "entry.service_stop_time",
            "entry.hash",
            "entry.document_entry_type",
            "entry.relations[0].code",
        ]
    );
    assert!(!error.to_string().contains("9902609996"));
    assert!(read::entry(None).is_err());
}

#[test]
fn an_oversized_entry_is_not_even_read() {
    let long = v1::DocumentEntry {
        title: "x".repeat(20_000),
        ..v1::DocumentEntry::default()
    };
    assert_eq!(read::entry(Some(long)).unwrap_err().code(), code::TOO_LARGE);
}

#[test]
fn an_answer_is_spliced_from_the_kept_bytes() {
    let (domain, encoded) = read::entry(Some(entry())).unwrap();
    let indexed = write::indexed(IndexedEntry {
        entry_uuid: domain.entry_uuid,
        encoded: encoded.bytes,
        status: AvailabilityStatus::Superseded,
        registered_at: 1_000_001,
        status_at: Some(2_000_000),
        replaced_by: Some(Uuid::from_u128(9)),
        dead_since: None,
        opened_by_override: true,
    });
    let entry = indexed.document_entry().unwrap();
    assert_eq!(entry.title, format!("Aftale for {LONNI}"));
    assert_eq!((entry.patient, entry.source_patient), (None, None));
    assert_eq!(indexed.status(), v1::AvailabilityStatus::Superseded);
    assert_eq!(
        indexed.registered_time,
        Some(Timestamp {
            seconds: 1,
            nanos: 1_000
        })
    );
    assert_eq!(
        indexed.replaced_by_entry_uuid,
        Uuid::from_u128(9).to_string()
    );
    assert!(indexed.opened_by_override && indexed.dead_since.is_none());
}

prop_compose! {
    fn any_code()(system in ".{0,12}", code in ".{0,12}", display in ".{0,12}") -> common::Code {
        common::Code { system, code, display }
    }
}

prop_compose! {
    fn any_lists()(
        event_codes in prop::collection::vec(any_code(), 0..4),
        confidentiality_codes in prop::collection::vec(any_code(), 0..3),
        ids in prop::collection::vec((".{0,12}", ".{0,12}", ".{0,12}"), 0..3),
        relations in prop::collection::vec((1..=4_i32, any::<u128>()), 0..3),
    ) -> v1::DocumentEntry {
        v1::DocumentEntry {
            event_codes,
            confidentiality_codes,
            reference_ids: ids
                .into_iter()
                .map(|(value, system, r#type)| v1::ReferenceId { value, system, r#type })
                .collect(),
            relations: relations
                .into_iter()
                .map(|(code, id)| v1::Relation {
                    code,
                    target_entry_uuid: Uuid::from_u128(id).to_string(),
                })
                .collect(),
            ..entry()
        }
    }
}

prop_compose! {
    fn any_entry()(
        lists in any_lists(),
        id in any::<u128>(),
        texts in prop::array::uniform6(".{0,20}"),
        kind in any_code(),
        times in prop::array::uniform3((-1_000_000_000..4_000_000_000_i64, 0..1_000_000_000_i32)),
        size in any::<Option<u64>>(),
        sha256 in prop::option::of(any::<[u8; 32]>()),
        on_demand in 0..=2_i32,
        signed in any::<bool>(),
    ) -> v1::DocumentEntry {
        let [unique_id, source_id, mime_type, title, comments, family_name] = texts;
        let person = v1::Person { authorisation_id: String::new(), family_name, given_name: String::new() };
        let [creation, start, stop] = times.map(|(seconds, nanos)| Some(Timestamp { seconds, nanos }));
        v1::DocumentEntry {
            entry_uuid: Uuid::from_u128(id).to_string(),
            unique_id,
            source_id,
            mime_type,
            title,
            comments,
            type_code: Some(kind),
            creation_time: creation,
            service_start_time: start,
            service_stop_time: stop,
            size,
            hash_sha256: sha256.map(|hash| hash.to_vec()).unwrap_or_default().into(),
            document_entry_type: on_demand,
            legal_authenticator: signed.then_some(person),
            ..lists
        }
    }
}

proptest! {
    #[test]
    fn what_is_kept_reads_back_as_what_was_sent(sent in any_entry()) {
        let (domain, encoded) = read::entry(Some(sent.clone())).unwrap();
        let back = (encoded.decode)(&encoded.bytes, &domain.patient).unwrap();
        let mut expected = domain;
        expected.source_patient = None;
        prop_assert_eq!(back, expected);
        // A retry of the same message is the same bytes.
        prop_assert_eq!(read::entry(Some(sent)).unwrap().1.bytes, encoded.bytes);
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(sent) = v1::DocumentEntry::decode(bytes.as_slice()) {
            let _read = read::entry(Some(sent));
        }
    }
}
