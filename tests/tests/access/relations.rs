//! Treatment relations: a professional's own word, what confirms it or does not, and what messages tell of stays.

use std::time::Duration;

use delt_client::proto::consent::v1::{Consent, ConsentKind, Who};
use delt_client::proto::delegation::v1::{DelegateToHelperRequest, Right};
use delt_client::proto::notification::v1::NotificationKind;
use delt_client::proto::relation::v1::{
    AttestRelationRequest, ListRelationAlertsRequest, ListRelationAlertsResponse,
    ListRelationsRequest, RegisterRelationRequest, RelationKind, TreatmentRelation,
};
use delt_client::proto::review::v1::ReviewCaseKind;
use delt_client::{ClientError, Connection};
use delt_tests::calls::{fields, refusal, treats};
use delt_tests::entries::{CARDIOLOGY, EINER, GP, HOSPITAL, LONNI, REGION_M, cpr};
use delt_tests::glass::{cases, inbox_of};
use delt_tests::hub::Backend;
use delt_tests::on_both;
use delt_tests::samples::{
    ADMISSION, CORRESPONDENCE, EHR, LETTER, REGION_MIDTJYLLAND, consent, end_consent, message,
    search, send, take, within,
};
use delt_tests::served::Served;
use delt_tests::timed::{DAY, TimedHub};
use serde_json::{Value, json};
use tonic::Code;

type Result<T> = std::result::Result<T, ClientError>;

const NO_RELATION: (Code, &str) = (Code::PermissionDenied, "NO_TREATMENT_RELATION");
const DENIED: (Code, &str) = (Code::PermissionDenied, "ACCESS_DENIED");
const REASON: &str = "Akut tilsyn på medicinsk afdeling, endnu ikke registreret";
const FHIR: &str = "application/fhir+json";
/// The orthopaedic surgeon of the other region: authorisation id and place.
const SURGEON: (&str, &str) = ("9VX5R", "990221000016007");

async fn attest_with(
    caller: &Connection,
    person: &str,
    reason: &str,
    id: &str,
) -> Result<TreatmentRelation> {
    let request = AttestRelationRequest {
        context: None,
        patient: Some(cpr(person)),
        reason: reason.to_owned(),
        request_id: id.to_owned(),
    };
    let answer = caller.relations().attest(request).await?;
    Ok(answer.relation.expect("the relation comes back"))
}

async fn attest(caller: &Connection, person: &str) -> Result<TreatmentRelation> {
    attest_with(caller, person, REASON, "").await
}

async fn surgeon(timed: &TimedHub) -> Connection {
    timed.professional("orto", REGION_M, &[]).await
}

/// What a citizen sees of who treats them.
async fn relations(timed: &TimedHub, person: &str) -> Vec<TreatmentRelation> {
    let request = ListRelationsRequest {
        context: None,
        patient: Some(cpr(person)),
        include_ended: true,
    };
    let citizen = timed.citizen(person).await;
    let answer = citizen.relations().list(request).await;
    answer.expect("citizens see who treats them").relations
}

async fn alerts(
    caller: &Connection,
    after: u64,
    page_size: u32,
) -> Result<ListRelationAlertsResponse> {
    let request = ListRelationAlertsRequest {
        context: None,
        after_number: after,
        page_size,
    };
    caller.relations().alerts(request).await
}

fn numbers(answer: &ListRelationAlertsResponse) -> Vec<u64> {
    answer.alerts.iter().map(|alert| alert.number).collect()
}

/// Waits until so many alerts are raised.
async fn raised(timed: &TimedHub, count: usize) -> ListRelationAlertsResponse {
    let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
    for _ in 0..200 {
        let answer = alerts(&supervisor, 0, 500).await.unwrap();
        if answer.alerts.len() >= count {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no alert was raised");
}

/// So many turns of the worker that none can be still to come.
async fn turns() {
    tokio::time::sleep(Duration::from_millis(600)).await;
}

/// The sample notification of an admission as another message: its activity, the status of the stay, and the moments of the stay as FHIR writes them.
fn notice(timed: &TimedHub, number: u32, activity: &str, start: i64, end: Option<i64>) -> Vec<u8> {
    let at = |seconds: i64| {
        let moment = timed.now() + time::Duration::seconds(seconds);
        Value::from(
            moment
                .format(&time::format_description::well_known::Rfc3339)
                .unwrap(),
        )
    };
    let text = String::from_utf8(message(ADMISSION)).unwrap();
    let id = format!("00000000-0000-4000-8000-{number:012}");
    let text = text.replace("d68b1c8c-409f-53c7-ac85-ee8bc9f90a66", &id);
    let mut bundle: Value = serde_json::from_str(&text).unwrap();
    for entry in bundle["entry"].as_array_mut().unwrap() {
        let resource = &mut entry["resource"];
        match resource["resourceType"].as_str() {
            Some("Encounter") => {
                resource["period"]["start"] = at(start);
                if let Some(end) = end {
                    resource["status"] = "finished".into();
                    resource["period"]["end"] = at(end);
                }
            }
            Some("Provenance") => {
                resource["activity"]["coding"][0]["code"] = activity.into();
                resource["occurredDateTime"] = at(0);
            }
            _ => {}
        }
    }
    bundle.to_string().into_bytes()
}

fn opt_out(receiver: &str) -> Consent {
    Consent {
        kind: ConsentKind::DischargeLetterOptOut.into(),
        who: Some(Who {
            organisation: within(receiver),
            ..Who::default()
        }),
        ..Consent::default()
    }
}

on_both! {
    async fn a_professional_s_own_word_opens_at_once_and_is_marked(backend) {
        let timed = TimedHub::start(backend).await;
        let surgeon = surgeon(&timed).await;
        assert_eq!(refusal(&search(&surgeon, LONNI).await), NO_RELATION);
        let id = "7d1f3c1e-0000-4000-8000-000000000001";
        let given = attest_with(&surgeon, LONNI, REASON, id).await.unwrap();
        assert_eq!(given.kind(), RelationKind::Attestation);
        assert_eq!((given.authorisation_id.as_str(), given.organisation.as_str()), SURGEON);
        let validity = given.validity.unwrap();
        assert_eq!(validity.end.unwrap(), timed.after(DAY));
        assert_eq!(given.verify_by_time.unwrap(), timed.after(14 * DAY));
        assert!(search(&surgeon, LONNI).await.is_ok());
        // It is this person's word, and holds for nobody else there, nor for anybody else's record.
        let colleague = timed.professional("bill", REGION_M, &[]).await;
        assert_eq!(refusal(&search(&colleague, LONNI).await), NO_RELATION);
        assert_eq!(refusal(&search(&surgeon, EINER).await), NO_RELATION);

        timed.pass(60);
        assert_eq!(attest_with(&surgeon, LONNI, REASON, id).await.unwrap(), given);
        timed.pass(1);
        let other = attest_with(&surgeon, LONNI, "En helt anden begrundelse", id).await;
        assert_eq!(refusal(&other), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
        assert_eq!(relations(&timed, LONNI).await, [given]);
        let (entry, text) = timed.logged("AttestRelation").await;
        assert_eq!(entry.error_code.as_deref(), Some("REQUEST_ID_REUSED"));
        assert!(!text.contains("Akut tilsyn") && !text.contains("begrundelse"));

        timed.pass(DAY);
        let surgeon = self::surgeon(&timed).await;
        assert_eq!(refusal(&search(&surgeon, LONNI).await), NO_RELATION);
    }

    async fn only_those_attest_who_may_and_with_a_reason(backend) {
        let timed = TimedHub::start(backend).await;
        let surgeon = surgeon(&timed).await;
        for reason in ["", "for kort", "   for kort   ", &"x".repeat(501)] {
            assert_eq!(fields(&attest_with(&surgeon, LONNI, reason, "").await), ["reason"]);
        }
        let physiotherapist = timed.professional("fys", "kommune-testby", &[]).await;
        assert_eq!(refusal(&attest(&physiotherapist, LONNI).await), DENIED);
        let delegation = DelegateToHelperRequest {
            helper: Some(cpr("0506889996")),
            rights: vec![Right::ReadRecord.into()],
            ..DelegateToHelperRequest::default()
        };
        let physician = timed.professional("gp", GP, &[]).await;
        physician.delegations().delegate(delegation).await.unwrap();
        let helper = timed.helper("sekr", "gp", GP, &[]).await;
        assert_eq!(refusal(&attest(&helper, LONNI).await).0, Code::PermissionDenied);
        assert_eq!(refusal(&attest(&timed.citizen(LONNI).await, LONNI).await).0, Code::PermissionDenied);
        assert_eq!(refusal(&attest(&timed.hub.system(EHR).await, LONNI).await).0, Code::PermissionDenied);
        let registered = RegisterRelationRequest {
            patient: Some(cpr(LONNI)),
            relation: Some(TreatmentRelation {
                kind: RelationKind::Attestation.into(),
                organisation: CARDIOLOGY.to_owned(),
                ..TreatmentRelation::default()
            }),
            ..RegisterRelationRequest::default()
        };
        let registered = timed.hub.system(EHR).await.relations().register(registered).await;
        assert_eq!(fields(&registered), ["relation.kind"]);
        assert_eq!(relations(&timed, LONNI).await, []);
    }

    async fn a_fact_that_arrives_confirms_the_word_and_none_makes_an_alert(backend) {
        let timed = TimedHub::start(backend).await;
        let cardiologist = timed.professional("kard", EHR, &[]).await;
        for person in [LONNI, EINER] {
            attest(&cardiologist, person).await.unwrap();
        }
        timed.pass(1);
        attest(&surgeon(&timed).await, LONNI).await.unwrap();
        timed.pass(3_600);
        // The hospital above the department; nothing of it for the surgeon or for Einer.
        treats(&timed.hub, EHR, HOSPITAL, cpr(LONNI)).await;
        let confirmed: Vec<_> = relations(&timed, LONNI).await.iter()
            .map(|relation| (relation.kind(), relation.confirmed_time)).collect();
        assert_eq!(confirmed, [
            (RelationKind::Attestation, Some(timed.after(0))),
            (RelationKind::Attestation, None),
            (RelationKind::Referral, None),
        ]);
        timed.pass(14 * DAY - 3_602);
        turns().await;
        let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
        assert_eq!(numbers(&alerts(&supervisor, 0, 10).await.unwrap()), [0_u64; 0]);
        timed.pass(2);
        let found = raised(&timed, 2).await;
        assert_eq!(numbers(&found), [1, 2]);
        let places: Vec<_> = found.alerts.iter().map(|alert| alert.organisation.as_str()).collect();
        assert!(places.contains(&CARDIOLOGY) && places.contains(&SURGEON.1), "{places:?}");
        turns().await;
        assert_eq!(raised(&timed, 2).await.alerts, found.alerts, "each is raised once");

        // The auditor has a case, and the citizen is told.
        let supervisor = timed.professional("dpo", "tilsyn", &[]).await;
        let cases = cases(&supervisor).await;
        assert_eq!(cases.len(), 2);
        assert!(cases.iter().all(|case| case.kind() == ReviewCaseKind::RelationUnconfirmed && case.role == "laege"));
        let told = inbox_of(&timed.citizen(EINER).await, EINER, "").await.unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].kind(), NotificationKind::RelationUnconfirmed);
        // A fact that comes after the deadline changes nothing.
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(EINER)).await;
        assert_eq!(relations(&timed, EINER).await[0].confirmed_time, None);
    }

    async fn alerts_are_read_by_number_and_only_one_s_own(backend) {
        let timed = TimedHub::start(backend).await;
        let cardiologist = timed.professional("kard", EHR, &[]).await;
        let surgeon = surgeon(&timed).await;
        for caller in [&cardiologist, &surgeon, &cardiologist] {
            attest(caller, LONNI).await.unwrap();
            timed.pass(1);
        }
        timed.pass(15 * DAY);
        let all = raised(&timed, 3).await;
        assert_eq!(numbers(&all), [1, 2, 3]);
        assert_eq!(all.read_to_number, 3);
        let hospital = timed.hub.system(EHR).await;
        let first = alerts(&hospital, 0, 1).await.unwrap();
        assert_eq!((numbers(&first), first.read_to_number), (vec![1], 1));
        let rest = alerts(&hospital, first.read_to_number, 10).await.unwrap();
        assert_eq!((numbers(&rest), rest.read_to_number), (vec![3], 3));
        let none = alerts(&hospital, 3, 10).await.unwrap();
        assert_eq!((numbers(&none), none.read_to_number), (vec![], 3));
        assert_eq!(numbers(&alerts(&hospital, u64::MAX, 10).await.unwrap()), [0_u64; 0]);
        let other = alerts(&timed.hub.system(REGION_M).await, 0, 10).await.unwrap();
        assert_eq!((numbers(&other), other.read_to_number), (vec![2], 3));
        let auditor = timed.professional("auditor", "tilsyn", &[]).await;
        assert_eq!(numbers(&alerts(&auditor, 0, 10).await.unwrap()), [1, 3]);
        let surgeon = self::surgeon(&timed).await;
        assert_eq!(refusal(&alerts(&surgeon, 0, 10).await).0, Code::PermissionDenied);
        assert_eq!(fields(&alerts(&hospital, 0, 1_000_000).await), ["page_size"]);
    }

    async fn two_hubs_raise_an_alert_once(backend) {
        let timed = TimedHub::start(backend).await;
        let twin = match backend {
            Backend::Postgres => Some(timed.twin().await),
            Backend::Sqlite => None,
        };
        let surgeon = surgeon(&timed).await;
        for _ in 0..20 {
            attest(&surgeon, LONNI).await.unwrap();
        }
        timed.pass(14 * DAY);
        raised(&timed, 20).await;
        turns().await;
        assert_eq!(numbers(&raised(&timed, 20).await), (1..=20).collect::<Vec<_>>());
        if let Some(twin) = twin {
            twin.stop().await;
        }
    }

    async fn a_notice_of_admission_opens_and_confirms_and_a_discharge_lets_it_run_out(backend) {
        let timed = TimedHub::start(backend).await;
        let cardiologist = timed.professional("kard", EHR, &[]).await;
        let hospital = timed.hub.system(EHR).await;
        attest(&cardiologist, LONNI).await.unwrap();
        timed.pass(2 * DAY);
        let cardiologist = timed.professional("kard", EHR, &[]).await;
        assert_eq!(refusal(&search(&cardiologist, LONNI).await), NO_RELATION);
        send(&hospital, notice(&timed, 1, "admit-inpatient", -3 * DAY, None), FHIR).await.unwrap();
        assert!(search(&cardiologist, LONNI).await.is_ok());
        assert_eq!(refusal(&search(&surgeon(&timed).await, LONNI).await), NO_RELATION);
        let seen = relations(&timed, LONNI).await;
        assert_eq!(seen.iter().map(TreatmentRelation::kind).collect::<Vec<_>>(), [RelationKind::Attestation, RelationKind::Admission]);
        assert_eq!(seen[0].confirmed_time, Some(timed.after(0)));
        assert_eq!(seen[1].organisation, CARDIOLOGY);

        timed.pass(60);
        send(&hospital, notice(&timed, 2, "discharge-inpatient-home", -3 * DAY, Some(-60)), FHIR).await.unwrap();
        timed.pass(30 * DAY - 61);
        let cardiologist = timed.professional("kard", EHR, &[]).await;
        assert!(search(&cardiologist, LONNI).await.is_ok());
        timed.pass(1);
        assert_eq!(refusal(&search(&cardiologist, LONNI).await), NO_RELATION);

        send(&hospital, notice(&timed, 3, "admit-inpatient", 0, None), FHIR).await.unwrap();
        assert!(search(&cardiologist, LONNI).await.is_ok());
        timed.pass(1);
        send(&hospital, notice(&timed, 4, "cancel-admit-inpatient", 0, None), FHIR).await.unwrap();
        assert_eq!(refusal(&search(&cardiologist, LONNI).await), NO_RELATION);
    }

    async fn a_citizen_s_opt_out_keeps_discharge_letters_from_whom_it_names(backend) {
        let timed = TimedHub::start(backend).await;
        let (hospital, practice) = (timed.hub.system(EHR).await, timed.hub.system(GP).await);
        let citizen = timed.citizen(LONNI).await;
        let elsewhere = consent(&citizen, LONNI, opt_out(REGION_MIDTJYLLAND)).await;
        let id = consent(&citizen, LONNI, opt_out("990401000016001")).await;
        timed.pass(1);
        let refused = send(&hospital, message(LETTER), "text/xml").await;
        assert_eq!(refusal(&refused), (Code::PermissionDenied, "LETTER_OPTED_OUT"));
        let (entry, _) = timed.logged("SendMessage").await;
        assert_eq!(entry.outcome, delt_ledger::Outcome::Denied);
        let cited: Vec<_> = entry.grounds.iter().filter_map(|ground| ground.reference.as_deref()).collect();
        assert!(cited.contains(&id.as_str()) && !cited.contains(&elsewhere.as_str()), "{cited:?}");
        assert!(take(&practice).await.is_none(), "nothing is delivered");
        assert_eq!(search(&citizen, LONNI).await.unwrap().total, 0, "nothing is shared");
        // It is about discharge letters, and says nothing of others.
        send(&hospital, message(CORRESPONDENCE), FHIR).await.unwrap();

        end_consent(&citizen, LONNI, &id).await;
        timed.pass(1);
        let sent = send(&hospital, message(LETTER), "text/xml").await.unwrap();
        assert!(!sent.message.unwrap().entry_uuid.is_empty());
        // What was accepted answers the same, whatever was said since.
        consent(&citizen, LONNI, opt_out("990401000016001")).await;
        timed.pass(1);
        assert!(send(&hospital, message(LETTER), "text/xml").await.unwrap().already_accepted);
    }
}

#[test]
fn the_terminal_attests_lists_and_reads_alerts() {
    let hub = Served::start(None);
    let run = |arguments: &[&str]| {
        let output = hub.run(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        text
    };
    let told = run(&[
        "relation", "attest", LONNI, "--reason", REASON, "--as", "orto",
    ]);
    assert!(told.contains("to be confirmed by"), "{told}");
    let listed = run(&["relation", "list", LONNI]);
    assert!(
        listed.contains("attestation") && listed.contains("to be confirmed by"),
        "{listed}"
    );
    let listed = run(&["relation", "list", LONNI, "--json"]);
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert!(
        listed["relations"][0]["verify_by_time"].is_string(),
        "{listed}"
    );
    assert!(run(&["relation", "alerts"]).starts_with("No alerts."));
    let alerts = run(&["relation", "alerts", "--after", "7", "--json"]);
    let alerts: Value = serde_json::from_str(&alerts).expect("JSON");
    assert_eq!(
        (&alerts["alerts"], &alerts["read_to_number"]),
        (&json!([]), &json!(7))
    );
    let short = hub.run(&[
        "relation", "attest", LONNI, "--reason", "kort", "--as", "orto",
    ]);
    assert_eq!(short.status.code(), Some(1));
}
