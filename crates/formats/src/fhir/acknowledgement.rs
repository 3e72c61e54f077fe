//! Builds the acknowledgement of a message (`MedCom` Acknowledgement 2.0).

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::message::{Message, Organization, ResponseCode};
use super::{IssueCode, url};
use crate::identifier::system;

/// How a received message was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Taken.
    Ok,
    /// Taken before: answered ok again, with the information that it is a duplicate.
    Duplicate,
    /// Not now: the sender waits and sends again.
    TransientError(IssueCode),
    /// Not so: the sender must change the message. The first issue, and others.
    FatalError(IssueCode, Vec<IssueCode>),
}

/// What is new in an acknowledgement: ids and time are the caller's, so that an acknowledgement
/// that is sent again can keep its header id and content and get a new Bundle id and time.
#[derive(Debug, Clone, Copy)]
pub struct AcknowledgementStamp {
    /// The id of the Bundle.
    pub bundle_id: Uuid,
    /// The id of the `MessageHeader`.
    pub header_id: Uuid,
    /// The id of the Provenance of the message that is acknowledged.
    pub received_provenance_id: Uuid,
    /// The id of the Provenance of the acknowledgement.
    pub provenance_id: Uuid,
    /// The id of the `OperationOutcome`, which only an outcome with issues has.
    pub outcome_id: Uuid,
    /// When.
    pub at: OffsetDateTime,
}

impl Outcome {
    fn code(&self) -> ResponseCode {
        match self {
            Self::Ok | Self::Duplicate => ResponseCode::Ok,
            Self::TransientError(_) => ResponseCode::TransientError,
            Self::FatalError(..) => ResponseCode::FatalError,
        }
    }

    /// The issues with their severity.
    fn issues(&self) -> Vec<(&'static str, IssueCode)> {
        match self {
            Self::Ok => Vec::new(),
            Self::Duplicate => vec![("information", IssueCode::DUPLICATE)],
            Self::TransientError(code) => vec![("error", *code)],
            Self::FatalError(first, others) => std::iter::once(first)
                .chain(others)
                .map(|code| ("error", *code))
                .collect(),
        }
    }
}

/// Writes the acknowledgement of a message: from `by`, one of its receivers, to its sender. JSON.
#[must_use]
pub fn acknowledgement(
    received: &Message,
    by: &Organization,
    outcome: &Outcome,
    stamp: &AcknowledgementStamp,
) -> Vec<u8> {
    let mut entries = vec![
        header(received, by, outcome, stamp),
        received_provenance(received, stamp),
        own_provenance(received, by, stamp),
        organization(by),
    ];
    if by.gln != received.sender.gln {
        entries.push(organization(&received.sender));
    }
    if !outcome.issues().is_empty() {
        entries.push(operation_outcome(outcome, stamp));
    }
    let profile = format!(
        "{}medcom-messaging-acknowledgement",
        url::ACKNOWLEDGEMENT_PROFILES
    );
    let bundle = json!({
        "resourceType": "Bundle",
        "id": stamp.bundle_id,
        "meta": {"profile": [profile]},
        "type": "message",
        "timestamp": rfc3339(stamp.at),
        "entry": entries.into_iter().map(entry).collect::<Vec<_>>(),
    });
    bundle.to_string().into_bytes()
}

/// Gives a resource its full URL and the narrative that `MedCom`'s profiles ask for.
fn entry(mut resource: Value) -> Value {
    let text = |name: &str| {
        resource
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (kind, id) = (text("resourceType").to_owned(), text("id").to_owned());
    let full_url = format!("{}{kind}/{id}", url::ENTRIES);
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{kind} {id}</div>");
    if let Some(object) = resource.as_object_mut() {
        object.insert(
            "text".to_owned(),
            json!({"status": "generated", "div": div}),
        );
    }
    json!({"fullUrl": full_url, "resource": resource})
}

fn header(
    received: &Message,
    by: &Organization,
    outcome: &Outcome,
    stamp: &AcknowledgementStamp,
) -> Value {
    let sender = &received.sender;
    let profile = format!(
        "{}medcom-messaging-acknowledgementHeader",
        url::ACKNOWLEDGEMENT_PROFILES
    );
    let mut response = json!({"identifier": received.header_id, "code": outcome.code().as_str()});
    if let (false, Some(object)) = (outcome.issues().is_empty(), response.as_object_mut()) {
        let details = json!({"reference": format!("OperationOutcome/{}", stamp.outcome_id)});
        object.insert("details".to_owned(), details);
    }
    json!({
        "resourceType": "MessageHeader",
        "id": stamp.header_id,
        "meta": {"profile": [profile]},
        "eventCoding": {"system": url::EVENT, "code": "acknowledgement-message"},
        "destination": [{
            "extension": [{
                "url": url::DESTINATION_USE_EXTENSION,
                "valueCoding": {"system": url::DESTINATION_USE, "code": "primary"},
            }],
            "endpoint": received.source_endpoint,
            "receiver": reference("Organization", sender.gln.as_str()),
        }],
        "sender": reference("Organization", by.gln.as_str()),
        "source": {"endpoint": format!("{}{}", url::SOR_ENDPOINT, by.sor)},
        "response": response,
    })
}

/// The step of the received message as it told it itself, or as a new message where it told none.
fn received_provenance(received: &Message, stamp: &AcknowledgementStamp) -> Value {
    let step = received.activity();
    let occurred = rfc3339(step.map_or(received.timestamp, |step| step.occurred));
    provenance(
        stamp.received_provenance_id,
        &received.header_id,
        &occurred,
        step.map_or("new-message", |step| step.activity.as_str()),
        &received.sender,
    )
}

fn own_provenance(received: &Message, by: &Organization, stamp: &AcknowledgementStamp) -> Value {
    let header = stamp.header_id.to_string();
    let at = rfc3339(stamp.at);
    let mut own = provenance(stamp.provenance_id, &header, &at, "acknowledgement", by);
    if let Some(object) = own.as_object_mut() {
        let what = reference("MessageHeader", &received.header_id);
        object.insert(
            "entity".to_owned(),
            json!([{"role": "revision", "what": what}]),
        );
    }
    own
}

fn provenance(
    id: Uuid,
    header_id: &str,
    occurred: &str,
    activity: &str,
    agent: &Organization,
) -> Value {
    json!({
        "resourceType": "Provenance",
        "id": id,
        "meta": {"profile": [format!("{}medcom-messaging-provenance", url::MESSAGING_PROFILES)]},
        "target": [reference("MessageHeader", header_id)],
        "occurredDateTime": occurred,
        "recorded": occurred,
        "activity": {"coding": [{"system": url::ACTIVITY, "code": activity}]},
        "agent": [{"who": reference("Organization", agent.gln.as_str())}],
    })
}

/// Its GLN is its id too: distinct for each organisation, and a FHIR id by its form.
fn organization(organization: &Organization) -> Value {
    let mut resource = json!({
        "resourceType": "Organization",
        "id": organization.gln.as_str(),
        "meta": {"profile": [format!("{}medcom-messaging-organization", url::MESSAGING_PROFILES)]},
        "identifier": [
            {"system": system::GLN, "value": organization.gln.as_str()},
            {"system": system::SOR, "value": organization.sor.as_str()},
        ],
    });
    if let (Some(name), Some(object)) = (&organization.name, resource.as_object_mut()) {
        object.insert("name".to_owned(), json!(name));
    }
    resource
}

fn operation_outcome(outcome: &Outcome, stamp: &AcknowledgementStamp) -> Value {
    let profile = format!(
        "{}medcom-acknowledgement-operationoutcome",
        url::ACKNOWLEDGEMENT_PROFILES
    );
    let issue = |(severity, code): (&str, IssueCode)| {
        let coding = json!([{"system": code.system(), "code": code.code()}]);
        json!({"severity": severity, "code": code.issue_type(), "details": {"coding": coding}})
    };
    json!({
        "resourceType": "OperationOutcome",
        "id": stamp.outcome_id,
        "meta": {"profile": [profile]},
        "issue": outcome.issues().into_iter().map(issue).collect::<Vec<_>>(),
    })
}

fn reference(kind: &str, id: &str) -> Value {
    json!({"reference": format!("{kind}/{id}")})
}

/// A time as FHIR writes it. Formatting fails only for years that no clock shows; the epoch then stands in.
fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339)
        .unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}
