//! Break-glass: on one of two lawful grounds, with a reason, for a time, never beyond what a policy allows, and never unseen.

use std::collections::BTreeSet;

use delt_client::Connection;
use delt_client::proto::audit::v1::EntryFilter;
use delt_client::proto::common::v1::{OverrideGround, RequestContext};
use delt_client::proto::notification::v1::{Notification, NotificationKind};
use delt_client::proto::record::v1::{
    RetrieveDocumentRequest, RetrieveDocumentsRequest, WithheldReason,
};
use delt_client::proto::review::v1::{ListReviewCasesRequest, ReviewCaseKind, ReviewCaseState};
use delt_ledger::{Entry, Outcome};
use delt_server::config::{Config, HelperDelegation, MissingGround};
use delt_server::profile::{Holder, SourceAddresses};
use delt_tests::calls::{is_not_found, operator, refusal, register, treats, wanted, withheld};
use delt_tests::entries::{
    EINER, GP, HOME_NURSING, LONNI, MUNICIPALITY, REGION_H, REGION_M, cpr, note, uuids,
};
use delt_tests::glass::{auditor_at, broken, case, cases, essential, going_on, inbox_of, lifted};
use delt_tests::hub::{TestHub, sample};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, REGION_HOVEDSTADEN, REGION_MIDTJYLLAND, block_of, consent, documents_of, entries,
    lonni_at_the_hospital, of, register_record, search_for,
};
use futures_util::StreamExt as _;
use tonic::Code;

const REASON: &str = "Bevidstløs patient i akutmodtagelsen";
const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");
const NO_RELATION: (Code, &str) = (Code::PermissionDenied, "NO_TREATMENT_RELATION");
const NO_REASON: (Code, &str) = (Code::PermissionDenied, "OVERRIDE_REASON_REQUIRED");
const NO_GROUND: (Code, &str) = (Code::PermissionDenied, "OVERRIDE_GROUND_REQUIRED");

/// A physician of the emergency department, who does not treat Lonni.
async fn emergency(hub: &TestHub) -> Connection {
    hub.professional_for("reserve", EHR, &["TREAT", "BTG"])
        .await
}

/// A hospital's note about Lonni, which a nurse in home care sees for essential consideration, and never for treatment.
async fn hospital_note(hub: &TestHub) -> String {
    let entry = note(REGION_H, LONNI);
    register(&hub.system(REGION_H).await, &entry).await;
    entry.entry_uuid
}

/// The nurse in home care, who treats Lonni.
async fn nurse(hub: &TestHub) -> Connection {
    treats(hub, MUNICIPALITY, HOME_NURSING, cpr(LONNI)).await;
    hub.professional_for("hspl", MUNICIPALITY, &["TREAT", "BTG"])
        .await
}

fn references<'a>(entry: &'a Entry, rule: &str) -> Vec<&'a str> {
    let grounds = entry.grounds.iter().filter(|ground| ground.rule == rule);
    grounds
        .filter_map(|ground| ground.reference.as_deref())
        .collect()
}

async fn numbers(auditor: &Connection, request: ListReviewCasesRequest) -> Vec<u64> {
    let answer = auditor.reviews().list(request).await.unwrap();
    answer.cases.iter().map(|case| case.number).collect()
}

on_both! {
    async fn a_reason_alone_means_essential_consideration(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let doctor = emergency(&hub).await;
        let groundless = RequestContext { override_ground: 0, ..essential(REASON) };
        broken(&doctor, groundless).await.unwrap();
        let told = inbox_of(&hub.citizen(LONNI).await, LONNI, "").await.unwrap();
        let grounds: Vec<_> = told.iter().map(Notification::override_ground).collect();
        assert_eq!(grounds, [OverrideGround::EssentialConsideration]);
    }

    async fn a_reason_and_a_lawful_ground_are_both_required(backend) {
        let strict = |config: &mut Config| config.policy.override_ground = MissingGround::Required;
        let hub = TestHub::start_with(backend, &SourceAddresses::default(), strict).await;
        register_record(&hub, LONNI).await;
        let doctor = emergency(&hub).await;
        let groundless = RequestContext { override_ground: 0, ..essential(REASON) };
        assert_eq!(refusal(&broken(&doctor, groundless).await), NO_GROUND);
        for reason in ["", "kort", "           ", &"x".repeat(501)] {
            for context in [essential(reason), lifted(reason)] {
                let answer = broken(&doctor, context).await;
                let (code, _) = refusal(&answer);
                assert!(matches!(code, Code::PermissionDenied | Code::InvalidArgument), "{reason}: {code:?}");
            }
        }
        assert_eq!(refusal(&broken(&doctor, going_on()).await), NO_REASON);
        assert!(cases(&hub.supervisor().await).await.is_empty(), "what is refused opens nothing");
        assert!(inbox_of(&hub.citizen(LONNI).await, LONNI, "").await.unwrap().is_empty());
    }

    async fn essential_consideration_opens_what_is_blocked_and_unrelated(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        consent(&hub.citizen(LONNI).await, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let doctor = emergency(&hub).await;
        let view = broken(&doctor, essential(REASON)).await.unwrap();
        assert_eq!((view.total, withheld(&view, WithheldReason::Consent)), (all, 0));
        assert!(view.documents.iter().all(|document| document.opened_by_override));
    }

    async fn a_citizen_lifts_a_block_only_where_treatment_would_be_allowed(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        consent(&hub.citizen(LONNI).await, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let stranger = emergency(&hub).await;
        assert_eq!(refusal(&broken(&stranger, lifted(REASON)).await), NO_RELATION);

        let doctor = hub.professional_for("kard", EHR, &["TREAT", "BTG"]).await;
        let view = broken(&doctor, lifted(REASON)).await.unwrap();
        assert_eq!((view.total, withheld(&view, WithheldReason::Consent)), (all, 0));

        // What the nurse's role sees for essential consideration only, the citizen cannot open for her.
        let (note, nurse) = (hospital_note(&hub).await, nurse(&hub).await);
        let view = broken(&nurse, lifted(REASON)).await.unwrap();
        assert_eq!(withheld(&view, WithheldReason::Consent), 0);
        assert!(!uuids(&view.documents).contains(&note));
        let view = broken(&nurse, essential(REASON)).await.unwrap();
        assert!(uuids(&view.documents).contains(&note));
        assert_eq!(cases(&hub.supervisor().await).await.len(), 3, "another ground is another opening");
    }

    async fn nothing_opens_that_no_policy_allows(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let list = documents_of(LONNI).into_iter().find(|held| held.system == GP).unwrap();
        let list = &list.entry.entry_uuid;
        let nurse = nurse(&hub).await;
        let view = broken(&nurse, essential(REASON)).await.unwrap();
        assert!(!uuids(&view.documents).contains(list), "the GP's list of diagnoses");
        assert!(withheld(&view, WithheldReason::Role) > 0);
        let fetched = RetrieveDocumentRequest {
            context: Some(essential("Uafklaret allergi før akut operation")),
            ..wanted(cpr(LONNI), list)
        };
        assert!(is_not_found(&nurse.record().retrieve(fetched).await.map(drop)));
        assert_eq!(cases(&hub.supervisor().await).await.len(), 1, "for the search alone");

        let assistant = hub.professional_for("sosu", MUNICIPALITY, &["BTG"]).await;
        assert_eq!(refusal(&broken(&assistant, essential(REASON)).await), DENIED);
        let citizen = hub.citizen(LONNI).await;
        assert_ne!(refusal(&broken(&citizen, essential(REASON)).await).0, Code::Ok);
        assert_eq!(cases(&hub.supervisor().await).await.len(), 1);
    }

    async fn a_helper_never_breaks_the_glass(backend) {
        let by_token = |config: &mut Config| config.policy.helper_delegation = HelperDelegation::Token;
        let hub = TestHub::start_with(backend, &SourceAddresses::default(), by_token).await;
        lonni_at_the_hospital(&hub).await;
        let holder = Holder::Helper { acting: sample("sgpl"), responsible: sample("kard") };
        let token = hub.token(&holder, EHR, &["TREAT", "BTG"]);
        let helper = hub.connect(hub.running.api, EHR, Some(token)).await;
        for context in [essential(REASON), lifted(REASON), going_on()] {
            assert_eq!(refusal(&broken(&helper, context).await), DENIED);
        }
        // Not even through the glass that the responsible one broke.
        let doctor = hub.professional_for("kard", EHR, &["BTG"]).await;
        broken(&doctor, essential(REASON)).await.unwrap();
        assert_eq!(refusal(&broken(&helper, going_on()).await), DENIED);
        assert_eq!(cases(&hub.supervisor().await).await.len(), 1);
    }

    async fn a_broken_glass_stays_open_for_who_broke_it_at_that_place_and_opens_one_case(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        let doctor = emergency(&hub).await;
        broken(&doctor, essential(REASON)).await.unwrap();
        assert_eq!(broken(&doctor, going_on()).await.unwrap().total, all);
        // The same reason again, and every document of one call, go on with it.
        broken(&doctor, essential(&format!(" {REASON} "))).await.unwrap();
        let wanted = RetrieveDocumentsRequest {
            context: Some(essential(REASON)),
            patient: Some(cpr(LONNI)),
            entry_uuids: uuids(&broken(&doctor, going_on()).await.unwrap().documents),
        };
        let mut parts = doctor.record().retrieve_many(wanted).await.unwrap();
        while parts.next().await.is_some() {}
        let supervisor = hub.supervisor().await;
        assert_eq!(cases(&supervisor).await.len(), 1);
        assert_eq!(inbox_of(&hub.citizen(LONNI).await, LONNI, "").await.unwrap().len(), 1);

        // It is nobody else's, and of no other record.
        let colleague = hub.professional_for("kard", EHR, &["BTG"]).await;
        assert_eq!(refusal(&broken(&colleague, going_on()).await), NO_REASON);
        let other = search_for(&doctor, EINER, Some(going_on())).await;
        assert_eq!(refusal(&other), NO_REASON);
        broken(&doctor, essential("Uafklaret allergi før akut operation")).await.unwrap();
        assert_eq!(cases(&supervisor).await.len(), 2, "another reason is another case");
    }

    async fn every_entry_of_the_log_says_on_which_ground_and_through_which_opening(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let doctor = emergency(&hub).await;
        broken(&doctor, essential(REASON)).await.unwrap();
        broken(&doctor, going_on()).await.unwrap();
        let log = entries(&hub, EntryFilter { purpose_of_use: "BTG".to_owned(), ..of("SearchRecord") }).await;
        let [second, first] = log.as_slice() else { panic!("{} entries", log.len()) };
        for entry in [first, second] {
            assert_eq!(entry.outcome, Outcome::Permitted);
            assert_eq!(references(entry, "override-ground"), ["essential-consideration"]);
        }
        let opening = references(first, "opening");
        assert_eq!((opening.len(), references(second, "opening")), (1, opening));
        assert_eq!((first.override_reason.as_deref(), second.override_reason.as_deref()), (Some(REASON), None));
        let case = cases(&hub.auditor().await).await.pop().unwrap();
        assert_eq!(case.audit_entry_id, first.id);
        assert_eq!(Some(case.patient_key), first.patient);
    }

    async fn the_citizen_is_told_and_nobody_else_is(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let doctor = emergency(&hub).await;
        // A number in the reason is masked in the log; the citizen and the auditor read it as it was written.
        let reason = format!("Bevidstløs, følges af {EINER}");
        broken(&doctor, essential(&reason)).await.unwrap();
        let citizen = hub.citizen(LONNI).await;
        let told = inbox_of(&citizen, LONNI, "").await.unwrap();
        let [notification] = told.as_slice() else { panic!("{} notifications", told.len()) };
        assert_eq!(notification.kind(), NotificationKind::BreakGlass);
        assert_eq!(notification.override_ground(), OverrideGround::EssentialConsideration);
        assert_eq!((&notification.reason, notification.role.as_str()), (&reason, "laege"));
        assert_eq!(notification.organisation, sample("reserve").organisation);
        assert_eq!(notification.organisation_name, "Øresund Testhospital, Akutafdelingen");
        let languages: Vec<_> = notification.texts.iter().map(|text| text.language.as_str()).collect();
        assert_eq!(languages, ["da", "en"]);
        assert!(notification.texts.iter().all(|text| text.text.contains(&notification.organisation_name)));
        let accesses = entries(&hub, EntryFilter { override_only: true, ..EntryFilter::default() }).await;
        assert_eq!(accesses[0].id, notification.audit_entry_id);
        assert!(!accesses[0].override_reason.as_ref().unwrap().contains(EINER));

        let einer = hub.citizen(EINER).await;
        assert!(inbox_of(&einer, EINER, "").await.unwrap().is_empty());
        assert_eq!(refusal(&inbox_of(&einer, LONNI, "").await), DENIED);
        for other in [&doctor, &hub.auditor().await, &hub.supervisor().await] {
            assert_ne!(refusal(&inbox_of(other, LONNI, "").await).0, Code::Ok);
        }
        assert!(inbox_of(&citizen, LONNI, &notification.notification_id).await.unwrap().is_empty());
        broken(&doctor, essential("Uafklaret allergi før akut operation")).await.unwrap();
        let next = inbox_of(&citizen, LONNI, &notification.notification_id).await.unwrap();
        assert_eq!(next.len(), 1);
        assert_eq!(inbox_of(&citizen, LONNI, "").await.unwrap()[1], next[0], "oldest first");
    }

    async fn a_citizen_reads_what_was_opened_under_any_number(backend) {
        let hub = TestHub::start(backend).await;
        let request = delt_client::proto::patient::v1::LinkPatientRequest {
            context: None,
            patient: Some(cpr(LONNI)),
            other: Some(cpr(EINER)),
        };
        operator(&hub).await.patients().link(request).await.unwrap();
        let doctor = emergency(&hub).await;
        search_for(&doctor, EINER, Some(essential(REASON))).await.unwrap();
        broken(&doctor, essential("Uafklaret allergi før akut operation")).await.unwrap();
        assert!(broken(&doctor, going_on()).await.is_ok());
        let told = inbox_of(&hub.citizen(LONNI).await, LONNI, "").await.unwrap();
        let reasons: Vec<_> = told.iter().map(|told| told.reason.as_str()).collect();
        assert_eq!(reasons, [REASON, "Uafklaret allergi før akut operation"]);
    }

    async fn an_auditor_sees_the_cases_of_the_own_organisations_users(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        broken(&emergency(&hub).await, essential(REASON)).await.unwrap();
        let psychiatrist = hub.professional_for("psyk", REGION_M, &["BTG"]).await;
        broken(&psychiatrist, essential(REASON)).await.unwrap();
        let (own, other) = (hub.auditor().await, auditor_at(&hub, REGION_MIDTJYLLAND).await);
        let [seen] = cases(&own).await.try_into().unwrap_or_else(|all: Vec<_>| panic!("{}", all.len()));
        assert_eq!((seen.number, seen.kind(), seen.state()), (1, ReviewCaseKind::BreakGlass, ReviewCaseState::Open));
        assert_eq!((seen.reason.as_str(), seen.role.as_str()), (REASON, "laege"));
        assert_eq!(Some(&seen.authorisation_id), sample("reserve").authorisation_id.as_ref());
        assert_eq!(seen.override_ground(), OverrideGround::EssentialConsideration);
        let open = seen.expires_time.unwrap().seconds - seen.opened_time.unwrap().seconds;
        assert_eq!(open, 4 * 3_600);
        assert_eq!(case(&own, 1).await.unwrap(), seen);
        assert_eq!(cases(&other).await.iter().map(|case| case.number).collect::<Vec<_>>(), [2]);

        let (hidden, missing) = (case(&other, 1).await, case(&other, 99).await);
        assert!(is_not_found(&hidden) && is_not_found(&missing));
        assert_eq!(hidden.unwrap_err().to_string(), missing.unwrap_err().to_string());
        assert!(is_not_found(&case(&own, 0).await));
        assert!(is_not_found(&case(&own, u64::MAX).await));
        let log = entries(&hub, of("GetReviewCase")).await;
        let denied: BTreeSet<_> = log.iter().filter_map(|entry| entry.error_code.as_deref()).collect();
        assert_eq!(denied, BTreeSet::from(["ACCESS_DENIED", "NOT_FOUND"]), "the log can tell them apart");
        for caller in [emergency(&hub).await, hub.citizen(LONNI).await] {
            let answer = caller.reviews().list(ListReviewCasesRequest::default()).await;
            assert_ne!(refusal(&answer).0, Code::Ok);
        }
    }

    async fn cases_are_read_by_number_kind_and_state(backend) {
        let hub = TestHub::start(backend).await;
        let doctor = emergency(&hub).await;
        for number in 1..=5 {
            broken(&doctor, essential(&format!("Akut vurdering nummer {number}"))).await.unwrap();
        }
        let auditor = auditor_at(&hub, REGION_HOVEDSTADEN).await;
        let all = ListReviewCasesRequest::default;
        assert_eq!(numbers(&auditor, all()).await, [1, 2, 3, 4, 5]);
        let page = ListReviewCasesRequest { after_number: 1, page_size: 2, ..all() };
        assert_eq!(numbers(&auditor, page).await, [2, 3]);
        assert!(numbers(&auditor, ListReviewCasesRequest { after_number: u64::MAX, ..all() }).await.is_empty());
        let glass = ReviewCaseKind::BreakGlass.into();
        assert_eq!(numbers(&auditor, ListReviewCasesRequest { kind: glass, after_number: 4, ..all() }).await, [5]);
        let unconfirmed = ReviewCaseKind::RelationUnconfirmed.into();
        assert!(numbers(&auditor, ListReviewCasesRequest { kind: unconfirmed, ..all() }).await.is_empty());
        let open = ReviewCaseState::Open.into();
        assert_eq!(numbers(&auditor, ListReviewCasesRequest { state: open, ..all() }).await.len(), 5);
        for wrong in [
            ListReviewCasesRequest { kind: 99, ..all() },
            ListReviewCasesRequest { state: 99, ..all() },
            ListReviewCasesRequest { page_size: u32::MAX, ..all() },
        ] {
            assert_eq!(refusal(&auditor.reviews().list(wrong).await).0, Code::InvalidArgument);
        }
    }
}
