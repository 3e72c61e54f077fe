//! A `MedCom` FHIR message as the hub sees it: who sends what to whom, about whom.

use std::fmt;

use time::OffsetDateTime;

use super::{IssueCode, JsonError, Provenance};
use crate::identifier::{Gln, PersonNumber, SorCode};
use crate::{Sensitive, Violation};

/// The head of a message. The clinical content stays in the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The id of the Bundle: new for each sending.
    pub bundle_id: String,
    /// The id of the `MessageHeader`: the message id, the same when sent again.
    pub header_id: String,
    /// Which message it is.
    pub kind: MessageKind,
    /// When the Bundle was made.
    pub timestamp: OffsetDateTime,
    /// Who sent it.
    pub sender: Organization,
    /// The sender's endpoint.
    pub source_endpoint: String,
    /// To whom: one primary receiver, perhaps one copy.
    pub destinations: Vec<Destination>,
    /// About whom; an acknowledgement is about nobody.
    pub patient: Option<Patient>,
    /// The history of the message, in the order of the Bundle; the one that targets this header is the last step.
    pub provenances: Vec<Provenance>,
    /// What it answers, in an acknowledgement.
    pub response: Option<Response>,
    /// The episodes of care of its Encounters, in lower case with hyphens where they are UUIDs.
    pub episodes_of_care: Vec<String>,
    /// What it says of the stay: its first Encounter.
    pub encounter: Option<Encounter>,
    /// The category of a care communication, such as `nursing`.
    pub category: Option<String>,
}

/// Which message it is (`medcom-messaging-eventCodes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// Advis om sygehusophold.
    HospitalNotification,
    /// Korrespondance.
    CareCommunication,
    /// Målinger i hjemmet.
    HomeCareObservation,
    /// Kvittering.
    Acknowledgement,
    /// A message without content, of `MedCom`'s basic messaging.
    Empty,
}

const KINDS: &[(MessageKind, &str)] = &[
    (
        MessageKind::HospitalNotification,
        "hospital-notification-message",
    ),
    (MessageKind::CareCommunication, "care-communication-message"),
    (
        MessageKind::HomeCareObservation,
        "homecareobservation-message",
    ),
    (MessageKind::Acknowledgement, "acknowledgement-message"),
    (MessageKind::Empty, "empty-message"),
];

impl MessageKind {
    /// The event code.
    #[must_use]
    pub fn event_code(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, code)| code)
    }

    pub(super) fn of_event(code: &str) -> Option<Self> {
        KINDS
            .iter()
            .find(|(_, known)| *known == code)
            .map(|(kind, _)| *kind)
    }

    /// Whether a message of this kind is about a patient.
    #[must_use]
    pub const fn has_patient(self) -> bool {
        !matches!(self, Self::Acknowledgement | Self::Empty)
    }
}

impl Message {
    /// The one primary receiver.
    #[must_use]
    pub fn primary(&self) -> Option<&Destination> {
        self.destinations
            .iter()
            .find(|d| d.use_ == DestinationUse::Primary)
    }

    /// The step that made this message: what happened last.
    #[must_use]
    pub fn activity(&self) -> Option<&Provenance> {
        self.provenances
            .iter()
            .rev()
            .find(|step| step.targets(&self.header_id))
    }
}

/// An organisation that sends or receives messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// SOR code.
    pub sor: SorCode,
    /// Location number.
    pub gln: Gln,
    /// Name.
    pub name: Option<String>,
}

/// To whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Primary or copy.
    pub use_: DestinationUse,
    /// The receiver's endpoint.
    pub endpoint: String,
    /// The receiver.
    pub receiver: Organization,
}

/// Whether a destination is the primary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DestinationUse {
    /// `primary`.
    Primary,
    /// `cc`.
    CarbonCopy,
}

/// About whom a message is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// CPR or eCPR.
    pub person: PersonNumber,
    /// Family name.
    pub family: Option<Sensitive>,
    /// Given names.
    pub given: Vec<Sensitive>,
    /// Whether the message says that the patient is dead.
    pub deceased: bool,
}

/// What a message says of the stay that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encounter {
    /// FHIR `encounter-status`, such as `in-progress` or `finished`.
    pub status: Option<String>,
    /// When the stay began, where it is said as a moment.
    pub start: Option<OffsetDateTime>,
    /// When the stay ended, where it has and it is said as a moment.
    pub end: Option<OffsetDateTime>,
}

/// What an acknowledgement says of the message that it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The id of the answered message's `MessageHeader`.
    pub identifier: String,
    /// How it went.
    pub code: ResponseCode,
    /// Why, from the `OperationOutcome`.
    pub issues: Vec<Issue>,
}

/// How the answered message was taken (FHIR `response-code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseCode {
    /// Taken.
    Ok,
    /// Not now: wait and send again.
    TransientError,
    /// Not so: sending again unchanged is useless.
    FatalError,
}

const RESPONSES: &[(ResponseCode, &str)] = &[
    (ResponseCode::Ok, "ok"),
    (ResponseCode::TransientError, "transient-error"),
    (ResponseCode::FatalError, "fatal-error"),
];

impl ResponseCode {
    /// The code as FHIR writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        RESPONSES
            .iter()
            .find(|(code, _)| *code == self)
            .map_or("", |(_, text)| text)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        RESPONSES
            .iter()
            .find(|(_, known)| *known == text)
            .map(|(code, _)| *code)
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One issue of an `OperationOutcome`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// `fatal`, `error`, `warning` or `information`.
    pub severity: String,
    /// The detail code, where it is a known one.
    pub code: Option<IssueCode>,
}

/// Why bytes are not a message. Holds no content of the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// Not JSON that is read here.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// JSON, but no Bundle of type message that begins with a `MessageHeader`.
    #[error("not a FHIR message Bundle that begins with a MessageHeader")]
    NotMessage,
    /// A message that breaks rules, with all of them.
    #[error("the message breaks {} rule(s)", .0.len())]
    Invalid(Vec<Violation>),
}
