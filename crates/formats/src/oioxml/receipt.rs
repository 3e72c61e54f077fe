//! XCTL02 and XCTL03, the receipts, as they are read.

use super::header::{Header, open};
use super::values::{gln, short};
use super::{LetterKind, OioxmlError};
use crate::identifier::Gln;
use crate::violation::{Problems, ViolationCode};
use crate::xml::{self, Field};
use crate::{Limits, Sensitive};

/// A receipt for a letter that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Envelope, letter head, sender and receiver of the receipt itself.
    pub header: Header,
    /// The message that it is a receipt for.
    pub original: OriginalMessage,
    /// What became of that message.
    pub outcome: ReceiptOutcome,
}

/// The message that a receipt answers: the keys by which its sender finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalMessage {
    /// The identifier of the envelope that was received.
    pub envelope_identifier: String,
    /// Who had sent it.
    pub sender: Gln,
    /// Who received it.
    pub receiver: Gln,
    /// The identifier of the letter.
    pub letter_identifier: String,
    /// The version of the letter.
    pub version_code: String,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptOutcome {
    /// Received.
    Positive,
    /// Refused.
    Negative {
        /// Why, as a code.
        code: RefuseCode,
        /// Why, in the receiver's words, which may be about the patient.
        text: Option<Sensitive>,
    },
}

/// Why a letter is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefuseCode {
    /// `ikke_specificeret` (NC).
    Unspecified,
    /// `ukendt_lokationsnummer` (LOK).
    UnknownLocationNumber,
    /// `problem_med_modtagerID` (MID).
    ReceiverId,
    /// `problem_med_version` (VER).
    Version,
    /// `syntaksfejl` (SYN).
    Syntax,
}

const REFUSE_CODES: &[(RefuseCode, &str)] = &[
    (RefuseCode::Unspecified, "ikke_specificeret"),
    (RefuseCode::UnknownLocationNumber, "ukendt_lokationsnummer"),
    (RefuseCode::ReceiverId, "problem_med_modtagerID"),
    (RefuseCode::Version, "problem_med_version"),
    (RefuseCode::Syntax, "syntaksfejl"),
];

impl RefuseCode {
    /// The code as the letter writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        REFUSE_CODES
            .iter()
            .find(|(code, _)| *code == self)
            .map_or("", |(_, text)| text)
    }

    fn parse(text: &str) -> Option<Self> {
        REFUSE_CODES
            .iter()
            .find(|(_, known)| *known == text)
            .map(|(code, _)| *code)
    }
}

impl From<&Header> for OriginalMessage {
    fn from(header: &Header) -> Self {
        Self {
            envelope_identifier: header.envelope.identifier.clone(),
            sender: header.sender.gln.clone(),
            receiver: header.receiver.gln.clone(),
            letter_identifier: header.letter.identifier.clone(),
            version_code: header.letter.version_code.clone(),
        }
    }
}

/// Reads a positive or negative receipt.
///
/// # Errors
/// The bytes are no `Emessage`, hold another letter, or the receipt breaks rules (all of them are told).
pub fn parse_receipt(bytes: &[u8], limits: &Limits) -> Result<Receipt, OioxmlError> {
    let root = xml::read(bytes, limits)?;
    let opened = open(&root)?;
    if opened.kind != LetterKind::PositiveReceipt {
        opened.expect(LetterKind::NegativeReceipt, "a receipt (XCTL02 or XCTL03)")?;
    }
    let mut problems = Problems::default();
    let header = opened.header(&mut problems);
    let message = opened.letter.child("OriginalEmessage");
    let original = original(&message, &mut problems);
    let outcome = outcome(opened.kind, &message.child("OriginalLetter"), &mut problems);
    let receipt = header.zip(original).zip(outcome);
    problems
        .finish(receipt.map(|((header, original), outcome)| Receipt {
            header,
            original,
            outcome,
        }))
        .map_err(OioxmlError::Invalid)
}

fn original(field: &Field<'_>, problems: &mut Problems) -> Option<OriginalMessage> {
    let envelope_identifier = short(&field.child("OriginalEnvelopeIdentifier"), 36, problems);
    let sender = gln(
        &field.child("OriginalSender").child("EANIdentifier"),
        problems,
    );
    let receiver = gln(
        &field.child("OriginalReceiver").child("EANIdentifier"),
        problems,
    );
    let letter = field.child("OriginalLetter");
    let letter_identifier = short(&letter.child("OriginalLetterIdentifier"), 36, problems);
    let version_code = short(&letter.child("OriginalVersionCode"), 20, problems);
    Some(OriginalMessage {
        envelope_identifier: envelope_identifier?,
        sender: sender?,
        receiver: receiver?,
        letter_identifier: letter_identifier?,
        version_code: version_code?,
    })
}

fn outcome(
    kind: LetterKind,
    letter: &Field<'_>,
    problems: &mut Problems,
) -> Option<ReceiptOutcome> {
    if kind == LetterKind::PositiveReceipt {
        return Some(ReceiptOutcome::Positive);
    }
    let field = letter.child("RefuseCode");
    let code = RefuseCode::parse(&field.required(problems)?);
    if code.is_none() {
        problems.push(
            field.path(),
            ViolationCode::UnknownCode,
            "is not a known refuse code",
        );
    }
    let text = letter.child("RefuseText").text().map(Sensitive::from);
    Some(ReceiptOutcome::Negative { code: code?, text })
}
