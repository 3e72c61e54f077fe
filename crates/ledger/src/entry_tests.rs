use proptest::prelude::*;

use super::*;

pub(crate) fn sample(number: u64) -> Entry {
    Entry {
        version: ENTRY_VERSION,
        id: format!("00000000-0000-4000-8000-{number:012}"),
        recorded_at: "2025-03-01T08:15:30.000001Z".into(),
        operation: "SearchRecord".into(),
        outcome: Outcome::Permitted,
        error_code: None,
        actor: Actor {
            system: "ejournal-hovedstaden".into(),
            system_organisation: None,
            certificate_sha256: None,
            person: Some(Person {
                kind: PersonKind::NationalRole,
                id: "ABC12".into(),
                name: Some("Lone Læge".into()),
                role: "laege".into(),
                organisation: None,
            }),
            responsible: None,
            relation: None,
        },
        patient: Some("ab".repeat(32)),
        patient_chain: None,
        purpose: Some("TREAT".into()),
        override_reason: None,
        grounds: vec![Ground {
            rule: "treatment-relation".into(),
            reference: Some("relation/1".into()),
            detail: None,
        }],
        filters: BTreeMap::from([("status".into(), "approved".into())]),
        disclosed: vec![format!("urn:uuid:{number}")],
        withheld: 2,
        withheld_reasons: BTreeMap::from([("consent".into(), 2)]),
        target: None,
        request_id: None,
        trace_id: None,
        policy_version: None,
    }
}

#[test]
fn empty_fields_are_absent_and_the_rest_reads_back() {
    let entry = sample(1);
    let bytes = entry.to_canonical().unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert_eq!(
        text,
        "{\"actor\":{\"person\":{\"id\":\"ABC12\",\"kind\":\"national-role\",\"name\":\"Lone Læge\",\
        \"role\":\"laege\"},\"system\":\"ejournal-hovedstaden\"},\"disclosed\":[\"urn:uuid:1\"],\
        \"filters\":{\"status\":\"approved\"},\"grounds\":[{\"reference\":\"relation/1\",\
        \"rule\":\"treatment-relation\"}],\"id\":\"00000000-0000-4000-8000-000000000001\",\
        \"operation\":\"SearchRecord\",\"outcome\":\"permitted\",\"patient\":\"".to_owned()
            + &"ab".repeat(32)
            + "\",\"purpose\":\"TREAT\",\"recorded_at\":\"2025-03-01T08:15:30.000001Z\",\"version\":2,\
        \"withheld\":2,\"withheld_reasons\":{\"consent\":2}}"
    );
    assert_eq!(Entry::from_json(&bytes).unwrap(), entry);
}

#[test]
fn unknown_fields_are_refused_without_quoting_them() {
    let text = String::from_utf8(sample(1).to_canonical().unwrap()).unwrap();
    let text = text.replacen("\"version\"", "\"secret-name\":1,\"version\"", 1);
    let error = Entry::from_json(text.as_bytes()).unwrap_err();
    assert!(matches!(error, EntryError::Malformed { .. }));
    assert!(!error.to_string().contains("secret-name"));
}

#[test]
fn size_is_bounded_both_ways() {
    let mut entry = sample(1);
    entry.disclosed = vec!["x".repeat(MAX_ENTRY_BYTES)];
    assert_eq!(entry.to_canonical(), Err(EntryError::TooLarge));
    assert_eq!(
        Entry::from_json(&vec![b' '; MAX_ENTRY_BYTES + 1]),
        Err(EntryError::TooLarge)
    );
}

#[test]
fn debug_names_nobody() {
    let shown = format!("{:?} {:?}", sample(1), sample(1).actor);
    assert!(!shown.contains("Lone") && !shown.contains("ABC12") && !shown.contains("abab"));
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = Entry::from_json(&bytes);
    }
}
