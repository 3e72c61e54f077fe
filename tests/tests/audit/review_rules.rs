//! The rules of review over a hub that serves: what they find and what not, once, and by whom it is seen.

use std::collections::BTreeSet;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::{EntryFilter, SearchEntriesRequest};
use delt_client::proto::patient::v1::RegisterDemographicsRequest;
use delt_client::proto::record::v1::SearchRecordRequest;
use delt_client::proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use delt_client::proto::review::v1::{ReviewCase, ReviewCaseKind as Kind};
use delt_hub::Hub;
use delt_server::config::Config;
use delt_server::profile::{Holder, Masked, Professional};
use delt_tests::calls::{everything, refusal, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, GP, LARS, LONNI, REGION_M, cpr};
use delt_tests::glass::{auditor_at, broken, case, cases, essential};
use delt_tests::hub::{Backend, TestHub, sample};
use delt_tests::on_both;
use delt_tests::postgres::Postgres;
use delt_tests::samples::{EHR, GP_TESTBY, REGION_HOVEDSTADEN, REGION_MIDTJYLLAND, search};
use delt_tests::served::Served;
use delt_tests::timed::TimedHub;
use time::macros::datetime;
use tonic::Code;

/// Where the orthopaedic surgeon works.
const ORTHOPAEDICS: &str = "990221000016007";

/// Limits that a test reaches.
fn strict(config: &mut Config) {
    let review = &mut config.review;
    review.interval_ms = 100;
    review.no_relation.break_glass = true;
    review.many_patients.patients = 2;
    review.many_places.places = 2;
    review.outside_hours.at_least = 2;
}

/// Waits until the rules have looked at everything that was done.
async fn looked_at(hub: &Hub) {
    for _ in 0..200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let sealed = hub.log_health().await.unwrap().seal_lag == 0;
        if sealed && hub.review_lag().await.unwrap() == 0 {
            return;
        }
    }
    panic!("the rules do not come to the end of the log");
}

/// The cases so far, as the one who follows up on everybody sees them.
async fn found(timed: &TimedHub) -> Vec<ReviewCase> {
    // The next entry is younger than all before, so that nothing waits unseen.
    timed.pass(1);
    let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
    looked_at(&timed.hub.running.hub).await;
    cases(&supervisor).await
}

fn kinds(cases: &[ReviewCase]) -> Vec<Kind> {
    let mut kinds: Vec<_> = cases.iter().map(ReviewCase::kind).collect();
    kinds.sort();
    kinds
}

/// What a register tells of somebody.
async fn told(timed: &TimedHub, person: &str, family_name: &str, address: &str) {
    let request = RegisterDemographicsRequest {
        patient: Some(cpr(person)),
        family_name: family_name.to_owned(),
        address: address.to_owned(),
        ..RegisterDemographicsRequest::default()
    };
    let register = timed.hub.system("personregister").await;
    register
        .patients()
        .register_demographics(request)
        .await
        .unwrap();
}

/// The cardiologist, whose token tells the own number where there is one.
async fn cardiologist(timed: &TimedHub, own: Option<&str>) -> Connection {
    let holder = Holder::Professional(Professional {
        cpr: own.map(|number| Masked(number.to_owned())),
        ..sample("kard")
    });
    timed.person(&holder, EHR, &[]).await
}

/// These people are treated at the cardiology.
async fn admitted(timed: &TimedHub, people: &[&str]) {
    for person in people {
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(person)).await;
    }
}

async fn looks(reader: &Connection, people: &[&str]) {
    for person in people {
        search(reader, person).await.unwrap();
    }
}

on_both! {
    async fn many_patients_of_a_day_make_one_case_with_what_led_up_to_it(backend) {
        let timed = TimedHub::start_with(backend, strict).await;
        admitted(&timed, &[LONNI, EINER, LARS]).await;
        let reader = cardiologist(&timed, None).await;
        looks(&reader, &[LONNI, EINER, LONNI]).await;
        assert_eq!(kinds(&found(&timed).await), []);
        looks(&reader, &[LARS]).await;
        let opened = found(&timed).await;
        let [one] = opened.as_slice() else { panic!("{:?}", kinds(&opened)) };
        assert_eq!((one.kind(), one.detail.as_str()), (Kind::ManyPatients, "patients>2 day=2026-11-23"));
        assert_eq!((one.authorisation_id.as_str(), one.organisation.as_str()), ("9RK1H", CARDIOLOGY));
        assert_eq!(one.patient_key, "", "it is about no single patient");
        // What follows on the same day is more evidence for the same case.
        looks(&reader, &[EINER]).await;
        found(&timed).await;
        let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
        let whole = case(&supervisor, one.number).await.unwrap();
        assert_eq!(whole.evidence_entry_ids.len(), 4);
        assert!(whole.evidence_entry_ids.contains(&whole.audit_entry_id));
        // Another day is counted for itself.
        timed.wait_until(datetime!(2026-11-24 09:00 UTC));
        let reader = cardiologist(&timed, None).await;
        looks(&reader, &[LONNI, EINER]).await;
        assert_eq!(kinds(&found(&timed).await), [Kind::ManyPatients]);
    }

    async fn who_shares_name_or_address_with_the_patient_is_found(backend) {
        let timed = TimedHub::start_with(backend, |_| {}).await;
        admitted(&timed, &[LONNI, EINER, LARS]).await;
        // By the name in the token, where no register has told of who looks.
        told(&timed, LONNI, "RAVNKILDE-HOLM", "").await;
        told(&timed, LARS, "Berggren", "Birkevænget 4, 8600 Silkeborg").await;
        looks(&cardiologist(&timed, None).await, &[LONNI, LONNI, EINER, LARS]).await;
        let by_name = found(&timed).await;
        assert_eq!(kinds(&by_name), [Kind::SameFamilyName]);
        assert_eq!(by_name[0].detail, "by=token day=2026-11-23");
        // By what the register told of both.
        told(&timed, EINER, "Berggren", "Birkevaenget 4 8600 silkeborg").await;
        looks(&cardiologist(&timed, Some(EINER)).await, &[LARS]).await;
        let by_register = found(&timed).await;
        assert_eq!(kinds(&by_register), [Kind::SameFamilyName, Kind::SameFamilyName, Kind::SameAddress]);
        // What is taken back is gone.
        timed.wait_until(datetime!(2026-11-25 09:00 UTC));
        told(&timed, LARS, "", "").await;
        looks(&cardiologist(&timed, Some(EINER)).await, &[LARS]).await;
        assert_eq!(found(&timed).await.len(), 3);
    }

    async fn only_a_register_of_persons_tells_names_and_addresses(backend) {
        let hub = TestHub::start(backend).await;
        let request = |family_name: &str| RegisterDemographicsRequest {
            patient: Some(cpr(LONNI)),
            family_name: family_name.to_owned(),
            ..RegisterDemographicsRequest::default()
        };
        for system in [EHR, "operator-cli", "sundhedsportal"] {
            let refused = hub.system(system).await.patients().register_demographics(request("Lauridsen")).await;
            assert_eq!(refusal(&refused).0, Code::PermissionDenied, "{system}");
        }
        let register = hub.system("personregister").await;
        let wrong = register.patients().register_demographics(request(&"x".repeat(201))).await;
        assert_eq!(refusal(&wrong).0, Code::InvalidArgument);
        let receipt = register.patients().register_demographics(request("Sjældensen")).await.unwrap().receipt;
        assert!(receipt.is_some());
        let logged = delt_tests::samples::entries(&hub, delt_tests::samples::of("RegisterDemographics")).await;
        assert_eq!(logged.len(), 5);
        let text = logged.iter().map(|entry| String::from_utf8(entry.to_canonical().unwrap()).unwrap());
        assert!(!text.collect::<String>().contains("Sjældensen"));
    }

    async fn colleagues_as_patients_are_found_and_the_own_record(backend) {
        let timed = TimedHub::start_with(backend, |_| {}).await;
        admitted(&timed, &[LONNI, EINER]).await;
        let reader = cardiologist(&timed, None).await;
        looks(&reader, &[EINER]).await;
        assert_eq!(kinds(&found(&timed).await), []);
        // From now on the log has seen Einer's number at work there.
        let nurse = Holder::Professional(Professional {
            cpr: Some(Masked(EINER.to_owned())),
            organisation: CARDIOLOGY.to_owned(),
            ..sample("sgpl")
        });
        let nurse = timed.person(&nurse, EHR, &[]).await;
        looks(&nurse, &[LONNI]).await;
        looks(&reader, &[EINER]).await;
        let opened = found(&timed).await;
        assert_eq!(kinds(&opened), [Kind::Colleague]);
        assert_eq!(opened[0].detail, "same-organisation day=2026-11-23");
        looks(&nurse, &[EINER]).await;
        let opened = found(&timed).await;
        assert_eq!(opened[1].detail, "own-record day=2026-11-23");
        assert_eq!(opened.len(), 2);
    }

    async fn many_places_night_work_and_a_look_without_a_relation_are_found(backend) {
        let timed = TimedHub::start_with(backend, strict).await;
        treats(&timed.hub, GP, GP_TESTBY, cpr(LONNI)).await;
        let gp = timed.professional("gp", GP, &[]).await;
        looks(&gp, &[LONNI, LONNI]).await;
        assert_eq!(kinds(&found(&timed).await), [], "a clinic at ten in the morning");
        // Two more places: one treats her, one breaks the glass.
        admitted(&timed, &[LONNI]).await;
        looks(&cardiologist(&timed, None).await, &[LONNI]).await;
        let surgeon = timed.professional("orto", REGION_M, &["BTG"]).await;
        broken(&surgeon, essential("bevidstløs, kan ikke spørges")).await.unwrap();
        let opened = found(&timed).await;
        assert_eq!(kinds(&opened), [Kind::BreakGlass, Kind::NoRelation, Kind::ManyPlaces]);
        let places = opened.iter().find(|case| case.kind() == Kind::ManyPlaces).unwrap();
        assert_eq!((places.person_id.as_str(), places.detail.as_str()), ("", "places>2 day=2026-11-23"));
        let unrelated = opened.iter().find(|case| case.kind() == Kind::NoRelation).unwrap();
        assert_eq!((unrelated.organisation.as_str(), unrelated.detail.as_str()), (ORTHOPAEDICS, "purpose=BTG day=2026-11-23"));
        // Half past eight in the evening in Denmark; a hospital does not mind.
        timed.wait_until(datetime!(2026-11-24 19:30 UTC));
        looks(&cardiologist(&timed, None).await, &[LONNI, LONNI]).await;
        let gp = timed.professional("gp", GP, &[]).await;
        looks(&gp, &[LONNI]).await;
        assert_eq!(found(&timed).await.len(), 3);
        looks(&gp, &[LONNI]).await;
        let opened = found(&timed).await;
        let night = opened.last().unwrap();
        assert_eq!((opened.len(), night.kind()), (4, Kind::OutsideHours));
        assert_eq!(night.detail, "looks>=2 hours=06:00-20:00 day=2026-11-24");
    }

    async fn what_was_refused_and_what_citizens_and_systems_do_is_no_look(backend) {
        let timed = TimedHub::start_with(backend, |config| {
            strict(config);
            config.review.many_patients.patients = 1;
            config.review.many_places.places = 1;
        }).await;
        let reader = cardiologist(&timed, None).await;
        for person in [LONNI, EINER, LARS] {
            search(&reader, person).await.unwrap_err();
            let citizen = timed.citizen(person).await;
            // Lars is a child.
            drop(citizen.record().search(everything(cpr(person))).await);
        }
        assert_eq!(kinds(&found(&timed).await), []);
    }

    async fn an_auditor_sees_the_cases_of_the_own_users_only(backend) {
        let timed = TimedHub::start_with(backend, |_| {}).await;
        told(&timed, LONNI, "Ravnkilde-Holm", "").await;
        admitted(&timed, &[LONNI]).await;
        looks(&cardiologist(&timed, None).await, &[LONNI]).await;
        let opened = found(&timed).await;
        assert_eq!(kinds(&opened), [Kind::SameFamilyName]);
        let auditor = |organisation: &str| Holder::Professional(Professional {
            organisation: organisation.to_owned(),
            ..sample("auditor")
        });
        for (organisation, sees) in [(REGION_HOVEDSTADEN, 1), (REGION_MIDTJYLLAND, 0), (GP_TESTBY, 0)] {
            let auditor = timed.person(&auditor(organisation), "tilsyn", &[]).await;
            assert_eq!(cases(&auditor).await.len(), sees, "{organisation}");
            assert_eq!(case(&auditor, opened[0].number).await.is_ok(), sees == 1);
        }
    }

    async fn two_hubs_find_each_thing_once(backend) {
        let timed = TimedHub::start_with(backend, strict).await;
        let people = ["0108629996", "2512489996", "0201609995", "0201609996", "1502779995", "0211223989"];
        admitted(&timed, &people).await;
        let twin = match backend {
            Backend::Postgres => Some(timed.twin().await),
            Backend::Sqlite => None,
        };
        for person in people {
            told(&timed, person, "Ravnkilde-Holm", "").await;
        }
        let reader = cardiologist(&timed, None).await;
        for _ in 0..20 {
            looks(&reader, &people).await;
        }
        let opened = found(&timed).await;
        let mut expected = vec![Kind::ManyPatients];
        expected.extend([Kind::SameFamilyName; 6]);
        assert_eq!(kinds(&opened), expected);
        let numbers: Vec<_> = opened.iter().map(|case| case.number).collect();
        assert_eq!(numbers, (1..=7).collect::<Vec<_>>(), "none is skipped");
        let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
        for case in opened {
            let whole = delt_tests::glass::case(&supervisor, case.number).await.unwrap();
            let looks = if case.kind() == Kind::ManyPatients { 50 } else { 20 };
            assert_eq!(whole.evidence_entry_ids.len(), looks, "each look once");
        }
        if let Some(twin) = twin {
            twin.stop().await;
        }
    }

    async fn a_hub_that_starts_again_goes_on_where_it_was(backend) {
        wait_past_midnight().await;
        let hub = TestHub::start_with(backend, &delt_server::profile::SourceAddresses::default(), strict).await;
        for person in [LONNI, EINER, LARS] {
            treats(&hub, EHR, CARDIOLOGY, cpr(person)).await;
        }
        looks(&hub.professional("kard", EHR).await, &[LONNI, EINER]).await;
        looked_at(&hub.running.hub).await;
        assert_eq!(cases(&hub.supervisor().await).await.len(), 0);
        let hub = hub.restart().await;
        looks(&hub.professional("kard", EHR).await, &[LARS]).await;
        looked_at(&hub.running.hub).await;
        let supervisor = hub.supervisor().await;
        let opened = cases(&supervisor).await;
        assert_eq!(kinds(&opened), [Kind::ManyPatients]);
        let whole = case(&supervisor, opened[0].number).await.unwrap();
        assert_eq!(whole.evidence_entry_ids.len(), 3, "two from before");
        let stranger = auditor_at(&hub, REGION_MIDTJYLLAND).await;
        assert_eq!(cases(&stranger).await.len(), 0);
    }
}

/// The days of the rules are Danish ones, and this test takes some seconds of one.
async fn wait_past_midnight() {
    let now = delt_tests::hub::now();
    if [21, 22, 23].contains(&now.hour()) && now.minute() == 59 {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
}

/// The cardiologist looks at Lonni so often at most, until the hub is gone.
async fn looks_until_killed(hub: &Served, times: usize) {
    let reader = hub.professional("kard", EHR).await;
    for _ in 0..times {
        let request = SearchRecordRequest {
            page_size: 1,
            ..everything(cpr(LONNI))
        };
        if reader.record().search(request).await.is_err() {
            return;
        }
    }
}

/// What the log has of those looks, whether or not they were answered.
async fn looks_in_the_log(hub: &Served) -> BTreeSet<String> {
    let filter = EntryFilter {
        operation: "SearchRecord".to_owned(),
        outcome: "permitted".to_owned(),
        ..EntryFilter::default()
    };
    let request = SearchEntriesRequest {
        filter: Some(filter),
        page_size: 500,
        ..SearchEntriesRequest::default()
    };
    let supervisor = hub.professional("dpo", "tilsyn").await;
    let found = supervisor.audit().search(request).await.unwrap().entries;
    found.into_iter().map(|entry| entry.entry_id).collect()
}

async fn kills_neither_miss_nor_double(store: Option<String>) {
    wait_past_midnight().await;
    let mut hub = Served::start(store);
    let relation = TreatmentRelation {
        kind: RelationKind::Admission.into(),
        organisation: CARDIOLOGY.to_owned(),
        ..TreatmentRelation::default()
    };
    let request = RegisterRelationRequest {
        patient: Some(cpr(LONNI)),
        relation: Some(relation),
        ..RegisterRelationRequest::default()
    };
    hub.system(EHR)
        .await
        .relations()
        .register(request)
        .await
        .unwrap();
    let request = RegisterDemographicsRequest {
        patient: Some(cpr(LONNI)),
        family_name: "Ravnkilde-Holm".to_owned(),
        ..RegisterDemographicsRequest::default()
    };
    let register = hub.system("personregister").await;
    register
        .patients()
        .register_demographics(request)
        .await
        .unwrap();
    // The rules look every two seconds: some kills hit them at it, some before, some after.
    for moment in [300, 2_020, 2_100, 3_000, 4_040] {
        tokio::join!(
            looks_until_killed(&hub, 8),
            tokio::time::sleep(Duration::from_millis(moment))
        );
        tokio::task::block_in_place(|| hub.process.kill());
        tokio::task::block_in_place(|| hub.restart());
    }
    let looked = looks_in_the_log(&hub).await;
    assert!((8..=50).contains(&looked.len()), "{}", looked.len());
    let supervisor = hub.professional("dpo", "tilsyn").await;
    let mut evidence = BTreeSet::new();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        if let Ok(found) = case(&supervisor, 1).await {
            evidence = found.evidence_entry_ids.into_iter().collect();
        }
        if evidence.len() >= looked.len() {
            break;
        }
    }
    assert_eq!(evidence, looked);
    assert_eq!(kinds(&cases(&supervisor).await), [Kind::SameFamilyName]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hub_misses_no_look_and_doubles_no_case_on_sqlite() {
    Box::pin(kills_neither_miss_nor_double(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hub_misses_no_look_and_doubles_no_case_on_postgres() {
    let url = tokio::task::spawn_blocking(|| Postgres::shared().database());
    Box::pin(kills_neither_miss_nor_double(Some(url.await.unwrap()))).await;
}
