//! `MedCom` FHIR messages and their acknowledgements.

use delt_formats::fhir::{
    AcknowledgementStamp, DestinationUse, IssueCode, Message, MessageError, MessageKind, Outcome,
    ResponseCode, acknowledgement, parse_message,
};
use delt_formats::identifier::{PersonNumber, system};
use delt_formats::{Limits, ViolationCode};
use time::macros::datetime;
use uuid::Uuid;

const NOTIFICATION: &str = include_str!("fixtures/hospital-notification.json");
const CARE: &str = include_str!("fixtures/care-communication.json");
const HOME: &str = include_str!("fixtures/homecare-observation.json");

fn parse(text: &str) -> Result<Message, MessageError> {
    parse_message(text.as_bytes(), &Limits::MESSAGE)
}

fn codes(text: &str) -> Vec<(String, ViolationCode)> {
    match parse(text) {
        Err(MessageError::Invalid(found)) => found.into_iter().map(|v| (v.path, v.code)).collect(),
        _ => Vec::new(),
    }
}

fn stamp() -> AcknowledgementStamp {
    AcknowledgementStamp {
        bundle_id: Uuid::from_u128(1),
        header_id: Uuid::from_u128(2),
        received_provenance_id: Uuid::from_u128(3),
        provenance_id: Uuid::from_u128(4),
        outcome_id: Uuid::from_u128(5),
        at: datetime!(2026-03-12 11:06:00 +1),
    }
}

#[test]
fn a_hospital_notification_is_read() {
    let message = parse(NOTIFICATION).unwrap();
    assert_eq!(message.kind, MessageKind::HospitalNotification);
    assert_eq!(message.bundle_id, "7a1d9c52-0c7e-4d0b-9a6e-2f1c0b8e4a01");
    assert_eq!(message.timestamp, datetime!(2026-03-12 11:05:00 +1));
    assert_eq!(message.sender.sor.as_str(), "265161000016000");
    let primary = message.primary().unwrap();
    assert_eq!(primary.receiver.gln.as_str(), "5790000121533");
    let patient = message.patient.as_ref().unwrap();
    assert_eq!(patient.person, PersonNumber::cpr("0201609995").unwrap());
    assert_eq!(
        message.activity().unwrap().activity,
        "discharge-inpatient-home"
    );
    assert_eq!(message.provenances.len(), 2);
    // Written without hyphens in the fixture, as OIOXML would.
    assert_eq!(
        message.episodes_of_care,
        ["3f2a9c10-b7e8-4d55-a1c2-d3e4f5061728"]
    );
    let encounter = message.encounter.unwrap();
    assert_eq!(encounter.status.as_deref(), Some("finished"));
    assert_eq!(encounter.start, Some(datetime!(2026-03-08 19:40 +01:00)));
    assert_eq!(encounter.end, Some(datetime!(2026-03-12 11:00 +01:00)));
}

#[test]
fn a_care_communication_has_a_copy_and_a_category() {
    let message = parse(CARE).unwrap();
    let uses: Vec<_> = message.destinations.iter().map(|d| d.use_).collect();
    assert_eq!(uses, [DestinationUse::Primary, DestinationUse::CarbonCopy]);
    assert_eq!(message.category.as_deref(), Some("nursing"));
    assert_eq!(message.patient.unwrap().person.system(), system::X_ECPR);
}

#[test]
fn a_home_care_observation_is_read() {
    assert_eq!(parse(HOME).unwrap().kind, MessageKind::HomeCareObservation);
}

#[test]
fn every_problem_is_told_at_once() {
    let wrong = NOTIFICATION
        .replace("0201609995", "3201609995")
        .replace("5790000121533", "5790000121534")
        .replace("\"discharge-inpatient-home\"", "\"sent-home\"")
        .replace("2026-03-12T11:05:00+01:00", "2026-03-12T11:05:00");
    assert_eq!(
        codes(&wrong),
        [
            ("Bundle.timestamp".to_owned(), ViolationCode::BadFormat),
            (
                "Bundle.entry[4].resource.identifier[0].value".to_owned(),
                ViolationCode::BadFormat
            ),
            (
                "Bundle.entry[1].resource.identifier[0].value".to_owned(),
                ViolationCode::BadFormat
            ),
            (
                "Bundle.entry[6].resource.activity.coding[0]".to_owned(),
                ViolationCode::UnknownCode
            ),
            (
                "Bundle.entry[6].resource.occurredDateTime".to_owned(),
                ViolationCode::BadFormat
            ),
        ]
    );
}

#[test]
fn rules_between_parts_hold() {
    let has = |text: &str, code| codes(text).iter().any(|(_, found)| *found == code);
    let copy_only = CARE.replace("\"primary\"", "\"cc\"");
    assert!(has(&copy_only, ViolationCode::Missing));
    let two = CARE.replace("\"cc\"", "\"primary\"");
    assert!(has(&two, ViolationCode::TooMany));
    let copied = NOTIFICATION.replace("\"primary\"", "\"cc\"");
    assert!(has(&copied, ViolationCode::TooMany));
    let foreign = NOTIFICATION.replace("discharge-inpatient-home", "new-message");
    assert!(has(&foreign, ViolationCode::Inconsistent));
    let replacement = NOTIFICATION
        .replace("1.2.208.176.1.2\"", "1.2.208.176.1.6.1.1\"")
        .replace("0201609995", "0203291WQ3");
    assert!(has(&replacement, ViolationCode::Inconsistent));
    let dangling = CARE.replace("\"Organization/practice\"", "\"Organization/other\"");
    assert!(has(&dangling, ViolationCode::BrokenReference));
    let nobody = HOME.replace("\"Patient\"", "\"Group\"");
    assert!(has(&nobody, ViolationCode::Missing));
}

/// Following each reference costs a walk over the Bundle, so that their number must be bounded.
#[test]
fn many_destinations_are_refused() {
    let mut bundle: serde_json::Value = serde_json::from_str(CARE).unwrap();
    let list = &mut bundle["entry"][0]["resource"]["destination"];
    let copy = list[1].clone();
    list.as_array_mut()
        .unwrap()
        .extend(std::iter::repeat_n(copy, 20));
    let place = "Bundle.entry[0].resource.destination".to_owned();
    assert_eq!(
        codes(&bundle.to_string()),
        [(place, ViolationCode::TooMany)]
    );
}

#[test]
fn what_is_no_message_is_told_apart() {
    assert_eq!(
        parse("{\"resourceType\":\"Patient\"}"),
        Err(MessageError::NotMessage)
    );
    let document = NOTIFICATION.replace("\"type\": \"message\"", "\"type\": \"document\"");
    assert_eq!(parse(&document), Err(MessageError::NotMessage));
    let headless = NOTIFICATION.replace(
        "\"resourceType\": \"MessageHeader\"",
        "\"resourceType\": \"X\"",
    );
    assert_eq!(parse(&headless), Err(MessageError::NotMessage));
    assert!(matches!(parse("<Bundle/>"), Err(MessageError::Json(_))));
}

#[test]
fn neither_errors_nor_debug_show_the_patient() {
    let wrong = NOTIFICATION.replace("0201609995", "3201609995");
    let (message, error) = (parse(NOTIFICATION).unwrap(), parse(&wrong).unwrap_err());
    let shown = format!("{message:?} {error:?} {error}");
    for personal in ["01609995", "Lauridsen", "Einer"] {
        assert!(!shown.contains(personal), "{personal} is shown");
    }
}

#[test]
fn an_acknowledgement_is_itself_a_message() {
    let received = parse(NOTIFICATION).unwrap();
    let by = received.primary().unwrap().receiver.clone();
    let bytes = acknowledgement(&received, &by, &Outcome::Ok, &stamp());
    let ack = parse_message(&bytes, &Limits::MESSAGE).unwrap();
    assert_eq!(ack.kind, MessageKind::Acknowledgement);
    assert_eq!(
        (&ack.sender, &ack.primary().unwrap().receiver),
        (&by, &received.sender)
    );
    assert_eq!(ack.timestamp, stamp().at);
    let response = ack.response.as_ref().unwrap();
    assert_eq!(
        (response.identifier.as_str(), response.code),
        (received.header_id.as_str(), ResponseCode::Ok)
    );
    assert!(response.issues.is_empty());
    let steps: Vec<_> = ack
        .provenances
        .iter()
        .map(|step| step.activity.as_str())
        .collect();
    assert_eq!(steps, ["discharge-inpatient-home", "acknowledgement"]);
    assert!(ack.provenances[0].targets(&received.header_id));
    assert!(ack.patient.is_none());
}

#[test]
fn a_refusal_says_why() {
    let received = parse(CARE).unwrap();
    let by = received.primary().unwrap().receiver.clone();
    let read = |outcome: &Outcome| {
        let bytes = acknowledgement(&received, &by, outcome, &stamp());
        let response = parse_message(&bytes, &Limits::MESSAGE)
            .unwrap()
            .response
            .unwrap();
        let issues: Vec<_> = response
            .issues
            .into_iter()
            .map(|i| (i.severity, i.code.unwrap()))
            .collect();
        (response.code, issues)
    };
    let fatal = Outcome::FatalError(IssueCode::BAD_FORMAT, vec![IssueCode::VALUE_SET]);
    let error = |code| ("error".to_owned(), code);
    assert_eq!(
        read(&fatal),
        (
            ResponseCode::FatalError,
            vec![error(IssueCode::BAD_FORMAT), error(IssueCode::VALUE_SET)]
        )
    );
    let later = Outcome::TransientError(IssueCode::MAILBOX_OUT_OF_OPERATION);
    assert_eq!(
        read(&later),
        (
            ResponseCode::TransientError,
            vec![error(IssueCode::MAILBOX_OUT_OF_OPERATION)]
        )
    );
    let again = (
        ResponseCode::Ok,
        vec![("information".to_owned(), IssueCode::DUPLICATE)],
    );
    assert_eq!(read(&Outcome::Duplicate), again);
}

#[test]
fn an_acknowledgement_that_is_not_ok_must_say_why() {
    let received = parse(CARE).unwrap();
    let by = received.primary().unwrap().receiver.clone();
    let bytes = acknowledgement(&received, &by, &Outcome::Ok, &stamp());
    let text = String::from_utf8(bytes)
        .unwrap()
        .replace("\"ok\"", "\"fatal-error\"");
    assert_eq!(
        codes(&text),
        [(
            "Bundle.entry[0].resource.response.details".to_owned(),
            ViolationCode::Missing
        )]
    );
}
