//! From bytes to [`Header`].

use super::{
    Author, Coded, Custodian, Header, HeaderError, Id, RecordTarget, ServiceEvent, Timestamp,
};
use crate::Limits;
use crate::violation::{Problems, ViolationCode};
use crate::xml::{self, Field};

/// The namespace of HL7 version 3.
const HL7: &str = "urn:hl7-org:v3";

/// Reads the header of a CDA document; the body is read past, within the same limits.
///
/// Extensions in other namespaces (`sdtc:`) are passed over.
///
/// # Errors
/// The bytes are no XML, no `ClinicalDocument`, or the header lacks what a document entry needs
/// (id, code, time, patient) or has it in a wrong form; all of it is told.
pub fn parse_header(bytes: &[u8], limits: &Limits) -> Result<Header, HeaderError> {
    let mut root = xml::read(bytes, limits)?;
    if root.name != "ClinicalDocument" || *root.namespace != *HL7 {
        return Err(HeaderError::NotClinicalDocument);
    }
    root.keep_own_namespace();
    let mut problems = Problems::default();
    let header = header(&Field::root(&root), &mut problems);
    problems.finish(header).map_err(HeaderError::Invalid)
}

fn header(document: &Field<'_>, problems: &mut Problems) -> Option<Header> {
    let id = required_id(&document.child("id"), problems);
    let code = required_code(&document.child("code"), problems);
    let effective_time = required_timestamp(&document.child("effectiveTime"), problems);
    let record_target = RecordTarget::read(document, problems);
    let authors = document.children("author");
    let authors = authors
        .iter()
        .filter_map(|field| Author::read(field, "assignedAuthor", problems))
        .collect();
    let authenticator = document.child("legalAuthenticator");
    let legal_authenticator = Author::read(&authenticator, "assignedEntity", problems);
    let service_events = service_events(document, problems);
    Some(Header {
        id: id?,
        set_id: ids_of(document, "setId").into_iter().next(),
        version: document
            .child("versionNumber")
            .attribute("value")
            .and_then(|v| v.parse().ok()),
        code: code?,
        title: document.child("title").text().map(Into::into),
        effective_time: effective_time?,
        confidentiality: coded(&document.child("confidentialityCode")),
        language: document
            .child("languageCode")
            .attribute("code")
            .map(str::to_owned),
        template_ids: ids_of(document, "templateId"),
        record_target: record_target?,
        authors,
        legal_authenticator,
        custodian: Custodian::read(document),
        service_events,
    })
}

fn service_events(document: &Field<'_>, problems: &mut Problems) -> Vec<ServiceEvent> {
    let events = document
        .children("documentationOf")
        .into_iter()
        .map(|of| of.child("serviceEvent"));
    events
        .map(|event| {
            let period = event.child("effectiveTime");
            ServiceEvent {
                code: coded(&event.child("code")),
                start: timestamp(&period.child("low"), problems),
                stop: timestamp(&period.child("high"), problems),
                ids: ids(&event),
            }
        })
        .collect()
}

fn required_id(field: &Field<'_>, problems: &mut Problems) -> Option<Id> {
    let found = id(field);
    if found.is_none() {
        field.missing(problems);
    }
    found
}

fn required_code(field: &Field<'_>, problems: &mut Problems) -> Option<Coded> {
    let found = coded(field);
    if found.is_none() {
        field.missing(problems);
    }
    found
}

fn required_timestamp(field: &Field<'_>, problems: &mut Problems) -> Option<Timestamp> {
    if field.attribute("value").is_none() {
        field.missing(problems);
    }
    timestamp(field, problems)
}

/// The value of a TS element; nothing where there is none (`nullFlavor`).
pub(super) fn timestamp(field: &Field<'_>, problems: &mut Problems) -> Option<Timestamp> {
    let read = Timestamp::parse(field.attribute("value")?);
    if read.is_none() {
        problems.push(
            field.path(),
            ViolationCode::BadFormat,
            "must be an HL7 time stamp",
        );
    }
    read
}

/// A code with its system; nothing where either is missing.
pub(super) fn coded(field: &Field<'_>) -> Option<Coded> {
    Some(Coded {
        code: field.attribute("code")?.to_owned(),
        system: field.attribute("codeSystem")?.to_owned(),
        display: field.attribute("displayName").map(str::to_owned),
    })
}

/// The `id` elements of a place.
pub(super) fn ids(field: &Field<'_>) -> Vec<Id> {
    ids_of(field, "id")
}

fn ids_of(field: &Field<'_>, name: &str) -> Vec<Id> {
    field.children(name).iter().filter_map(id).collect()
}

fn id(field: &Field<'_>) -> Option<Id> {
    let extension = field.attribute("extension").map(str::to_owned);
    Some(Id {
        root: field.attribute("root")?.to_owned(),
        extension,
    })
}
