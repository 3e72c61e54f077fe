//! A source registers pointers to its documents.

use delt_client::proto::document::v1::{
    DocumentEntry, GetDocumentRequest, ListSourceDocumentsRequest, ReferenceId,
};
use delt_server::config::Config;
use delt_server::profile::SourceAddresses;
use delt_tests::calls::{
    fields, holdings, is_not_found, pointer, record, refusal, register, treats, try_register,
};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, HEART_CLINIC, HOME_NURSING, LONNI, MUNICIPALITY, REGION_H, REGION_M,
    anew, by, code, cpr, hour, nobodys, note, number, on_demand, read, uuids,
};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use tonic::Code;

/// Holds every source to this level of the Danish profile.
fn held_to(level: &str) -> impl FnOnce(&mut Config) {
    move |config| {
        let file = &config.directory.systems_file;
        let systems = std::fs::read_to_string(file).unwrap();
        let changed = systems.replace(
            "\"validation\": \"reject\"",
            &format!("\"validation\": \"{level}\""),
        );
        assert_ne!(systems, changed);
        std::fs::write(file, changed).unwrap();
    }
}

/// What leaves the profile in two places.
fn unusual() -> DocumentEntry {
    let kind = code("2.16.840.1.113883.6.1", "00000-0");
    DocumentEntry {
        type_code: Some(kind),
        language_code: "sv-SE".to_owned(),
        ..note(REGION_H, LONNI)
    }
}

on_both! {
    async fn a_source_held_strictly_must_use_the_danish_value_sets(backend) {
        let hub = TestHub::start(backend).await;
        let refused = try_register(&hub.system(REGION_H).await, &unusual()).await;
        assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_ARGUMENT"));
        assert_eq!(fields(&refused), ["entry.language_code", "entry.type_code.code"]);
    }

    async fn a_source_that_is_warned_is_told_and_registered(backend) {
        let hub = TestHub::start_with(backend, &SourceAddresses::default(), held_to("warn")).await;
        let source = hub.system(REGION_H).await;
        let entry = unusual();
        let mut warned = register(&source, &entry).await.warnings;
        warned.sort_by(|one, other| one.field.cmp(&other.field));
        let named: Vec<_> = warned.iter().map(|warning| warning.field.as_str()).collect();
        assert_eq!(named, ["entry.language_code", "entry.type_code.code"]);
        let mut again = register(&source, &entry).await.warnings;
        again.sort_by(|one, other| one.field.cmp(&other.field));
        assert_eq!(again, warned, "a retry is told the same");
        // What safe keeping needs is no matter of level.
        let bare = DocumentEntry { size: None, ..note(REGION_H, LONNI) };
        assert_eq!(fields(&try_register(&source, &bare).await), ["entry.size"]);
    }

    async fn a_source_that_is_left_alone_uses_its_own_codes(backend) {
        let hub = TestHub::start_with(backend, &SourceAddresses::default(), held_to("off")).await;
        let entry = unusual();
        assert!(register(&hub.system(REGION_H).await, &entry).await.warnings.is_empty());
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!(uuids(&view.documents), [entry.entry_uuid], "a physician sees what nobody has a class for");
    }

    async fn what_a_region_registers_is_found_by_those_who_treat_the_patient(backend) {
        let hub = TestHub::start(backend).await;
        let entry = note(REGION_M, LONNI);
        let answer = register(&hub.system(REGION_M).await, &entry).await;
        assert_eq!((answer.entry_uuid.as_str(), answer.already_registered), (entry.entry_uuid.as_str(), false));
        assert!(answer.warnings.is_empty() && answer.superseded_entry_uuids.is_empty());
        assert!(answer.receipt.is_some_and(|receipt| receipt.leaf_hash.len() == 32));
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!((view.total, view.documents.len()), (1, 1));
        // As it was sent, without the person: who asks knows whom it is about.
        let sent = DocumentEntry { patient: None, ..entry };
        assert_eq!(read(&view.documents[0]), sent);
    }

    async fn an_identical_retry_answers_the_same_and_changes_nothing(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let entry = note(REGION_H, LONNI);
        register(&source, &entry).await;
        let before = holdings(&source, false).await.documents;
        let again = register(&source, &entry).await;
        assert_eq!((again.entry_uuid.as_str(), again.already_registered), (entry.entry_uuid.as_str(), true));
        assert_eq!(holdings(&source, false).await.documents, before);
    }

    async fn the_same_identity_with_other_content_is_a_conflict_that_names_what_differs(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let entry = note(REGION_H, LONNI);
        register(&source, &entry).await;
        let other = DocumentEntry { title: "Et andet notat".to_owned(), size: Some(6), ..entry.clone() };
        let refused = try_register(&source, &other).await;
        assert_eq!(refusal(&refused), (Code::AlreadyExists, "IDENTITY_CONFLICT"));
        assert_eq!(fields(&refused), ["entry.size", "entry.title"]);
        let reused = DocumentEntry { entry_uuid: nobodys(), ..entry.clone() };
        let refused = try_register(&source, &reused).await;
        assert_eq!(fields(&refused), ["entry.entry_uuid"], "a uniqueId belongs to one entry");
        let moved = DocumentEntry { patient: Some(cpr(EINER)), ..entry.clone() };
        assert_eq!(fields(&try_register(&source, &moved).await), ["entry.patient"]);
        let kept = pointer(&source, &entry.entry_uuid).await.unwrap();
        assert_eq!((read(&kept.document.unwrap()).title, kept.patient), (entry.title, Some(cpr(LONNI))));
    }

    async fn another_source_learns_only_that_an_identity_is_taken(backend) {
        let hub = TestHub::start(backend).await;
        let taken = note(REGION_H, LONNI);
        register(&hub.system(REGION_H).await, &taken).await;
        let other = DocumentEntry { entry_uuid: taken.entry_uuid.clone(), ..note(REGION_M, EINER) };
        let refused = try_register(&hub.system(REGION_M).await, &other).await;
        assert_eq!(refusal(&refused), (Code::AlreadyExists, "IDENTITY_CONFLICT"));
        assert_eq!(fields(&refused), [""; 0]);
        // A uniqueId is the source's own: another source may use the same.
        let same_name = DocumentEntry { unique_id: taken.unique_id.clone(), ..note(REGION_M, EINER) };
        register(&hub.system(REGION_M).await, &same_name).await;
    }

    async fn what_is_no_person_number_is_refused_without_repeating_it(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        for (system, value, field) in [
            ("urn:oid:1.2.208.176.1.2", "3213609996", "entry.patient.value"),
            ("urn:oid:1.2.208.176.1.2", "02016099", "entry.patient.value"),
            ("urn:oid:1.2.208.176.1.2", "æøå1609996", "entry.patient.value"),
            ("urn:oid:1.2.3.4", LONNI, "entry.patient.system"),
            ("", LONNI, "entry.patient.system"),
            ("urn:oid:1.2.208.176.1.6.1.3", "0203290WQ3", "entry.patient.system"),
        ] {
            let entry = DocumentEntry { patient: Some(number(system, value)), ..note(REGION_H, LONNI) };
            let refused = try_register(&source, &entry).await;
            assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_ARGUMENT"), "{value}");
            assert_eq!(fields(&refused), [field], "{system} {value}");
            let error = refused.unwrap_err();
            assert!(!format!("{error:?}").contains(value), "{error:?}");
        }
        let nobody = DocumentEntry { patient: None, ..note(REGION_H, LONNI) };
        assert_eq!(fields(&try_register(&source, &nobody).await), ["entry.patient"]);
        assert!(holdings(&source, false).await.documents.is_empty());
    }

    async fn all_that_is_wrong_is_said_at_once(backend) {
        let hub = TestHub::start(backend).await;
        let entry = DocumentEntry {
            unique_id: "no oid".to_owned(),
            mime_type: "image/gif".to_owned(),
            language_code: "tlh".to_owned(),
            size: None,
            type_code: Some(code("2.16.840.1.113883.6.1", "00000-0")),
            event_codes: vec![code("1.2.208.176.2.4", "NOSUCH")],
            service_start_time: Some(hour(2)),
            service_stop_time: Some(hour(1)),
            ..note(REGION_H, LONNI)
        };
        let refused = try_register(&hub.system(REGION_H).await, &entry).await;
        assert_eq!(refusal(&refused), (Code::InvalidArgument, "INVALID_ARGUMENT"));
        let expected = [
            "entry.event_codes[0].code", "entry.language_code", "entry.mime_type",
            "entry.service_stop_time", "entry.size", "entry.type_code.code", "entry.unique_id",
        ];
        assert_eq!(fields(&refused), expected);
    }

    async fn a_source_may_only_write_for_its_own_organisations(backend) {
        let hub = TestHub::start(backend).await;
        for (system, place) in [(REGION_H, "990211000016003"), (GP, CARDIOLOGY), (MUNICIPALITY, "990801000016004")] {
            let entry = by(note(system, LONNI), place);
            let refused = try_register(&hub.system(system).await, &entry).await;
            assert_eq!(refusal(&refused), (Code::PermissionDenied, "FOREIGN_ORGANISATION"), "{system}");
            assert!(holdings(&hub.system(system).await, false).await.documents.is_empty());
        }
        // What lies below its own is its own.
        register(&hub.system(REGION_H).await, &by(note(REGION_H, LONNI), HEART_CLINIC)).await;
        register(&hub.system(MUNICIPALITY).await, &by(note(MUNICIPALITY, LONNI), HOME_NURSING)).await;
    }

    async fn a_system_that_is_no_source_registers_nothing(backend) {
        let hub = TestHub::start(backend).await;
        for system in ["gp-gudenaadal", "sundhedsportal", "tilsyn", "operator-cli"] {
            let refused = try_register(&hub.system(system).await, &note(REGION_H, LONNI)).await;
            assert_eq!(refusal(&refused).0, Code::PermissionDenied, "{system}");
        }
        // One source does not speak for another's repository.
        let refused = try_register(&hub.system(REGION_M).await, &by(note(REGION_H, LONNI), "990211000016003")).await;
        assert_eq!(fields(&refused), ["entry.repository_unique_id", "entry.source_id"]);
    }

    async fn a_stable_document_needs_size_and_hash_and_one_on_demand_has_none(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let bare = DocumentEntry { size: None, hash: bytes::Bytes::new(), ..note(REGION_H, LONNI) };
        assert_eq!(fields(&try_register(&source, &bare).await), ["entry.hash", "entry.size"]);
        let short = DocumentEntry { hash: vec![7; 19].into(), ..note(REGION_H, LONNI) };
        assert!(fields(&try_register(&source, &short).await).contains(&"entry.hash".to_owned()));
        let sized = DocumentEntry { size: Some(5), hash: vec![7; 20].into(), ..on_demand(note(REGION_H, LONNI)) };
        assert_eq!(fields(&try_register(&source, &sized).await), ["entry.hash", "entry.size"]);
        register(&source, &on_demand(note(REGION_H, LONNI))).await;
    }

    async fn what_is_too_long_or_too_many_is_refused(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let long = |length| "a".repeat(length);
        let event = code("1.2.208.176.2.4", "ALAL02");
        let reference = ReferenceId { value: "1".to_owned(), r#type: "urn:ihe:iti:xds:2015:encounterId".to_owned(), ..ReferenceId::default() };
        for (entry, field) in [
            (DocumentEntry { title: long(257), ..note(REGION_H, LONNI) }, "entry.title"),
            (DocumentEntry { comments: long(1_001), ..note(REGION_H, LONNI) }, "entry.comments"),
            (DocumentEntry { unique_id: format!("1.2^{}", long(253)), ..note(REGION_H, LONNI) }, "entry.unique_id"),
            (DocumentEntry { event_codes: vec![event; 51], ..note(REGION_H, LONNI) }, "entry.event_codes"),
            (DocumentEntry { reference_ids: vec![reference; 51], ..note(REGION_H, LONNI) }, "entry.reference_ids"),
            (DocumentEntry { size: Some(u64::MAX), ..note(REGION_H, LONNI) }, "entry.size"),
        ] {
            let refused = try_register(&source, &entry).await;
            assert_eq!((refusal(&refused).0, fields(&refused)), (Code::InvalidArgument, vec![field.to_owned()]));
        }
        let huge = DocumentEntry { comments: long(100_000), ..note(REGION_H, LONNI) };
        assert_eq!(refusal(&try_register(&source, &huge).await), (Code::ResourceExhausted, "TOO_LARGE"));
        let enormous = DocumentEntry { comments: long(20 << 20), ..note(REGION_H, LONNI) };
        assert!(try_register(&source, &enormous).await.is_err());
        assert!(holdings(&source, false).await.documents.is_empty());
        register(&source, &DocumentEntry { title: "æ".repeat(256), ..note(REGION_H, LONNI) }).await;
    }

    async fn the_persons_number_is_refused_wherever_it_would_be_kept_in_clear(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let hyphened = format!("{}-{}", &LONNI[..6], &LONNI[6..]);
        let inside = [
            DocumentEntry { unique_id: format!("1.2.208^{LONNI}-1"), ..note(REGION_H, LONNI) },
            DocumentEntry { unique_id: format!("1.2.208^{hyphened}-1"), ..note(REGION_H, LONNI) },
        ];
        for entry in inside {
            assert_eq!(fields(&try_register(&source, &entry).await), ["entry.unique_id"]);
        }
        // A title is kept encrypted.
        register(&source, &DocumentEntry { title: format!("Aftale for {LONNI}"), ..note(REGION_H, LONNI) }).await;
    }

    async fn a_pointer_and_its_persons_number_are_given_to_its_own_source_only(backend) {
        let hub = TestHub::start(backend).await;
        let entry = note(REGION_H, LONNI);
        register(&hub.system(REGION_H).await, &entry).await;
        let own = pointer(&hub.system(REGION_H).await, &entry.entry_uuid).await.unwrap();
        assert_eq!(own.patient, Some(cpr(LONNI)));
        assert_eq!(read(&own.document.unwrap()).unique_id, entry.unique_id);
        let others = pointer(&hub.system(REGION_M).await, &entry.entry_uuid).await;
        let missing = pointer(&hub.system(REGION_M).await, &nobodys()).await;
        assert!(is_not_found(&others) && is_not_found(&missing));
        assert_eq!(others.unwrap_err().to_string(), missing.unwrap_err().to_string());
    }

    async fn a_source_lists_its_own_pointers_page_by_page(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let mut registered = Vec::new();
        for _ in 0..7 {
            let entry = note(REGION_H, LONNI);
            register(&source, &entry).await;
            registered.push(entry.entry_uuid);
        }
        register(&hub.system(REGION_M).await, &note(REGION_M, LONNI)).await;
        registered.sort();
        let (mut listed, mut page_token) = (Vec::new(), String::new());
        for length in [3, 3, 1] {
            let request = ListSourceDocumentsRequest { page_size: 3, page_token, ..ListSourceDocumentsRequest::default() };
            let page = source.documents().list(request).await.unwrap();
            assert_eq!(page.documents.len(), length);
            listed.extend(uuids(&page.documents));
            page_token = page.next_page_token;
        }
        assert_eq!((listed, page_token), (registered, String::new()));
        assert!(holdings(&source, true).await.documents.is_empty());
    }

    async fn a_page_token_belongs_to_its_own_list(backend) {
        let hub = TestHub::start(backend).await;
        for source in [REGION_H, REGION_M] {
            for _ in 0..2 {
                register(&hub.system(source).await, &note(source, LONNI)).await;
            }
        }
        let list = async |source: &str, page_token: String, dead_only| {
            let request = ListSourceDocumentsRequest { page_size: 1, page_token, dead_only, ..ListSourceDocumentsRequest::default() };
            hub.system(source).await.documents().list(request).await
        };
        let token = list(REGION_H, String::new(), false).await.unwrap().next_page_token;
        assert!(list(REGION_H, token.clone(), false).await.is_ok());
        for (source, token, dead_only) in [(REGION_M, token.clone(), false), (REGION_H, token.clone(), true), (REGION_H, format!("{token}x"), false)] {
            let refused = list(source, token, dead_only).await;
            assert_eq!(refusal(&refused), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
        }
    }

    async fn an_identifier_of_an_entry_must_be_one(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        for wrong in ["", "1", "urn:uuid:f70b0e43-039c-5137-86db-502396582007", "00000000-0000-0000-0000-000000000000"] {
            let entry = DocumentEntry { entry_uuid: wrong.to_owned(), ..note(REGION_H, LONNI) };
            assert_eq!(fields(&try_register(&source, &entry).await), ["entry.entry_uuid"], "{wrong}");
        }
        let refused = source.documents().get(GetDocumentRequest { context: None, entry_uuid: "x".repeat(5_000) }).await;
        assert_eq!(refusal(&refused).0, Code::InvalidArgument);
        let upper = DocumentEntry { entry_uuid: nobodys().to_uppercase(), ..anew(note(REGION_H, LONNI)) };
        let answer = register(&source, &upper).await;
        assert_eq!(answer.entry_uuid, upper.entry_uuid.to_lowercase());
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", "ehr-hovedstaden").await, cpr(LONNI)).await;
        assert_eq!(uuids(&view.documents), [answer.entry_uuid]);
    }
}
