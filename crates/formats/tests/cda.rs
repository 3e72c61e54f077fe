//! The header of a CDA document.

use delt_formats::cda::{Header, HeaderError, parse_header};
use delt_formats::identifier::PersonNumber;
use delt_formats::{Limits, ViolationCode, XmlError};
use time::UtcOffset;
use time::macros::datetime;

const DOCUMENT: &str = include_str!("fixtures/apd-appointment.xml");

fn parse(text: &str) -> Result<Header, HeaderError> {
    parse_header(text.as_bytes(), &Limits::MESSAGE)
}

fn codes(text: &str) -> Vec<(String, ViolationCode)> {
    match parse(text) {
        Err(HeaderError::Invalid(found)) => found.into_iter().map(|v| (v.path, v.code)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_header_is_read_in_full() {
    let header = parse(DOCUMENT).unwrap();
    assert_eq!(
        header.id.unique_id(),
        "1.2.208.184^5c0c9a8e-4b7d-4f0e-9a1b-2c3d4e5f6071"
    );
    assert_eq!(header.version, Some(2));
    assert_eq!(
        (header.code.code.as_str(), header.code.system.as_str()),
        ("39289-4", "2.16.840.1.113883.6.1")
    );
    assert_eq!(
        header.title.as_ref().unwrap().as_str(),
        "Aftale for 0201609996"
    );
    let made = header.effective_time.assume_offset(UtcOffset::UTC);
    assert_eq!(made, datetime!(2026-03-10 09:30 +1));
    assert_eq!(header.confidentiality.as_ref().unwrap().code, "N");
    assert_eq!(header.language.as_deref(), Some("da-DK"));
    assert_eq!(header.template_ids[0].root, "1.2.208.184.14.1");
    let lonni = PersonNumber::cpr("0201609996").unwrap();
    assert_eq!(header.record_target.person, lonni);
    assert_eq!(header.record_target.name.as_ref().unwrap().given.len(), 2);
    let author = &header.authors[0];
    assert_eq!(author.institution_sor(), Some("325421000016001"));
    assert_eq!(
        author.organisation_name.as_deref(),
        Some("Prøvehospitalet, Røntgen")
    );
    // The citizen is an author too, without an institution.
    assert_eq!(
        (header.authors.len(), header.authors[1].institution_sor()),
        (2, None)
    );
    assert_eq!(
        header.custodian.as_ref().unwrap().sor(),
        Some("325411000016008")
    );
    let authenticator = header.legal_authenticator.as_ref().unwrap();
    assert_eq!(authenticator.institution_sor(), Some("325431000016004"));
    let family = authenticator
        .person
        .as_ref()
        .unwrap()
        .family
        .as_ref()
        .unwrap();
    assert_eq!(family.as_str(), "Prøve");
    let start = header
        .service_start()
        .unwrap()
        .assume_offset(UtcOffset::UTC);
    assert_eq!(start, datetime!(2026-04-01 10:00 +2));
    assert!(header.service_stop().is_some());
    assert_eq!(
        header.format_code().as_deref(),
        Some("urn:ad:dk:medcom:apd-v2.0.1:full")
    );
    let event = header
        .service_events
        .iter()
        .find_map(|event| event.code.as_ref())
        .unwrap();
    assert_eq!(event.code, "ALAL21");
}

#[test]
fn every_problem_is_told_at_once() {
    let wrong = DOCUMENT
        .replace("code=\"39289-4\" ", "")
        .replace("20260310093000+0100", "yesterday")
        .replace("extension=\"0201609996\"", "extension=\"3201609996\"");
    assert_eq!(
        codes(&wrong),
        [
            ("/ClinicalDocument/code".to_owned(), ViolationCode::Missing),
            (
                "/ClinicalDocument/effectiveTime".to_owned(),
                ViolationCode::BadFormat
            ),
            (
                "/ClinicalDocument/recordTarget/patientRole/id".to_owned(),
                ViolationCode::BadFormat
            ),
        ]
    );
}

#[test]
fn what_is_no_cda_is_told_apart() {
    assert_eq!(
        parse("<ClinicalDocument/>"),
        Err(HeaderError::NotClinicalDocument)
    );
    assert_eq!(
        parse("<a xmlns='urn:hl7-org:v3'/>"),
        Err(HeaderError::NotClinicalDocument)
    );
    assert!(matches!(
        parse("no"),
        Err(HeaderError::Xml(XmlError::Malformed { .. }))
    ));
    let small = Limits {
        bytes: 100,
        ..Limits::MESSAGE
    };
    let error = parse_header(DOCUMENT.as_bytes(), &small).unwrap_err();
    assert_eq!(error, HeaderError::Xml(XmlError::TooLarge { limit: 100 }));
}

#[test]
fn neither_errors_nor_debug_show_the_patient() {
    let wrong = DOCUMENT.replace("extension=\"0201609996\"", "extension=\"3201609996\"");
    let shown = format!(
        "{:?} {:?}",
        parse(DOCUMENT).unwrap(),
        parse(&wrong).unwrap_err()
    );
    for personal in ["01609996", "Lauridsen", "Lonni", "Aftale for"] {
        assert!(!shown.contains(personal), "{personal} is shown");
    }
}
