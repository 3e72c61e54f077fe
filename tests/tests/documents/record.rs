//! One patient's record across all sectors, as those who treat the patient see it.

use delt_client::Connection;
use delt_client::proto::common::v1::{Identifier, Period};
use delt_client::proto::consent::v1::{
    Consent, ConsentKind, CreateConsentRequest, OrganisationScope, What,
};
use delt_client::proto::document::v1::{AvailabilityStatus, DocumentEntry};
use delt_client::proto::record::v1::{RecordFilter, SearchRecordRequest, WithheldReason};
use delt_tests::calls::{
    break_glass, everything, filtered, found, record, refusal, register, set_status, treats,
    withheld,
};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, HOME_NURSING, LONNI, MUNICIPALITY, PLAN, REGION_H, REGION_M, STAMKORT,
    code, cpr, hour, note, of_kind, uuids,
};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use tonic::Code;

const REGION_M_SOR: &str = "990201000016000";
const EHR: &str = "ehr-hovedstaden";

/// Registers entries, each with its own source, in order.
async fn register_all(hub: &TestHub, entries: &[(&str, &DocumentEntry)]) {
    for (source, entry) in entries {
        register(&hub.system(source).await, entry).await;
    }
}

/// The citizen blocks what arose in a region.
async fn block(hub: &TestHub, citizen: &str, origin: &str) {
    let origin = OrganisationScope {
        organisation: origin.to_owned(),
        with_underlying: true,
    };
    let consent = Consent {
        kind: ConsentKind::Block.into(),
        what: Some(What {
            originating: Some(origin),
            ..What::default()
        }),
        ..Consent::default()
    };
    let request = CreateConsentRequest {
        patient: Some(cpr(citizen)),
        consent: Some(consent),
        ..CreateConsentRequest::default()
    };
    hub.citizen(citizen)
        .await
        .consents()
        .create(request)
        .await
        .unwrap();
}

/// One page, which must be given.
async fn page(reader: &Connection, size: i32, token: &str) -> (Vec<String>, String, u32) {
    let request = SearchRecordRequest {
        page_size: size,
        page_token: token.to_owned(),
        ..everything(cpr(LONNI))
    };
    let page = reader.record().search(request).await.unwrap();
    (uuids(&page.documents), page.next_page_token, page.total)
}

fn at(entry: DocumentEntry, hours: i64) -> DocumentEntry {
    DocumentEntry {
        creation_time: Some(hour(hours)),
        ..entry
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as a filter takes it")]
fn between(start: Option<i64>, end: Option<i64>) -> Option<Period> {
    Some(Period {
        start: start.map(hour),
        end: end.map(hour),
    })
}

on_both! {
    async fn the_newest_comes_first_whoever_registered_it_when(backend) {
        let hub = TestHub::start(backend).await;
        let (second, newest, oldest) = (at(note(REGION_H, LONNI), 5), at(note(GP, LONNI), 9), at(note(MUNICIPALITY, LONNI), 1));
        register_all(&hub, &[(REGION_H, &second), (GP, &newest), (MUNICIPALITY, &oldest)]).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let view = record(&hub.professional("kard", EHR).await, cpr(LONNI)).await;
        assert_eq!(uuids(&view.documents), [newest.entry_uuid, second.entry_uuid, oldest.entry_uuid]);
    }

    async fn pages_neither_skip_nor_repeat_while_others_register(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_H).await;
        let mut existing = Vec::new();
        for hours in [1, 2, 2, 2, 3, 5, 5, 8, 9] {
            let entry = at(note(REGION_H, LONNI), hours);
            register(&source, &entry).await;
            existing.push(entry.entry_uuid);
        }
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let reader = hub.professional("kard", EHR).await;
        let (mut read, mut token) = (Vec::new(), String::new());
        for arriving in [10, 2, 5, 1] {
            let (entries, next, total) = page(&reader, 2, &token).await;
            assert_eq!(entries.len(), 2);
            assert!(total >= 9);
            read.extend(entries);
            token = next;
            register(&source, &at(note(REGION_H, LONNI), arriving)).await;
            register(&source, &note(REGION_H, EINER)).await;
        }
        while !token.is_empty() {
            let (entries, next, _) = page(&reader, 2, &token).await;
            read.extend(entries);
            token = next;
        }
        let mut once = read.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), read.len(), "an entry came twice");
        assert!(existing.iter().all(|entry| read.contains(entry)), "an entry was skipped");
    }

    async fn a_page_token_is_good_for_its_own_search_only(backend) {
        let hub = TestHub::start(backend).await;
        for person in [LONNI, LONNI, EINER, EINER] {
            register(&hub.system(REGION_H).await, &note(REGION_H, person)).await;
        }
        for (system, place) in [(REGION_H, CARDIOLOGY), (MUNICIPALITY, HOME_NURSING)] {
            for person in [LONNI, EINER] {
                treats(&hub, system, place, cpr(person)).await;
            }
        }
        let reader = hub.professional("kard", EHR).await;
        let (_, page_token, _) = page(&reader, 1, "").await;
        let good = SearchRecordRequest { page_size: 1, page_token: page_token.clone(), ..everything(cpr(LONNI)) };
        assert!(reader.record().search(good.clone()).await.is_ok());
        let filter = Some(RecordFilter { type_codes: vec![code("", "CMR")], ..RecordFilter::default() });
        let of_nurse = hub.professional("hspl", MUNICIPALITY).await;
        for (reader, request) in [
            (&reader, SearchRecordRequest { patient: Some(cpr(EINER)), ..good.clone() }),
            (&reader, SearchRecordRequest { filter, ..good.clone() }),
            (&of_nurse, good.clone()),
            (&reader, SearchRecordRequest { page_token: "AAAA".to_owned(), ..good.clone() }),
            (&reader, SearchRecordRequest { page_token: "x".repeat(100_000), ..good.clone() }),
        ] {
            let refused = reader.record().search(request).await;
            assert_eq!(refusal(&refused), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
        }
    }

    async fn a_nurse_of_the_municipality_sees_what_her_role_allows_and_how_much_it_does_not(backend) {
        let hub = TestHub::start(backend).await;
        let (notes, stamkort) = (note(REGION_H, LONNI), of_kind(note(MUNICIPALITY, LONNI), STAMKORT));
        let plan = of_kind(note(REGION_M, LONNI), PLAN);
        register_all(&hub, &[(REGION_H, &notes), (MUNICIPALITY, &stamkort), (REGION_M, &plan)]).await;
        treats(&hub, MUNICIPALITY, HOME_NURSING, cpr(LONNI)).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let nurse = record(&hub.professional("hspl", MUNICIPALITY).await, cpr(LONNI)).await;
        let seen = uuids(&nurse.documents);
        assert_eq!((nurse.total, withheld(&nurse, WithheldReason::Role)), (2, 1));
        assert!(seen.contains(&stamkort.entry_uuid) && seen.contains(&plan.entry_uuid));
        let physician = record(&hub.professional("kard", EHR).await, cpr(LONNI)).await;
        assert_eq!((physician.total, physician.withheld.len()), (3, 0));
        assert!(nurse.grounds.iter().any(|ground| ground.reference == "nurse-treats-in-municipality"), "{:?}", nurse.grounds);
    }

    async fn nothing_of_another_patient_is_found(backend) {
        let hub = TestHub::start(backend).await;
        let mine = note(REGION_H, LONNI);
        register_all(&hub, &[(REGION_H, &mine), (REGION_H, &note(REGION_H, EINER)), (GP, &note(GP, EINER))]).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        let reader = hub.professional("kard", EHR).await;
        let view = record(&reader, cpr(LONNI)).await;
        assert_eq!((uuids(&view.documents), view.total, view.withheld.len()), (vec![mine.entry_uuid], 1, 0));
        let refused = reader.record().search(everything(cpr(EINER))).await;
        assert_eq!(refusal(&refused), (Code::PermissionDenied, "NO_TREATMENT_RELATION"));
        let other = hub.citizen(EINER).await.record().search(everything(cpr(LONNI))).await;
        assert_eq!(refusal(&other), (Code::PermissionDenied, "ACCESS_DENIED"));
        let nobody = reader.record().search(SearchRecordRequest::default()).await;
        assert_eq!(refusal(&nobody).0, Code::InvalidArgument);
    }

    async fn what_is_withheld_is_counted_and_nothing_more(backend) {
        let hub = TestHub::start(backend).await;
        let (open, closed) = (note(REGION_H, LONNI), note(REGION_M, LONNI));
        register_all(&hub, &[(REGION_H, &open), (REGION_M, &closed)]).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        block(&hub, LONNI, REGION_M_SOR).await;
        let reader = hub.professional("kard", EHR).await;
        let view = record(&reader, cpr(LONNI)).await;
        assert_eq!((uuids(&view.documents), view.total, withheld(&view, WithheldReason::Consent)), (vec![open.entry_uuid], 1, 1));
        let told = format!("{:?} {:?}", view.grounds, view.withheld);
        for secret in [closed.entry_uuid.as_str(), REGION_M_SOR, "ConsentBlock", "consent-block"] {
            assert!(!told.contains(secret), "{told}");
        }
        let (_, next, total) = page(&reader, 1, "").await;
        assert_eq!((next.as_str(), total), ("", 1), "no page hints at what is withheld");
        assert_eq!(record(&hub.citizen(LONNI).await, cpr(LONNI)).await.total, 2, "the citizen's own record is whole");
    }

    async fn no_filter_tells_what_is_blocked(backend) {
        let hub = TestHub::start(backend).await;
        register_all(&hub, &[(REGION_M, &note(REGION_M, LONNI)), (REGION_M, &of_kind(note(REGION_M, LONNI), PLAN))]).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        block(&hub, LONNI, REGION_M_SOR).await;
        let reader = hub.professional("kard", EHR).await;
        let filters = ["CMR", "81215-6", "PDC"].map(|kind| RecordFilter { type_codes: vec![code("", kind)], ..RecordFilter::default() });
        let filters = filters.into_iter().chain([
            RecordFilter::default(),
            RecordFilter { author_organisations: vec![REGION_M_SOR.to_owned()], ..RecordFilter::default() },
            RecordFilter { creation_period: between(Some(500), None), ..RecordFilter::default() },
        ]);
        for filter in filters {
            let view = found(&reader, filtered(cpr(LONNI), filter)).await;
            assert_eq!((view.total, withheld(&view, WithheldReason::Consent)), (0, 2));
        }
    }

    async fn a_withdrawn_entry_is_not_even_counted_as_withheld(backend) {
        let hub = TestHub::start(backend).await;
        let source = hub.system(REGION_M).await;
        let entry = note(REGION_M, LONNI);
        register(&source, &entry).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        block(&hub, LONNI, REGION_M_SOR).await;
        set_status(&source, &entry.entry_uuid, AvailabilityStatus::Withdrawn).await.unwrap();
        let view = record(&hub.professional("kard", EHR).await, cpr(LONNI)).await;
        assert_eq!((view.total, view.withheld.len()), (0, 0));
    }

    async fn break_glass_shows_what_is_blocked_and_flags_it(backend) {
        let hub = TestHub::start(backend).await;
        let (open, closed) = (at(note(REGION_H, LONNI), 2), at(note(REGION_M, LONNI), 1));
        register_all(&hub, &[(REGION_H, &open), (REGION_M, &closed)]).await;
        treats(&hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
        block(&hub, LONNI, REGION_M_SOR).await;
        let flags = async |key: &str| -> Vec<(String, bool)> {
            let reader = hub.professional_for(key, EHR, &["BTG"]).await;
            let view = found(&reader, SearchRecordRequest { context: break_glass(), ..everything(cpr(LONNI)) }).await;
            assert!(view.withheld.is_empty());
            uuids(&view.documents).into_iter().zip(view.documents.iter().map(|d| d.opened_by_override)).collect()
        };
        assert_eq!(flags("kard").await, [(open.entry_uuid.clone(), false), (closed.entry_uuid.clone(), true)]);
        // The emergency department has no relation: everything is opened by the override.
        assert_eq!(flags("reserve").await, [(open.entry_uuid, true), (closed.entry_uuid, true)]);
    }

    async fn break_glass_without_a_reason_opens_nothing(backend) {
        let hub = TestHub::start(backend).await;
        register(&hub.system(REGION_H).await, &note(REGION_H, LONNI)).await;
        let reader = hub.professional_for("reserve", EHR, &["BTG"]).await;
        for reason in ["", "kort"] {
            let mut context = break_glass().unwrap();
            context.override_reason = reason.to_owned();
            let refused = reader.record().search(SearchRecordRequest { context: Some(context), ..everything(cpr(LONNI)) }).await;
            assert_eq!(refusal(&refused), (Code::PermissionDenied, "OVERRIDE_REASON_REQUIRED"));
        }
        let nurse = hub.professional_for("fys", MUNICIPALITY, &["BTG"]).await;
        let refused = nurse.record().search(SearchRecordRequest { context: break_glass(), ..everything(cpr(LONNI)) }).await;
        assert_eq!(refusal(&refused), (Code::PermissionDenied, "ACCESS_DENIED"), "not every role may break the glass");
    }

    async fn a_number_that_nobody_registered_has_an_empty_record(backend) {
        let hub = TestHub::start(backend).await;
        let unknown: Identifier = cpr("0101000000");
        treats(&hub, REGION_H, CARDIOLOGY, unknown.clone()).await;
        let view = record(&hub.professional("kard", EHR).await, unknown).await;
        assert_eq!((view.total, view.withheld.len()), (0, 0));
    }
}
