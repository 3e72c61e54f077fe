//! Who may see what: treatment relations, consents, break-glass, roles, the citizen, and those who get nothing.

use delt_client::proto::audit::v1::EntryFilter;
use delt_client::proto::common::v1::Period;
use delt_client::proto::consent::v1::{
    Consent, ConsentKind, ExplainAccessRequest, ExplainAccessResponse, ListConsentsRequest, What,
    Who,
};
use delt_client::proto::record::v1::WithheldReason;
use delt_client::proto::relation::v1::{EndRelationRequest, ListRelationsRequest};
use delt_client::{Connection, RecordView};
use delt_tests::calls::{
    break_glass, fetch, holdings, is_not_found, operator, pointer, refusal, treats, withheld,
};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, HOME_NURSING, HOSPITAL, LONNI, MUNICIPALITY, REGION_M, cpr, nobodys,
    read, uuids,
};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, REGION_MIDTJYLLAND, block, block_of, consent, documents_of, end_consent,
    entries, lonni_at_the_hospital, of, purpose, register_record, search, search_for, within,
};
use prost_types::Timestamp;
use tonic::Code;

const NO_RELATION: (Code, &str) = (Code::PermissionDenied, "NO_TREATMENT_RELATION");
const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");
/// The cardiologist's authorisation id.
const KARD: &str = "9RK1H";

/// Lonni's entries that Region Midtjylland wrote.
fn of_midtjylland() -> u32 {
    let all = documents_of(LONNI);
    u32::try_from(all.iter().filter(|held| held.system == REGION_M).count()).unwrap()
}

fn by_consent(view: &RecordView) -> u32 {
    withheld(view, WithheldReason::Consent)
}

fn by_role(view: &RecordView) -> u32 {
    withheld(view, WithheldReason::Role)
}

async fn explain(caller: &Connection) -> ExplainAccessResponse {
    let request = ExplainAccessRequest {
        patient: Some(cpr(LONNI)),
        role: "laege".to_owned(),
        organisation: CARDIOLOGY.to_owned(),
        authorisation_id: KARD.to_owned(),
        ..ExplainAccessRequest::default()
    };
    caller
        .consents()
        .explain(request)
        .await
        .expect("who may ask is told")
}

#[expect(clippy::unnecessary_wraps, reason = "a bound of a period is optional")]
fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

on_both! {
    async fn a_treatment_relation_opens_the_record_and_its_end_closes_it_at_once(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        let doctor = hub.professional("kard", EHR).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);

        treats(&hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        let view = search(&doctor, LONNI).await.unwrap();
        assert_eq!((view.total, view.documents.len()), (all, all as usize));
        assert!(view.withheld.is_empty());

        let system = hub.system(EHR).await;
        let request = ListRelationsRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        let relations = system.relations().list(request).await.unwrap().relations;
        let [relation] = relations.as_slice() else { panic!("{} relations", relations.len()) };
        let request = EndRelationRequest {
            context: None,
            patient: Some(cpr(LONNI)),
            relation_id: relation.relation_id.clone(),
        };
        system.relations().end(request).await.unwrap();
        assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);
    }

    async fn a_relation_to_another_place_or_person_opens_nothing(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        treats(&hub, GP, GP_TESTBY, cpr(LONNI)).await;
        treats(&hub, EHR, CARDIOLOGY, cpr(EINER)).await;
        let doctor = hub.professional("kard", EHR).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);
        let stranger = hub.professional("gp2", "gp-gudenaadal").await;
        assert_eq!(refusal(&search(&stranger, LONNI).await), NO_RELATION);
    }

    async fn a_stranger_is_not_told_whether_a_document_exists(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let existing = &documents_of(LONNI)[0].entry.entry_uuid;
        let stranger = hub.professional("gp2", "gp-gudenaadal").await;
        let there = fetch(&stranger, cpr(LONNI), existing).await;
        let missing = fetch(&stranger, cpr(LONNI), &nobodys()).await;
        assert_ne!(refusal(&there).0, Code::Ok);
        assert_eq!(refusal(&there), refusal(&missing));
        assert_eq!(there.unwrap_err().to_string(), missing.unwrap_err().to_string());
    }

    async fn a_block_withholds_at_once_a_permit_opens_it_and_the_end_of_the_block_does(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let citizen = hub.citizen(LONNI).await;
        let blocked = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let view = search(&doctor, LONNI).await.unwrap();
        assert_eq!((view.total, by_consent(&view)), (all - of_midtjylland(), of_midtjylland()));
        let midtjylland = documents_of(LONNI).into_iter().find(|held| held.system == REGION_M).unwrap();
        assert!(!uuids(&view.documents).contains(&midtjylland.entry.entry_uuid));
        let fetched = fetch(&doctor, cpr(LONNI), &midtjylland.entry.entry_uuid).await;
        assert!(is_not_found(&fetched), "{fetched:?}");

        let now = delt_tests::hub::now().unix_timestamp();
        let permit = Consent {
            kind: ConsentKind::Permit.into(),
            who: Some(Who { organisation: within(CARDIOLOGY), ..Who::default() }),
            validity: Some(Period { start: None, end: at(now + 86_400) }),
            ..block_of(REGION_MIDTJYLLAND)
        };
        let permitted = consent(&citizen, LONNI, permit).await;
        let view = search(&doctor, LONNI).await.unwrap();
        assert_eq!((view.total, by_consent(&view)), (all, 0));

        end_consent(&citizen, LONNI, &permitted).await;
        assert_eq!(by_consent(&search(&doctor, LONNI).await.unwrap()), of_midtjylland());
        end_consent(&citizen, LONNI, &blocked).await;
        let view = search(&doctor, LONNI).await.unwrap();
        assert_eq!((view.total, by_consent(&view)), (all, 0));

        let request = ListConsentsRequest {
            patient: Some(cpr(LONNI)),
            include_ended: true,
            ..ListConsentsRequest::default()
        };
        let kept = citizen.consents().list(request).await.unwrap().consents;
        assert_eq!(kept.len(), 2, "an ended consent stays as a record of what held");
    }

    async fn a_block_of_one_person_leaves_the_colleague_alone(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        treats(&hub, EHR, HOSPITAL, cpr(LONNI)).await;
        let colleague = hub.professional("reserve", EHR).await;
        let what = What { originating: within(REGION_MIDTJYLLAND), ..What::default() };
        let who = Who { authorisation_id: KARD.to_owned(), ..Who::default() };
        consent(&hub.citizen(LONNI).await, LONNI, block(what, who)).await;
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all - of_midtjylland());
        assert_eq!(search(&colleague, LONNI).await.unwrap().total, all);
    }

    async fn a_block_of_everything_refuses_treatment_at_the_place_that_it_names(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        treats(&hub, GP, GP_TESTBY, cpr(LONNI)).await;
        let who = Who { organisation: within(CARDIOLOGY), ..Who::default() };
        consent(&hub.citizen(LONNI).await, LONNI, block(What::default(), who)).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), DENIED);
        let practice = hub.professional("gp", GP).await;
        assert_eq!(search(&practice, LONNI).await.unwrap().total, all);
    }

    async fn a_block_covers_what_arose_in_its_period(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let citizen = hub.citizen(LONNI).await;
        let period = |start, end| What {
            data_period: Some(Period { start, end }),
            ..What::default()
        };
        // 1990: nothing in the record is so old.
        let old = block(period(at(631_152_000), at(662_688_000)), Who::default());
        consent(&citizen, LONNI, old).await;
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
        // All that was done in June 2026: the bone scan; and the plan that began then.
        let june = block(period(at(1_780_272_000), at(1_782_864_000)), Who::default());
        consent(&citizen, LONNI, june).await;
        let view = search(&doctor, LONNI).await.unwrap();
        assert_eq!((view.total, by_consent(&view)), (all - 2, 2));
    }

    async fn a_consent_that_has_not_begun_or_has_lapsed_withholds_nothing(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let now = delt_tests::hub::now().unix_timestamp();
        let tomorrow = Consent {
            validity: Some(Period { start: at(now + 86_400), end: None }),
            ..block_of(REGION_MIDTJYLLAND)
        };
        consent(&hub.citizen(LONNI).await, LONNI, tomorrow).await;
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
    }

    async fn breaking_the_glass_needs_a_reason(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let doctor = hub.professional_for("reserve", EHR, &["TREAT", "BTG"]).await;
        for reason in ["", "kort", "         ", &"x".repeat(501)] {
            let answer = search_for(&doctor, LONNI, Some(purpose("BTG", reason))).await;
            let (code, _) = refusal(&answer);
            assert!(matches!(code, Code::PermissionDenied | Code::InvalidArgument), "{code:?}");
        }
        let answer = search_for(&doctor, LONNI, Some(purpose("BTG", ""))).await;
        assert_eq!(refusal(&answer), (Code::PermissionDenied, "OVERRIDE_REASON_REQUIRED"));
    }

    async fn a_broken_glass_opens_what_was_blocked_is_flagged_and_logged(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        consent(&hub.citizen(LONNI).await, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let doctor = hub.professional_for("kard", EHR, &["TREAT", "BTG"]).await;
        let view = search_for(&doctor, LONNI, Some(purpose("TREAT", ""))).await.unwrap();
        assert_eq!(view.total, all - of_midtjylland());

        let view = search_for(&doctor, LONNI, break_glass()).await.unwrap();
        assert_eq!((view.total, by_consent(&view)), (all, 0));
        let opened = view.documents.iter().filter(|document| document.opened_by_override);
        assert_eq!(u32::try_from(opened.count()).unwrap(), of_midtjylland());
        let flagged = entries(&hub, EntryFilter { override_only: true, ..EntryFilter::default() }).await;
        let [entry] = flagged.as_slice() else { panic!("{} flagged", flagged.len()) };
        assert_eq!(entry.override_reason, break_glass().map(|context| context.override_reason));
        assert_eq!(entry.disclosed.len(), all as usize);
    }

    async fn a_broken_glass_stands_in_for_a_relation(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        let doctor = hub.professional_for("reserve", EHR, &["BTG"]).await;
        let view = search_for(&doctor, LONNI, break_glass()).await.unwrap();
        assert_eq!(view.total, all);
        assert!(view.documents.iter().all(|document| document.opened_by_override));
        let assistant = hub.professional_for("sosu", MUNICIPALITY, &["BTG"]).await;
        let answer = search_for(&assistant, LONNI, break_glass()).await;
        assert_eq!(refusal(&answer), DENIED, "not every role may break the glass");
    }

    async fn the_citizen_sees_all_of_the_own_record_and_no_other(backend) {
        let hub = TestHub::start(backend).await;
        let all = register_record(&hub, LONNI).await;
        register_record(&hub, EINER).await;
        let citizen = hub.citizen(LONNI).await;
        consent(&citizen, LONNI, block(What::default(), Who::default())).await;
        let view = search(&citizen, LONNI).await.unwrap();
        assert_eq!((view.total, view.withheld.len()), (all, 0));
        assert_eq!(refusal(&search(&citizen, EINER).await), DENIED);
        let request = ListConsentsRequest { patient: Some(cpr(EINER)), ..Default::default() };
        assert_eq!(refusal(&citizen.consents().list(request).await), DENIED);
    }

    async fn a_nurse_sees_what_her_role_and_sector_need(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        treats(&hub, MUNICIPALITY, HOME_NURSING, cpr(LONNI)).await;
        let ward = hub.professional("sgpl", EHR).await;
        assert_eq!(search(&ward, LONNI).await.unwrap().total, all);
        let home = hub.professional("hspl", MUNICIPALITY).await;
        let view = search(&home, LONNI).await.unwrap();
        assert!(by_role(&view) > 0);
        assert_eq!(view.total + by_role(&view), all, "what is withheld is counted honestly");
        let seen = view.documents.iter().map(read);
        let types: Vec<String> = seen.map(|entry| entry.type_code.unwrap().code).collect();
        assert!(!types.contains(&"11450-4".to_owned()), "the GP's list of diagnoses");
        let list = documents_of(LONNI).into_iter().find(|held| held.system == GP).unwrap();
        let fetched = fetch(&home, cpr(LONNI), &list.entry.entry_uuid).await;
        assert!(is_not_found(&fetched), "{fetched:?}");
    }

    async fn a_system_without_a_person_reads_no_record(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        for system in [EHR, GP, "sundhedsportal", "operator-cli", "tilsyn"] {
            let answer = search(&hub.system(system).await, LONNI).await;
            let (code, _) = refusal(&answer);
            assert!(matches!(code, Code::PermissionDenied | Code::Unauthenticated), "{system}: {code:?}");
        }
    }

    async fn who_runs_or_audits_the_hub_sees_no_clinical_data(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let existing = &documents_of(LONNI)[0].entry.entry_uuid;
        for caller in [operator(&hub).await, hub.auditor().await, hub.supervisor().await] {
            assert_eq!(refusal(&search(&caller, LONNI).await).0, Code::PermissionDenied);
            assert_ne!(refusal(&fetch(&caller, cpr(LONNI), existing).await).0, Code::Ok);
            let (code, _) = refusal(&pointer(&caller, existing).await);
            assert!(matches!(code, Code::PermissionDenied | Code::NotFound), "{code:?}");
        }
    }

    async fn the_citizen_and_the_auditor_are_told_who_would_see_what_and_why(backend) {
        let hub = TestHub::start(backend).await;
        let (all, _) = lonni_at_the_hospital(&hub).await;
        let citizen = hub.citizen(LONNI).await;
        let before = explain(&citizen).await;
        assert!(before.admitted && !before.grounds.is_empty());
        assert_eq!((before.visible, before.withheld_by_consent), (all, 0));
        consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        for caller in [&citizen, &hub.auditor().await] {
            let after = explain(caller).await;
            assert_eq!((after.visible, after.withheld_by_consent), (all - of_midtjylland(), of_midtjylland()));
            assert!(after.explanations.iter().any(|text| text.language == "da"));
        }
        let who = Who { organisation: within(CARDIOLOGY), ..Who::default() };
        consent(&citizen, LONNI, block(What::default(), who)).await;
        assert!(!explain(&citizen).await.admitted);
    }

    async fn a_source_reads_back_its_own_pointers_only(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let own = of_midtjylland() as usize;
        let source = hub.system(REGION_M).await;
        assert_eq!(holdings(&source, false).await.documents.len(), own);
        for held in documents_of(LONNI) {
            let answer = pointer(&source, &held.entry.entry_uuid).await;
            if held.system == REGION_M {
                assert_eq!(answer.unwrap().patient, Some(cpr(LONNI)));
            } else {
                assert!(is_not_found(&answer), "{answer:?}");
            }
        }
    }

    async fn every_refusal_is_in_the_log_with_its_grounds(backend) {
        let hub = TestHub::start(backend).await;
        register_record(&hub, LONNI).await;
        let doctor = hub.professional("kard", EHR).await;
        assert_eq!(refusal(&search(&doctor, LONNI).await), NO_RELATION);
        let log = entries(&hub, EntryFilter { person_id: KARD.to_owned(), ..of("SearchRecord") }).await;
        let [entry] = log.as_slice() else { panic!("{} entries", log.len()) };
        assert_eq!(entry.error_code.as_deref(), Some("NO_TREATMENT_RELATION"));
        assert!(entry.disclosed.is_empty() && entry.patient.is_some());
        assert!(entry.grounds.iter().any(|ground| ground.rule.contains("relation")), "{:?}", entry.grounds);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_holds_at_once_on_every_hub_of_one_database() {
    let hub = TestHub::start(Backend::Postgres).await;
    let (all, _) = lonni_at_the_hospital(&hub).await;
    let other = hub.twin().await;
    let holder = delt_server::profile::Holder::Professional(delt_tests::hub::sample("kard"));
    let doctor = hub
        .connect(other.api, EHR, Some(hub.token(&holder, EHR, &[])))
        .await;
    assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
    let citizen = hub.citizen(LONNI).await;
    for _ in 0..3 {
        let id = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        assert_eq!(
            search(&doctor, LONNI).await.unwrap().total,
            all - of_midtjylland()
        );
        end_consent(&citizen, LONNI, &id).await;
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
    }
    other.stop().await;
}
