//! What is refused before it becomes a message, and what the refusal says.

use crate::{
    Error,
    error::{Code, code},
    message::tests::world::{self, send},
};

fn refused(content: Vec<u8>, mime_type: &str) -> Error {
    send(content, mime_type).map(drop).unwrap_err()
}

fn fields(error: &Error) -> Vec<&str> {
    error
        .field_violations()
        .iter()
        .map(|violation| violation.field.as_str())
        .collect()
}

#[test]
fn every_violation_is_told_with_its_path_and_without_personal_data() {
    let error = refused(world::sample(world::INVALID), "text/xml");
    assert_eq!(error.code(), code::MESSAGE_INVALID);
    let letter = "content:/Emessage/DischargeLetter";
    let (version, receiver) = (
        format!("{letter}/Letter/VersionCode"),
        format!("{letter}/Receiver/EANIdentifier"),
    );
    assert!(fields(&error).contains(&version.as_str()), "{error}");
    assert!(fields(&error).contains(&receiver.as_str()), "{error}");
    assert!(!error.to_string().contains("0201609996") && !error.to_string().contains("Lauridsen"));
}

#[test]
fn places_must_be_in_the_directory_and_take_the_message() {
    // The hospital's own location receives nothing; an unknown one neither.
    for (from, to, field) in [
        ("5790009900405", "5790009900030", "receiver"),
        ("5790009900405", "5790000121526", "receiver"),
        ("5790009900405", "5790009900634", "receiver"),
        ("5790009900030", "5790000121526", "sender"),
    ] {
        let error = refused(world::changed(world::LETTER, from, to), "text/xml");
        assert_eq!(
            (error.code(), fields(&error)),
            (code::MESSAGE_INVALID, vec![field])
        );
    }
    let error = refused(
        world::changed(
            world::CARE,
            "\"value\": \"990031000016002\"",
            "\"value\": \"990021000016004\"",
        ),
        "application/fhir+json",
    );
    assert_eq!(fields(&error), ["sender"]);
}

#[test]
fn what_is_no_message_is_refused() {
    let letter = || world::sample(world::LETTER);
    let cases: [(Vec<u8>, &str, Code); 6] = [
        (letter(), "application/pdf", code::INVALID_ARGUMENT),
        (letter(), "", code::INVALID_ARGUMENT),
        (letter(), "application/fhir+json", code::MESSAGE_INVALID),
        (Vec::new(), "text/xml", code::MESSAGE_INVALID),
        (
            b"{}".to_vec(),
            "application/fhir+json",
            code::MESSAGE_INVALID,
        ),
        (vec![b' '; (1 << 20) + 1], "text/xml", code::TOO_LARGE),
    ];
    for (content, mime_type, expected) in cases {
        assert_eq!(refused(content, mime_type).code(), expected, "{mime_type}");
    }
}

#[test]
fn an_id_that_holds_the_person_s_number_is_refused() {
    let named = world::changed(world::LETTER, "EPI20261020001", "EPI0201609996");
    assert_eq!(fields(&refused(named, "text/xml")), ["content"]);
}
