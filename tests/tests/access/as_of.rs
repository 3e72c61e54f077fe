//! Who could see what at an earlier time, from history: the answer is the one that was given then.

use std::fs;
use std::path::Path;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::common::v1::Identifier;
use delt_client::proto::consent::v1::{ExplainAccessRequest, ExplainAccessResponse, What, Who};
use delt_client::proto::document::v1::{AvailabilityStatus, RelationCode};
use delt_client::proto::patient::v1::LinkPatientRequest;
use delt_client::proto::relation::v1::{EndRelationRequest, ListRelationsRequest};
use delt_server::profile::SourceAddresses;
use delt_tests::calls::{is_not_found, operator, register, set_status, treats};
use delt_tests::entries::{
    CARDIOLOGY, EINER, GP, HEART_CLINIC, LONNI, REGION_H, cpr, note, related,
};
use delt_tests::hub::{Backend, TestHub, now};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, REGION_MIDTJYLLAND, block, block_of, consent, end_consent, register_record,
    within,
};
use prost_types::Timestamp;

/// Physicians read plans and nothing else.
const PLANS: &str = r#"@id("physician-reads-plans-only")
forbid (principal == Delt::Professional::"laege", action in Delt::Action::"ReadRecord", resource)
unless { resource == Delt::DocumentClass::"care-plan" };
"#;

fn about(person: Identifier, role: &str, place: &str) -> ExplainAccessRequest {
    ExplainAccessRequest {
        patient: Some(person),
        role: role.to_owned(),
        organisation: place.to_owned(),
        ..ExplainAccessRequest::default()
    }
}

/// This very moment, to the microsecond.
fn instant() -> Timestamp {
    let now = now();
    Timestamp {
        seconds: now.unix_timestamp(),
        nanos: i32::try_from(now.microsecond() * 1_000).unwrap(),
    }
}

/// Without the receipt, which is another each time.
async fn ask(caller: &Connection, request: ExplainAccessRequest) -> ExplainAccessResponse {
    let answer = caller.consents().explain(request).await.unwrap();
    ExplainAccessResponse {
        receipt: None,
        ..answer
    }
}

/// What was asked, answered, and when.
struct Past {
    citizen: Connection,
    answers: Vec<(ExplainAccessRequest, Timestamp, ExplainAccessResponse)>,
}

impl Past {
    /// Asks about everybody and about the cardiologist, and keeps it.
    async fn remember(&mut self) {
        for request in [
            about(cpr(LONNI), "", ""),
            about(cpr(LONNI), "laege", CARDIOLOGY),
        ] {
            let answer = ask(&self.citizen, request.clone()).await;
            self.answers.push((request, instant(), answer));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Asks the same again about those times.
    async fn replay(&self) {
        let mut told = Vec::new();
        for (step, (request, at, then)) in self.answers.iter().enumerate() {
            let request = ExplainAccessRequest {
                as_of_time: Some(*at),
                ..request.clone()
            };
            assert_eq!(&ask(&self.citizen, request).await, then, "step {step}");
            told.push((
                then.admitted,
                then.visible,
                then.withheld_by_consent,
                then.withheld_by_role,
            ));
        }
        // Each step changed something, so that a replay that looks at the present would fail.
        for (step, both) in told.chunks(2).zip(told.chunks(2).skip(1)).enumerate() {
            assert_ne!(both.0, both.1, "step {step} changed nothing");
        }
    }
}

async fn end_relation(hub: &TestHub, citizen: &Connection, place: &str) {
    let list = ListRelationsRequest {
        patient: Some(cpr(LONNI)),
        ..ListRelationsRequest::default()
    };
    let relations = citizen.relations().list(list).await.unwrap().relations;
    let found = relations
        .into_iter()
        .find(|known| known.organisation == place);
    let request = EndRelationRequest {
        patient: Some(cpr(LONNI)),
        relation_id: found.unwrap().relation_id,
        ..EndRelationRequest::default()
    };
    hub.system(EHR)
        .await
        .relations()
        .end(request)
        .await
        .unwrap();
}

/// A hub whose policies can be changed.
async fn changeable(backend: Backend, folder: &Path) -> TestHub {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policy");
    for file in fs::read_dir(own).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    let dir = folder.to_owned();
    TestHub::start_with(backend, &SourceAddresses::default(), |config| {
        config.policy.dir = Some(dir);
    })
    .await
}

on_both! {
    async fn the_answer_about_a_time_is_the_one_that_was_given_then(backend) {
        let folder = tempfile::tempdir().unwrap();
        let hub = changeable(backend, folder.path()).await;
        let citizen = hub.citizen(LONNI).await;
        let mut past = Past { citizen: citizen.clone(), answers: Vec::new() };
        register_record(&hub, LONNI).await;
        past.remember().await;
        treats(&hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        past.remember().await;
        let blocked = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        past.remember().await;
        let first = note(REGION_H, LONNI);
        register(&hub.system(REGION_H).await, &first).await;
        past.remember().await;
        end_consent(&citizen, LONNI, &blocked).await;
        past.remember().await;
        fs::write(folder.path().join("plans.cedar"), PLANS).unwrap();
        hub.running.reload(hub.config()).await.unwrap();
        past.remember().await;
        fs::remove_file(folder.path().join("plans.cedar")).unwrap();
        hub.running.reload(hub.config()).await.unwrap();
        past.remember().await;
        let source = hub.system(REGION_H).await;
        let addendum = note(REGION_H, LONNI);
        register(&source, &addendum).await;
        past.remember().await;
        set_status(&source, &addendum.entry_uuid, AvailabilityStatus::Deprecated).await.unwrap();
        past.remember().await;
        let einer = note(REGION_H, EINER);
        register(&source, &einer).await;
        let linked = LinkPatientRequest { patient: Some(cpr(LONNI)), other: Some(cpr(EINER)), ..Default::default() };
        operator(&hub).await.patients().link(linked).await.unwrap();
        past.remember().await;
        let who = Who { organisation: within(HEART_CLINIC), ..Who::default() };
        consent(&citizen, LONNI, block(What::default(), who)).await;
        let all = consent(&citizen, LONNI, block(What::default(), Who::default())).await;
        past.remember().await;
        end_consent(&citizen, LONNI, &all).await;
        past.remember().await;
        end_relation(&hub, &citizen, CARDIOLOGY).await;
        past.remember().await;
        past.replay().await;
        let hub = hub.restart().await;
        past.citizen = hub.citizen(LONNI).await;
        past.replay().await;
    }

    async fn one_entry_has_the_status_and_the_existence_that_it_had(backend) {
        let hub = TestHub::start(backend).await;
        treats(&hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        let (citizen, source) = (hub.citizen(LONNI).await, hub.system(REGION_H).await);
        let before = instant();
        let old = note(REGION_H, LONNI);
        register(&source, &old).await;
        let registered = instant();
        let new = related(note(REGION_H, LONNI), RelationCode::Replaces, &old.entry_uuid);
        register(&source, &new).await;
        let replaced = instant();
        set_status(&source, &old.entry_uuid, AvailabilityStatus::Withdrawn).await.unwrap();
        let all_at = |at| ExplainAccessRequest { as_of_time: Some(at), ..about(cpr(LONNI), "laege", CARDIOLOGY) };
        let one_at = |at| ExplainAccessRequest { entry_uuid: old.entry_uuid.clone(), ..all_at(at) };
        for (at, of_all) in [(before, 0), (registered, 1), (replaced, 1)] {
            assert_eq!(ask(&citizen, all_at(at)).await.visible, of_all);
        }
        for at in [registered, replaced] {
            assert_eq!(ask(&citizen, one_at(at)).await.visible, 1);
        }
        for at in [before, instant()] {
            let answer = citizen.consents().explain(one_at(at)).await;
            assert!(is_not_found(&answer), "{answer:?}");
        }
    }

    async fn before_the_first_policies_the_first_are_used_and_that_is_said(backend) {
        let before = instant();
        let hub = TestHub::start(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let request = about(cpr(LONNI), "laege", GP_TESTBY);
        let then = ask(&citizen, ExplainAccessRequest { as_of_time: Some(before), ..request.clone() }).await;
        assert!(!then.admitted);
        let said = |answer: &ExplainAccessResponse| {
            answer.explanations.iter().any(|told| told.text.starts_with("No role policies are recorded"))
        };
        assert!(said(&then), "{:?}", then.explanations);
        treats(&hub, GP, GP_TESTBY, cpr(LONNI)).await;
        assert!(!said(&ask(&citizen, ExplainAccessRequest { as_of_time: Some(instant()), ..request }).await));
    }
}
