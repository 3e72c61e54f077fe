//! Discharge letters and receipts, from bytes to domain and back.

use delt_formats::identifier::{PersonNumber, Ydernummer};
use delt_formats::oioxml::{
    LetterKind, LetterStatus, OioxmlError, OrganisationId, OriginalMessage, PatientId,
    ReceiptOutcome, ReceiptStamp, RefuseCode, negative_receipt, parse_discharge_letter,
    parse_header, parse_receipt, positive_receipt,
};
use delt_formats::{Limits, ViolationCode, XmlError};
use time::macros::datetime;

const LETTER: &[u8] = include_bytes!("fixtures/xdis01-discharge-letter.xml");

/// The fixture with one text replaced, as UTF-8.
fn letter_with(from: &str, to: &str) -> Vec<u8> {
    let text: String = LETTER.iter().map(|byte| char::from(*byte)).collect();
    assert!(text.contains(from), "the fixture has no {from}");
    text.replace("ISO-8859-1", "UTF-8")
        .replace(from, to)
        .into_bytes()
}

fn violations(bytes: &[u8]) -> Vec<(String, ViolationCode)> {
    match parse_discharge_letter(bytes, &Limits::MESSAGE) {
        Err(OioxmlError::Invalid(found)) => found.into_iter().map(|v| (v.path, v.code)).collect(),
        other => vec![(format!("{other:?}"), ViolationCode::Missing)],
    }
}

#[test]
fn a_discharge_letter_is_read_in_full() {
    let letter = parse_discharge_letter(LETTER, &Limits::MESSAGE).unwrap();
    let head = &letter.header;
    assert_eq!(head.kind, LetterKind::DischargeLetter);
    assert_eq!(head.envelope.sent, datetime!(2026-03-12 14:31));
    assert!(head.envelope.acknowledgement_requested);
    assert_eq!(head.letter.authorised, Some(datetime!(2026-03-12 14:30:05)));
    assert_eq!(head.letter.status, Some(LetterStatus::New));
    let episode = head.letter.episode_of_care.unwrap().to_string();
    assert_eq!(episode, "3f2a9c10-b7e8-4d55-a1c2-d3e4f5061728");
    assert_eq!(
        head.sender.organisation_name.as_deref(),
        Some("Prøvehospitalet")
    );
    let yder = OrganisationId::Ydernummer(Ydernummer::parse("045861").unwrap());
    assert_eq!(head.receiver.identifier, Some(yder));
    let lonni = PersonNumber::cpr("0201609996").unwrap();
    assert_eq!(letter.patient.id, PatientId::Person(lonni));
    assert_eq!(letter.admission, Some(datetime!(2026-03-08 19:40)));
    assert_eq!(letter.discharge, datetime!(2026-03-12 11:00));
    assert_eq!(letter.diagnoses.len(), 2);
    assert!(letter.diagnoses[0].is_main);
    let text = letter.clinical[0].text.as_str();
    assert_eq!(
        text,
        "Indlagt med feber og hoste.\nPlan: røntgenkontrol om 6 uger & inhalationer uændret."
    );
}

#[test]
fn the_letter_is_the_same_in_utf_8() {
    let latin = parse_discharge_letter(LETTER, &Limits::MESSAGE).unwrap();
    let utf8 = parse_discharge_letter(&letter_with("x", "x"), &Limits::MESSAGE).unwrap();
    assert_eq!(latin, utf8);
}

#[test]
fn every_problem_is_told_at_once() {
    let wrong = letter_with("5790000121533", "5790000121534");
    let wrong = String::from_utf8(wrong)
        .unwrap()
        .replace("0201609996", "3201609996")
        .replace("XD0133L", "XD0999L")
        .replace(
            "2026-03-12</Date><Time>11:00",
            "2026-03-01</Date><Time>11:00",
        )
        .replace("<StatusCode>nytbrev</StatusCode>", "")
        .replace("3F2A9C10B7E84D55A1C2D3E4F5061728", "3F2A");
    let base = "/Emessage/DischargeLetter";
    assert_eq!(
        violations(wrong.as_bytes()),
        [
            (
                format!("{base}/Letter/VersionCode"),
                ViolationCode::UnknownVersion
            ),
            (format!("{base}/Letter/StatusCode"), ViolationCode::Missing),
            (
                format!("{base}/Letter/EpisodeOfCareIdentifier"),
                ViolationCode::BadFormat
            ),
            (
                format!("{base}/Receiver/EANIdentifier"),
                ViolationCode::BadFormat
            ),
            (
                format!("{base}/Patient/CivilRegistrationNumber"),
                ViolationCode::BadFormat
            ),
            (format!("{base}/Discharge"), ViolationCode::Inconsistent),
        ]
    );
}

#[test]
fn neither_errors_nor_debug_show_the_patient() {
    let letter = parse_discharge_letter(LETTER, &Limits::MESSAGE).unwrap();
    let wrong = letter_with("0201609996", "3201609996");
    let error = parse_discharge_letter(&wrong, &Limits::MESSAGE).unwrap_err();
    let shown = format!("{letter:?} {error:?} {error}");
    for personal in ["01609996", "Lauridsen", "Lonni", "DJ189", "feber"] {
        assert!(!shown.contains(personal), "{personal} is shown");
    }
}

#[test]
fn an_x_ecpr_stands_for_a_cpr_number_and_another_identifier_does_not() {
    let cpr = "<CivilRegistrationNumber>0201609996</CivilRegistrationNumber>";
    let alternative =
        |value: &str| format!("<AlternativeIdentifier>{value}</AlternativeIdentifier>");
    let id = |value: &str| {
        let bytes = letter_with(cpr, &alternative(value));
        parse_discharge_letter(&bytes, &Limits::MESSAGE)
            .unwrap()
            .patient
            .id
    };
    assert!(matches!(id("0203291WQ3"), PatientId::Person(_)));
    assert!(matches!(id("AKUT-17"), PatientId::Alternative(_)));
    assert_eq!(
        violations(&letter_with(cpr, ""))[0],
        (
            "/Emessage/DischargeLetter/Patient/CivilRegistrationNumber".to_owned(),
            ViolationCode::Missing
        )
    );
}

#[test]
fn another_letter_is_named_and_its_head_is_readable() {
    let other = letter_with("DischargeLetter>", "BookingConfirmation>");
    let error = parse_discharge_letter(&other, &Limits::MESSAGE).unwrap_err();
    let kind = LetterKind::BookingConfirmation;
    assert!(matches!(error, OioxmlError::OtherLetter { found, .. } if found == kind));
    assert_eq!(parse_header(&other, &Limits::MESSAGE).unwrap().kind, kind);
    let unknown = letter_with("DischargeLetter>", "Postkort>");
    assert_eq!(
        parse_header(&unknown, &Limits::MESSAGE).unwrap().kind,
        LetterKind::Unknown
    );
    let foreign = letter_with("http://rep.oio.dk/", "http://example.org/");
    assert_eq!(
        parse_header(&foreign, &Limits::MESSAGE),
        Err(OioxmlError::NotEmessage)
    );
}

#[test]
fn a_letter_with_a_dtd_is_refused() {
    let bytes = letter_with("<Emessage ", "<!DOCTYPE x [<!ENTITY a 'b'>]><Emessage ");
    let error = parse_discharge_letter(&bytes, &Limits::MESSAGE).unwrap_err();
    assert_eq!(error, OioxmlError::Xml(XmlError::DoctypeNotAccepted));
}

#[test]
fn receipts_are_read_as_they_were_written() {
    let letter = parse_discharge_letter(LETTER, &Limits::MESSAGE).unwrap();
    let original = OriginalMessage::from(&letter.header);
    let sent = datetime!(2026-03-12 14:40);
    let stamp = ReceiptStamp {
        envelope_identifier: "DELTACK1",
        letter_identifier: "DELTACK2",
        sent,
    };
    let bytes = positive_receipt(&original, &stamp);
    let positive = parse_receipt(&bytes, &Limits::MESSAGE).unwrap();
    assert_eq!(positive.outcome, ReceiptOutcome::Positive);
    assert_eq!(positive.original, original);
    assert_eq!(positive.header.receiver.gln, letter.header.sender.gln);
    assert_eq!(positive.header.letter.version_code, "XC0330Q");
    assert_eq!(positive.header.envelope.sent, sent);
    assert!(!positive.header.envelope.acknowledgement_requested);

    let why = "Patienten er ikke tilmeldt <lægen> & co";
    let bytes = negative_receipt(&original, &stamp, RefuseCode::ReceiverId, why);
    let negative = parse_receipt(&bytes, &Limits::MESSAGE).unwrap();
    assert_eq!(negative.header.letter.type_code, "XCTL02");
    let ReceiptOutcome::Negative { code, text } = negative.outcome else {
        panic!("not negative")
    };
    assert_eq!(
        (code, text.unwrap().as_str()),
        (RefuseCode::ReceiverId, why)
    );
}

#[test]
fn a_letter_is_not_a_receipt() {
    assert!(matches!(
        parse_receipt(LETTER, &Limits::MESSAGE),
        Err(OioxmlError::OtherLetter {
            found: LetterKind::DischargeLetter,
            ..
        })
    ));
}
