//! What every letter begins with: envelope, letter head, sender, receiver.

use time::PrimitiveDateTime;
use uuid::Uuid;

use super::values::{date_time, required_date_time, short, uuid};
use super::{LetterKind, OioxmlError, Party};
use crate::Limits;
use crate::violation::{Problems, ViolationCode};
use crate::xml::{self, Element, Field};

/// An envelope identifier: EDIFACT has 14 characters, systems that send a UUID need 36.
const MAX_ENVELOPE_IDENTIFIER: usize = 36;
/// A letter identifier, unique per sender: 14 characters (docs.ehealth.sundhed.dk, `CorrespondanceLetterIdentifier`).
const MAX_LETTER_IDENTIFIER: usize = 14;
/// More than any code of `MedCom`'s has.
const MAX_CODE: usize = 20;

/// The head of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which letter it is, by its element.
    pub kind: LetterKind,
    /// The namespace of the `Emessage`.
    pub namespace: String,
    /// The envelope.
    pub envelope: Envelope,
    /// The letter's own head.
    pub letter: Letter,
    /// Who sent it.
    pub sender: Party,
    /// For whom it is.
    pub receiver: Party,
}

/// The envelope: new for each sending of the same letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// When it was sent, Danish local time.
    pub sent: PrimitiveDateTime,
    /// The envelope's identifier, never used again.
    pub identifier: String,
    /// Whether the sender asks for a positive receipt (`pluspositivkvitt`).
    pub acknowledgement_requested: bool,
}

/// The head of the letter itself: the same in each sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Unique for the sender.
    pub identifier: String,
    /// The version, such as `XD0133L`.
    pub version_code: String,
    /// The statistical code, such as `XDIS01`.
    pub statistical_code: String,
    /// The type, such as `XDIS01`.
    pub type_code: String,
    /// When the letter was authorised, Danish local time.
    pub authorised: Option<PrimitiveDateTime>,
    /// New, corrected or cancelled.
    pub status: Option<LetterStatus>,
    /// The episode of care; FHIR writes it with hyphens, OIOXML without.
    pub episode_of_care: Option<Uuid>,
}

/// Whether a letter is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterStatus {
    /// `nytbrev`.
    New,
    /// `rettetbrev`: replaces an earlier letter.
    Corrected,
    /// `annulleretbrev`: withdraws an earlier letter.
    Cancelled,
}

/// Reads the head of any letter.
///
/// # Errors
/// The bytes are no `Emessage` with a letter, or its head breaks rules (all of them are told).
pub fn parse_header(bytes: &[u8], limits: &Limits) -> Result<Header, OioxmlError> {
    let root = xml::read(bytes, limits)?;
    let mut problems = Problems::default();
    let opened = open(&root)?;
    let header = opened.header(&mut problems);
    problems.finish(header).map_err(OioxmlError::Invalid)
}

/// An `Emessage` with its letter element found.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    pub(super) kind: LetterKind,
    root: &'a Element,
    pub(super) letter: Field<'a>,
}

/// Finds the one letter in the `Emessage`, whatever its type.
pub(super) fn open(root: &Element) -> Result<Opened<'_>, OioxmlError> {
    let medcom = ["http://rep.oio.dk/", "urn:oio:medcom:"];
    if root.name != "Emessage" || !medcom.iter().any(|ns| root.namespace.starts_with(ns)) {
        return Err(OioxmlError::NotEmessage);
    }
    let mut letters = root.elements().filter(|element| element.name != "Envelope");
    match (letters.next(), letters.next()) {
        (Some(letter), None) => {
            let kind = LetterKind::of_element(&letter.name);
            // The name of an unknown element is the sender's text and stays out of the path.
            let field = if kind == LetterKind::Unknown {
                Field::named(letter, "/Emessage/*")
            } else {
                Field::root(root).child(&letter.name)
            };
            Ok(Opened {
                kind,
                root,
                letter: field,
            })
        }
        _ => Err(OioxmlError::NotEmessage),
    }
}

impl Opened<'_> {
    /// Refuses a letter of another kind.
    pub(super) fn expect(&self, kind: LetterKind, name: &'static str) -> Result<(), OioxmlError> {
        if self.kind == kind {
            return Ok(());
        }
        Err(OioxmlError::OtherLetter {
            found: self.kind,
            expected: name,
        })
    }

    pub(super) fn header(&self, problems: &mut Problems) -> Option<Header> {
        let envelope = envelope(&Field::root(self.root).child("Envelope"), problems);
        let letter = letter(&self.letter.child("Letter"), problems);
        let sender = Party::read(&self.letter.child("Sender"), problems);
        let receiver = Party::read(&self.letter.child("Receiver"), problems);
        Some(Header {
            kind: self.kind,
            namespace: self.root.namespace.to_string(),
            envelope: envelope?,
            letter: letter?,
            sender: sender?,
            receiver: receiver?,
        })
    }
}

fn envelope(field: &Field<'_>, problems: &mut Problems) -> Option<Envelope> {
    let sent = required_date_time(&field.child("Sent"), problems);
    let identifier = short(
        &field.child("Identifier"),
        MAX_ENVELOPE_IDENTIFIER,
        problems,
    );
    let request = field.child("AcknowledgementCode");
    let acknowledgement_requested = match request.text().as_deref() {
        Some("pluspositivkvitt") => true,
        Some("minuspositivkvitt") | None => false,
        Some(_) => {
            problems.push(
                request.path(),
                ViolationCode::UnknownCode,
                "must be plus- or minuspositivkvitt",
            );
            false
        }
    };
    Some(Envelope {
        sent: sent?,
        identifier: identifier?,
        acknowledgement_requested,
    })
}

fn letter(field: &Field<'_>, problems: &mut Problems) -> Option<Letter> {
    let identifier = short(&field.child("Identifier"), MAX_LETTER_IDENTIFIER, problems);
    let version_code = short(&field.child("VersionCode"), MAX_CODE, problems);
    let statistical_code = short(&field.child("StatisticalCode"), MAX_CODE, problems);
    let type_code = short(&field.child("TypeCode"), MAX_CODE, problems);
    let authorised = date_time(&field.child("Authorisation"), problems);
    let status = status(&field.child("StatusCode"), problems);
    let episode_of_care = uuid(&field.child("EpisodeOfCareIdentifier"), problems);
    Some(Letter {
        identifier: identifier?,
        version_code: version_code?,
        statistical_code: statistical_code?,
        type_code: type_code?,
        authorised,
        status,
        episode_of_care,
    })
}

fn status(field: &Field<'_>, problems: &mut Problems) -> Option<LetterStatus> {
    match field.text()?.as_str() {
        "nytbrev" => Some(LetterStatus::New),
        "rettetbrev" => Some(LetterStatus::Corrected),
        "annulleretbrev" => Some(LetterStatus::Cancelled),
        _ => {
            problems.push(
                field.path(),
                ViolationCode::UnknownCode,
                "must be nytbrev, rettetbrev or annulleretbrev",
            );
            None
        }
    }
}
