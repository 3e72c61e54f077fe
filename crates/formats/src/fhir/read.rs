//! From bytes to [`Message`].

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::message::{
    Destination, DestinationUse, Encounter, Issue, Message, MessageError, MessageKind, Response,
    ResponseCode,
};
use super::parts::{Place, Resources};
use super::who::{organization, patient};
use super::{IssueCode, Provenance, check, json, url};
use crate::Limits;
use crate::violation::{Problems, ViolationCode};

/// `MedCom` has one primary receiver and one copy; the rest is room.
const MAX_DESTINATIONS: usize = 10;
/// A message is about one stay, or few.
const MAX_EPISODES: usize = 20;

/// Reads the head of a `MedCom` FHIR message in JSON.
///
/// # Errors
/// The bytes are no JSON, no message Bundle, or the message breaks rules (all of them are told).
pub fn parse_message(bytes: &[u8], limits: &Limits) -> Result<Message, MessageError> {
    let value = json::parse(bytes, limits)?;
    let bundle = Place::new(&value, "Bundle");
    let resources = Resources::of(&bundle);
    let is_message = bundle.get("resourceType").text() == Some("Bundle")
        && bundle.get("type").text() == Some("message");
    let header = match resources.first() {
        Some(first) if is_message && first.kind == "MessageHeader" => first.place.clone(),
        _ => return Err(MessageError::NotMessage),
    };
    let mut problems = Problems::default();
    let message = read(&bundle, &header, &resources, &mut problems);
    if let Some(message) = &message {
        check::message(message, &header, &mut problems);
    }
    problems.finish(message).map_err(MessageError::Invalid)
}

fn read(
    bundle: &Place<'_>,
    header: &Place<'_>,
    resources: &Resources<'_>,
    problems: &mut Problems,
) -> Option<Message> {
    let bundle_id = id(&bundle.get("id"), problems);
    let header_id = id(&header.get("id"), problems);
    let kind = kind(&header.get("eventCoding"), problems);
    let timestamp = instant(&bundle.get("timestamp"), problems);
    let sender = organization(&header.get("sender"), resources, problems);
    let source_endpoint = header.get("source").get("endpoint").required(problems);
    let destinations = destinations(&header.get("destination"), resources, problems);
    let patient = patient(kind, resources, problems);
    let provenances = Provenance::read_all(resources, problems);
    let response = response(&header.get("response"), resources, problems);
    Some(Message {
        bundle_id: bundle_id?,
        header_id: header_id?,
        kind: kind?,
        timestamp: timestamp?,
        sender: sender?,
        source_endpoint: source_endpoint?.to_owned(),
        destinations,
        patient,
        provenances,
        response,
        episodes_of_care: episodes_of_care(resources),
        encounter: encounter(resources),
        category: category(resources),
    })
}

/// FHIR R4 `id`: 1 to 64 letters, digits, hyphens and points.
fn id(place: &Place<'_>, problems: &mut Problems) -> Option<String> {
    let text = place.required(problems)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    if text.len() > 64 || !text.bytes().all(allowed) {
        place.wrong(problems, ViolationCode::BadFormat, "must be a FHIR id");
        return None;
    }
    Some(text.to_owned())
}

/// A time with its offset.
pub(super) fn instant(place: &Place<'_>, problems: &mut Problems) -> Option<OffsetDateTime> {
    let text = place.required(problems)?;
    let read = OffsetDateTime::parse(text, &Rfc3339).ok();
    if read.is_none() {
        place.wrong(
            problems,
            ViolationCode::BadFormat,
            "must be a date and time with an offset",
        );
    }
    read
}

fn kind(coding: &Place<'_>, problems: &mut Problems) -> Option<MessageKind> {
    let code = coding.get("code").required(problems)?;
    let kind =
        MessageKind::of_event(code).filter(|_| coding.get("system").text() == Some(url::EVENT));
    if kind.is_none() {
        coding.wrong(
            problems,
            ViolationCode::UnknownCode,
            "is not a known message event",
        );
    }
    kind
}

fn destinations(
    list: &Place<'_>,
    resources: &Resources<'_>,
    problems: &mut Problems,
) -> Vec<Destination> {
    let items = list.items();
    if items.is_empty() {
        list.missing(problems);
    }
    if items.len() > MAX_DESTINATIONS {
        let message = "must have at most ten destinations";
        list.wrong(problems, ViolationCode::TooMany, message);
    }
    items
        .iter()
        .take(MAX_DESTINATIONS)
        .filter_map(|place| destination(place, resources, problems))
        .collect()
}

fn destination(
    place: &Place<'_>,
    resources: &Resources<'_>,
    problems: &mut Problems,
) -> Option<Destination> {
    let use_ = destination_use(place, problems);
    let endpoint = place.get("endpoint").required(problems);
    let receiver = organization(&place.get("receiver"), resources, problems);
    Some(Destination {
        use_: use_?,
        endpoint: endpoint?.to_owned(),
        receiver: receiver?,
    })
}

fn destination_use(place: &Place<'_>, problems: &mut Problems) -> Option<DestinationUse> {
    let extensions = place.get("extension");
    let is_use = |e: &Place<'_>| e.get("url").text() == Some(url::DESTINATION_USE_EXTENSION);
    let Some(extension) = extensions.items().into_iter().find(is_use) else {
        extensions.missing(problems);
        return None;
    };
    match extension.get("valueCoding").get("code").text() {
        Some("primary") => Some(DestinationUse::Primary),
        Some("cc") => Some(DestinationUse::CarbonCopy),
        _ => {
            extension.wrong(
                problems,
                ViolationCode::UnknownCode,
                "must be primary or cc",
            );
            None
        }
    }
}

fn response(
    place: &Place<'_>,
    resources: &Resources<'_>,
    problems: &mut Problems,
) -> Option<Response> {
    if !place.is_there() {
        return None;
    }
    let identifier = id(&place.get("identifier"), problems);
    let field = place.get("code");
    let code = field.required(problems).and_then(ResponseCode::parse);
    if field.is_there() && code.is_none() {
        field.wrong(
            problems,
            ViolationCode::UnknownCode,
            "is not a response code",
        );
    }
    let details = place.get("details");
    let outcome = details.is_there().then(|| {
        resources
            .follow(&details, "OperationOutcome", problems)
            .cloned()
    });
    let issues = outcome
        .flatten()
        .map_or_else(Vec::new, |outcome| issues(&outcome));
    Some(Response {
        identifier: identifier?,
        code: code?,
        issues,
    })
}

fn issues(outcome: &Place<'_>) -> Vec<Issue> {
    let read = |issue: Place<'_>| {
        let codings = issue.get("details").get("coding").items();
        Issue {
            severity: issue.get("severity").text().unwrap_or("error").to_owned(),
            code: codings
                .iter()
                .find_map(|c| IssueCode::parse(c.get("code").text()?)),
        }
    };
    outcome.get("issue").items().into_iter().map(read).collect()
}

/// FHIR writes a UUID with hyphens, OIOXML without: here both are the same.
fn episodes_of_care(resources: &Resources<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for encounter in resources.of_kind("Encounter") {
        for episode in encounter.get("episodeOfCare").items() {
            let Some(value) = episode.get("identifier").get("value").text() else {
                continue;
            };
            let bare = value.strip_prefix("urn:uuid:").unwrap_or(value);
            let text = Uuid::try_parse(bare).map_or_else(|_| value.to_owned(), |id| id.to_string());
            if found.len() < MAX_EPISODES && !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// A period may be given as days only; then nothing is known of the moment.
fn encounter(resources: &Resources<'_>) -> Option<Encounter> {
    let encounter = resources.of_kind("Encounter").next()?;
    let moment = |name| {
        let text = encounter.get("period").get(name).text()?;
        OffsetDateTime::parse(text, &Rfc3339).ok()
    };
    Some(Encounter {
        status: encounter.get("status").text().map(str::to_owned),
        start: moment("start"),
        end: moment("end"),
    })
}

fn category(resources: &Resources<'_>) -> Option<String> {
    let communication = resources.of_kind("Communication").next()?;
    let coding = communication.get("category").at(0).get("coding").at(0);
    coding.get("code").text().map(str::to_owned)
}
