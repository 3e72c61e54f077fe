//! "Who looked at my data": visits, and what shows that none is missing from them.

mod complete;
mod names;

use delt_client::Connection;
use delt_client::proto::audit::v1::{
    ListPatientChainRequest, ListPatientVisitsRequest, PatientVisit,
};
use delt_client::proto::delegation::v1::{
    RegisterRepresentationRequest, Representation, RepresentationKind, Right,
};
use delt_client::proto::document::v1::DocumentEntry;
use delt_client::proto::patient::v1::MergePatientRequest;
use delt_server::profile::{Holder, Professional, RoleCode};
use delt_tests::calls::{self, everything, fetch, pointer, treats};
use delt_tests::entries::{CARDIOLOGY, GP, LONNI, REGION_H, X_ECPR, code, cpr, note, number};
use delt_tests::glass::essential;
use delt_tests::hub::sample;
use delt_tests::on_both;
use delt_tests::samples::{EHR, GP_TESTBY, search, search_for};
use delt_tests::timed::{DAY, TimedHub};
use sqlx::{Connection as _, PgConnection, SqliteConnection};

/// Official test persons: a mother and her child of 6.
const KIRSTEN: &str = "2911829996";
const RIKKE: &str = "0505209996";
/// Whose professionals do not treat Lonni.
const OTHER_PRACTICE: &str = "gp-gudenaadal";
const HOUR: i64 = 3_600;
const REASON: &str = "Bevidstløs efter et fald, og medicinen er ukendt";

async fn visits_in(reader: &Connection, person: &str, page_size: i32) -> Vec<PatientVisit> {
    let mut request = ListPatientVisitsRequest {
        patient: Some(cpr(person)),
        page_size,
        ..Default::default()
    };
    let mut visits = Vec::new();
    loop {
        let page = reader.audit().visits(request.clone()).await.unwrap();
        assert!(page.visits.len() <= usize::try_from(page_size).unwrap());
        visits.extend(page.visits);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return visits;
        }
    }
}

async fn visits(reader: &Connection, person: &str) -> Vec<PatientVisit> {
    visits_in(reader, person, 50).await
}

/// Until everything that was logged so far stands in a checkpoint.
async fn sealed() {
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
}

fn count(visit: &PatientVisit, operation: &str) -> u32 {
    visit.operations.get(operation).copied().unwrap_or_default()
}

on_both! {
    async fn calls_make_visits_by_actor_purpose_and_pause(backend) {
        let timed = TimedHub::start(backend).await;
        let entry = note(REGION_H, LONNI);
        let source = timed.hub.system(REGION_H).await;
        calls::register(&source, &entry).await;
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        for hours in [0, 1, 3] {
            timed.pass(hours * HOUR);
            let doctor = timed.professional("kard", EHR, &[]).await;
            search(&doctor, LONNI).await.unwrap();
            timed.pass(60);
            drop(fetch(&doctor, cpr(LONNI), &entry.entry_uuid).await);
            timed.pass(1);
            let stranger = timed.professional("gp2", OTHER_PRACTICE, &[]).await;
            search(&stranger, LONNI).await.unwrap_err();
        }
        timed.pass(5 * HOUR);
        let doctor = timed.professional("kard", EHR, &[]).await;
        search(&doctor, LONNI).await.unwrap();
        let glass = timed.professional("reserve", EHR, &["TREAT", "BTG"]).await;
        timed.pass(1);
        search_for(&glass, LONNI, Some(essential(REASON))).await.unwrap();
        timed.pass(1);
        pointer(&source, &entry.entry_uuid).await.unwrap();
        timed.pass(1);
        let citizen = timed.citizen(LONNI).await;
        search(&citizen, LONNI).await.unwrap();

        let seen = visits(&citizen, LONNI).await;
        let [system, glass, later, refused, earlier] = seen.as_slice() else { panic!("{seen:?}") };
        assert_eq!((system.system_id.as_str(), count(system, "GetDocument")), (REGION_H, 1));
        assert_eq!((glass.purpose_of_use.as_str(), glass.override_reason.as_str()), ("BTG", REASON));
        assert!(glass.grounds.iter().any(|ground| ground.rule == "break-glass"));
        assert!(glass.texts.iter().any(|told| told.language == "da"));
        assert_eq!(later.entries.len(), 1);
        assert_eq!((refused.outcome.as_str(), count(refused, "SearchRecord")), ("denied", 3));
        assert!(refused.kinds.is_empty());
        assert_eq!(earlier.person_name, "Signe Ravnkilde-Holm");
        assert_eq!(earlier.organisation, CARDIOLOGY);
        assert_eq!(count(earlier, "SearchRecord"), 3);
        let kind = &earlier.kinds[0];
        assert_eq!((kind.class_code.as_str(), kind.type_code.as_str(), kind.documents), ("001", "CMR", 1));
        for page_size in 1..4 {
            let paged = visits_in(&citizen, LONNI, page_size).await;
            let shape = |visits: &[PatientVisit]| -> Vec<_> {
                visits.iter().map(|visit| visit.entries.clone()).collect()
            };
            assert_eq!(shape(&paged), shape(&seen));
        }
        timed.pass(3 * 365 * DAY);
        let citizen = timed.citizen(LONNI).await;
        assert!(visits(&citizen, LONNI).await.is_empty(), "two years have passed");
    }

    async fn a_representative_is_not_told_of_what_they_may_not_see(backend) {
        let timed = TimedHub::start(backend).await;
        let custody = Representation {
            kind: RepresentationKind::Custody.into(),
            rights: [Right::ReadRecord, Right::SeeAccesses].map(Into::into).into(),
            representative: Some(cpr(KIRSTEN)),
            ..Representation::default()
        };
        let request = RegisterRepresentationRequest {
            patient: Some(cpr(RIKKE)),
            representation: Some(custody),
            ..RegisterRepresentationRequest::default()
        };
        timed.hub.system("personregister").await.delegations().represent(request).await.unwrap();
        let source = timed.hub.system(GP).await;
        let restricted = DocumentEntry {
            confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "R")],
            ..note(GP, RIKKE)
        };
        for entry in [&note(GP, RIKKE), &restricted] {
            calls::register(&source, entry).await;
        }
        treats(&timed.hub, GP, GP_TESTBY, cpr(RIKKE)).await;
        let doctor = timed.professional("reserve", EHR, &["TREAT", "BTG"]).await;
        search_for(&doctor, RIKKE, Some(essential(REASON))).await.unwrap();
        timed.pass(1);
        let mother = timed.citizen_for(KIRSTEN, RIKKE, "custody").await;
        let seen = visits(&mother, RIKKE).await;
        assert_eq!(seen.len(), 1);
        assert!(seen[0].override_reason.is_empty());
        let told: u32 = seen[0].kinds.iter().map(|kind| kind.documents).sum();
        assert_eq!(told, 1, "the restricted one is not told of");
        let child = timed.citizen(RIKKE).await;
        drop(child);
        timed.pass(1);
        let again = visits(&mother, RIKKE).await;
        assert_eq!((again[0].relation.as_str(), count(&again[0], "ListOwnAccesses")), ("custody", 1));
    }

    async fn a_helper_is_told_of_with_whom_they_acted_under(backend) {
        let timed = TimedHub::start(backend).await;
        treats(&timed.hub, GP, GP_TESTBY, cpr(LONNI)).await;
        calls::register(&timed.hub.system(GP).await, &note(GP, LONNI)).await;
        let helper = timed.helper("sekr", "gp", GP, &[]).await;
        search(&helper, LONNI).await.unwrap_err();
        timed.pass(1);
        let seen = visits(&timed.citizen(LONNI).await, LONNI).await;
        assert_eq!((seen.len(), seen[0].outcome.as_str()), (1, "denied"));
        assert!(!seen[0].responsible_name.is_empty() && !seen[0].responsible_role.is_empty());
        assert_ne!(seen[0].person_name, seen[0].responsible_name);
        assert!(!seen[0].texts.is_empty(), "a refusal says why");
    }

    async fn visits_under_any_of_the_citizens_numbers_are_listed_once(backend) {
        let timed = TimedHub::start(backend).await;
        let old = number(X_ECPR, "0203291WQ3");
        treats(&timed.hub, REGION_H, CARDIOLOGY, old.clone()).await;
        let doctor = timed.professional("kard", EHR, &[]).await;
        doctor.record().search(everything(old.clone())).await.unwrap();
        let merge = MergePatientRequest { context: None, old: Some(old), new: Some(cpr(LONNI)) };
        let holder = Holder::Professional(Professional {
            role: RoleCode { system: "urn:delt:role".to_owned(), code: "operator".to_owned() },
            ..sample("dpo")
        });
        let operator = timed.person(&holder, "operator-cli", &[]).await;
        operator.patients().merge(merge).await.unwrap();
        timed.pass(60);
        search(&doctor, LONNI).await.unwrap();
        sealed().await;
        let citizen = timed.citizen(LONNI).await;
        let seen = visits(&citizen, LONNI).await;
        assert_eq!(seen.len(), 1, "{seen:?}");
        assert_eq!(count(&seen[0], "SearchRecord"), 2);
        let request = ListPatientChainRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        let chains = citizen.audit().chain(request).await.unwrap().chains;
        assert_eq!(chains.len(), 2);
        assert!(chains.iter().all(|chain| !chain.statement.is_empty() && !chain.entries.is_empty()));
    }

    async fn a_page_does_not_read_all_that_was_ever_logged(backend) {
        let timed = TimedHub::start(backend).await;
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        for _ in 0..12 {
            timed.pass(DAY);
            let doctor = timed.professional("kard", EHR, &[]).await;
            for _ in 0..40 {
                search(&doctor, LONNI).await.unwrap();
            }
        }
        timed.pass(1);
        // What is older than the first step of entries cannot be read any more, and is not missed by a page that ends before it.
        let url = timed.hub.config().store.connection_url().unwrap();
        on_store(url.as_str(), "UPDATE log_entry SET payload = salt WHERE patient_number < 200").await;
        let citizen = timed.citizen(LONNI).await;
        let request = ListPatientVisitsRequest { patient: Some(cpr(LONNI)), page_size: 2, ..Default::default() };
        let page = citizen.audit().visits(request).await.unwrap();
        assert_eq!(page.visits.len(), 2);
        assert!(page.visits.iter().all(|visit| count(visit, "SearchRecord") == 40));
        assert!(!page.next_page_token.is_empty());
    }
}

/// Runs a statement on the store, behind the hub's back.
async fn on_store(url: &str, statement: &'static str) {
    if url.starts_with("sqlite:") {
        let mut store = SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut store).await.unwrap();
        store.close().await.unwrap();
    } else {
        let mut store = PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql(statement).execute(&mut store).await.unwrap();
        store.close().await.unwrap();
    }
}
