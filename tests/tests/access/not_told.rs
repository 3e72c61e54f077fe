//! What is kept from those who may ask for something like it: who acts for a citizen, who follows up, who is behind a system, who says it too often.

use delt_client::proto::audit::v1::ListPatientAccessesRequest;
use delt_client::proto::common::v1::Period;
use delt_client::proto::consent::v1::{CreateConsentRequest, ExplainAccessRequest, What, Who};
use delt_client::proto::delegation::v1::{
    EndQualityPermissionRequest, QualityPermission, RegisterQualityPermissionRequest,
    RegisterRepresentationRequest, Representation, RepresentationKind, Right,
};
use delt_client::proto::document::v1::DocumentEntry;
use delt_client::proto::relation::v1::AttestRelationRequest;
use delt_tests::calls::{self, fields, is_not_found, refusal, treats};
use delt_tests::entries::{CARDIOLOGY, GP, LONNI, code, cpr, note};
use delt_tests::glass::{essential, inbox_of};
use delt_tests::hub::{TestHub, random_uuid};
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, block, block_of, end_consent, lonni_at_the_hospital, search_for,
};
use delt_tests::timed::{DAY, TimedHub};
use futures_util::future::join_all;
use tonic::Code;

/// Official test persons: a mother and her child of 6.
const KIRSTEN: &str = "2911829996";
const RIKKE: &str = "0505209996";
const REASON: &str = "Bevidstløs efter et fald, og medicinen er ukendt";
const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");

/// A mother who has all the rights that there are for her child.
async fn in_custody(timed: &TimedHub) {
    let rights = [Right::ReadRecord, Right::ManageConsents, Right::SeeAccesses];
    let custody = Representation {
        kind: RepresentationKind::Custody.into(),
        rights: rights.map(Into::into).into(),
        representative: Some(cpr(KIRSTEN)),
        ..Representation::default()
    };
    let request = RegisterRepresentationRequest {
        patient: Some(cpr(RIKKE)),
        representation: Some(custody),
        ..RegisterRepresentationRequest::default()
    };
    let register = timed.hub.system("personregister").await;
    register.delegations().represent(request).await.unwrap();
}

/// What her practitioner sees of the child's record.
fn practitioner() -> ExplainAccessRequest {
    ExplainAccessRequest {
        patient: Some(cpr(RIKKE)),
        role: "laege".to_owned(),
        organisation: GP_TESTBY.to_owned(),
        ..ExplainAccessRequest::default()
    }
}

on_both! {
    async fn a_parent_cannot_sound_out_what_is_restricted(backend) {
        let timed = TimedHub::start(backend).await;
        in_custody(&timed).await;
        let source = timed.hub.system(GP).await;
        let restricted = DocumentEntry {
            confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "R")],
            ..note(GP, RIKKE)
        };
        for entry in [&note(GP, RIKKE), &restricted] {
            calls::register(&source, entry).await;
        }
        treats(&timed.hub, GP, GP_TESTBY, cpr(RIKKE)).await;
        let mother = timed.citizen_for(KIRSTEN, RIKKE, "custody").await;
        let seen = mother.consents().explain(practitioner()).await.unwrap();
        assert_eq!(seen.visible, 1);
        let thought = ExplainAccessRequest {
            what_if: Some(block(What::default(), Who::default())),
            ..practitioner()
        };
        let thought = mother.consents().explain(thought).await.unwrap();
        assert_eq!(thought.what_if.unwrap().entries_hidden, 1);
        let that_one = ExplainAccessRequest { entry_uuid: restricted.entry_uuid, ..practitioner() };
        assert!(is_not_found(&mother.consents().explain(that_one).await));
    }

    async fn the_words_of_a_broken_glass_are_for_the_citizen_alone(backend) {
        let timed = TimedHub::start(backend).await;
        in_custody(&timed).await;
        calls::register(&timed.hub.system(GP).await, &note(GP, RIKKE)).await;
        let doctor = timed.professional("reserve", EHR, &["TREAT", "BTG"]).await;
        search_for(&doctor, RIKKE, Some(essential(REASON))).await.unwrap();
        let mother = timed.citizen_for(KIRSTEN, RIKKE, "custody").await;
        let told = inbox_of(&mother, RIKKE, "").await.unwrap();
        assert_eq!(told.len(), 1);
        assert!(told[0].reason.is_empty(), "a reason is free text, and may tell of what is restricted");
        assert!(!told[0].texts.is_empty());
        let request = ListPatientAccessesRequest { patient: Some(cpr(RIKKE)), ..Default::default() };
        let mut looks = mother.audit().accesses(request).await.unwrap().accesses;
        // That she read the inbox is a look of hers.
        looks.retain(|look| look.operation != "ListNotifications");
        assert_eq!(looks.len(), 1);
        assert!(looks[0].override_reason.is_empty());
    }

    async fn an_auditor_cannot_sound_out_a_record_with_consents_that_are_not_there(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let thought = ExplainAccessRequest {
            patient: Some(cpr(LONNI)),
            role: "laege".to_owned(),
            organisation: CARDIOLOGY.to_owned(),
            what_if: Some(block(What::default(), Who::default())),
            ..ExplainAccessRequest::default()
        };
        for asks in [hub.auditor().await, hub.supervisor().await] {
            let answer = asks.consents().explain(thought.clone()).await;
            assert_eq!(fields(&answer), ["what_if"]);
        }
        hub.citizen(LONNI).await.consents().explain(thought).await.unwrap();
    }

    async fn nobody_permits_themselves_quality_work(backend) {
        let timed = TimedHub::start(backend).await;
        let end = timed.after(30 * DAY);
        let request = RegisterQualityPermissionRequest {
            permission: Some(QualityPermission {
                organisation: CARDIOLOGY.to_owned(),
                authorisation_id: "9RK1H".to_owned(),
                reference: "KVAL-2026-17".to_owned(),
                validity: Some(Period { start: None, end: Some(end) }),
                ..QualityPermission::default()
            }),
            request_id: random_uuid().to_string(),
            context: None,
        };
        let cardiologist = timed.professional("kard", EHR, &[]).await;
        let own = cardiologist.delegations().permit(request.clone()).await;
        assert_eq!(refusal(&own), DENIED);
        let given = timed.hub.system(EHR).await.delegations().permit(request).await.unwrap();
        let ending = EndQualityPermissionRequest {
            organisation: CARDIOLOGY.to_owned(),
            permission_id: given.permission.unwrap().permission_id,
            context: None,
        };
        let ended = cardiologist.delegations().end_permission(ending).await;
        assert_eq!(refusal(&ended), DENIED);
    }

    async fn nobody_registers_consents_without_end(backend) {
        let hub = TestHub::start(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let create = async || {
            let request = CreateConsentRequest {
                patient: Some(cpr(LONNI)),
                consent: Some(block_of(GP_TESTBY)),
                ..CreateConsentRequest::default()
            };
            citizen.consents().create(request).await
        };
        let mut kept = Vec::new();
        for _ in 0..20 {
            kept.extend(join_all((0..25).map(|_| create())).await);
        }
        let first = kept.swap_remove(0).unwrap().consent.unwrap();
        assert!(kept.iter().all(Result::is_ok));
        assert_eq!(refusal(&create().await), (Code::ResourceExhausted, "TOO_MANY"));
        end_consent(&citizen, LONNI, &first.consent_id).await;
        create().await.unwrap();
    }

    async fn nobody_gives_their_word_without_end(backend) {
        let timed = TimedHub::start(backend).await;
        let doctor = timed.professional("reserve", EHR, &[]).await;
        let word = || AttestRelationRequest {
            patient: Some(cpr(LONNI)),
            reason: REASON.to_owned(),
            request_id: random_uuid().to_string(),
            ..AttestRelationRequest::default()
        };
        let last = word();
        for _ in 1..20 {
            doctor.relations().attest(word()).await.unwrap();
        }
        doctor.relations().attest(last.clone()).await.unwrap();
        let more = doctor.relations().attest(word()).await;
        assert_eq!(refusal(&more), (Code::ResourceExhausted, "TOO_MANY"));
        doctor.relations().attest(last).await.unwrap();
    }
}
