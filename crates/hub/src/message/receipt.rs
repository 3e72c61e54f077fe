//! The answer to a message in the standard of the message itself: XCTL03 and XCTL02 for a letter, an Acknowledgement for a FHIR message.
//!
//! It is made once, when the receiver answers, and kept: asked again, the sender gets the same.

use delt_formats::{
    Limits,
    fhir::{AcknowledgementStamp, IssueCode, Outcome, acknowledgement, parse_message},
    oioxml::{
        OriginalMessage, ReceiptStamp, RefuseCode, negative_receipt, parse_header, positive_receipt,
    },
};

use super::{Message, MessageType, StandardReceipt, local_time};
use crate::{Error, Result, entropy, operation::Context};

/// The codes of XCTL02.
const REFUSE_CODES: [RefuseCode; 5] = [
    RefuseCode::Unspecified,
    RefuseCode::UnknownLocationNumber,
    RefuseCode::ReceiverId,
    RefuseCode::Version,
    RefuseCode::Syntax,
];

/// What a receiver says of a message, in the words of the message's standard.
pub(super) enum Verdict<'a> {
    Letter(Option<(RefuseCode, &'a str)>),
    Fhir(Option<IssueCode>),
}

impl<'a> Verdict<'a> {
    /// Reads a refusal (none: received) as the message type knows it.
    pub(super) fn read(
        message_type: MessageType,
        code: Option<&str>,
        text: &'a str,
    ) -> Result<Self> {
        match message_type {
            MessageType::Xdis01 => code
                .map(|code| Ok((refuse_code(code)?, text)))
                .transpose()
                .map(Self::Letter),
            _ if !text.is_empty() => Err(Error::invalid(
                "refuse_text",
                "must be empty: a MedCom Acknowledgement carries codes only",
            )),
            _ => code.map(issue_code).transpose().map(Self::Fhir),
        }
    }
}

fn refuse_code(code: &str) -> Result<RefuseCode> {
    let known = REFUSE_CODES
        .into_iter()
        .find(|known| known.as_str() == code);
    known.ok_or_else(|| {
        let all = REFUSE_CODES.map(RefuseCode::as_str).join(", ");
        Error::invalid(
            "refuse_code",
            format!("must be one of {all} for this message"),
        )
    })
}

/// A duplicate is taken and a passing fault passes: neither is a reason to refuse for good (MedCom, reliable messaging).
fn issue_code(code: &str) -> Result<IssueCode> {
    match IssueCode::parse(code) {
        Some(IssueCode::DUPLICATE) => Err(Error::invalid(
            "refuse_code",
            "a message that was received before is acknowledged",
        )),
        Some(IssueCode::MAILBOX_OUT_OF_OPERATION) => Err(Error::invalid(
            "refuse_code",
            "is a passing fault: let the lease run out, and the message is offered again",
        )),
        Some(code) => Ok(code),
        None => Err(Error::invalid(
            "refuse_code",
            "must be a MedCom acknowledgement issue code for this message, such as MSG_BAD_FORMAT",
        )),
    }
}

/// Writes the receipt of a message whose content is at hand.
pub(super) fn write(
    cx: &Context,
    message: &Message,
    content: &[u8],
    verdict: &Verdict<'_>,
) -> Result<StandardReceipt> {
    let content = match verdict {
        Verdict::Letter(refusal) => letter(cx, message, content, *refusal)?,
        Verdict::Fhir(issue) => fhir(cx, content, *issue)?,
    };
    Ok(StandardReceipt {
        mime_type: message.message_type.mime_type().to_owned(),
        content,
    })
}

fn letter(
    cx: &Context,
    message: &Message,
    content: &[u8],
    refusal: Option<(RefuseCode, &str)>,
) -> Result<Vec<u8>> {
    let header = parse_header(content, &room_for(content)).map_err(Error::internal)?;
    let original = OriginalMessage::from(&header);
    let envelope: [u8; 7] = entropy::random(&*cx.entropy)?;
    // 14 characters, as the standard has room for. The id's own last bytes are random.
    let own = message
        .message_id
        .as_bytes()
        .last_chunk::<7>()
        .copied()
        .unwrap_or_default();
    let (envelope, own) = (hex(envelope), hex(own));
    let stamp = ReceiptStamp {
        envelope_identifier: &envelope,
        letter_identifier: &own,
        sent: local_time::of_micros(cx.now),
    };
    Ok(match refusal {
        None => positive_receipt(&original, &stamp),
        Some((code, text)) => negative_receipt(&original, &stamp, code, text),
    })
}

fn hex(bytes: [u8; 7]) -> String {
    let number = bytes
        .iter()
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:014X}")
}

fn fhir(cx: &Context, content: &[u8], issue: Option<IssueCode>) -> Result<Vec<u8>> {
    let received = parse_message(content, &room_for(content)).map_err(Error::internal)?;
    let by = received
        .primary()
        .ok_or_else(|| Error::internal("a message without a receiver"))?;
    let outcome = issue.map_or(Outcome::Ok, |code| Outcome::FatalError(code, Vec::new()));
    let stamp = AcknowledgementStamp {
        bundle_id: cx.uuid()?,
        header_id: cx.uuid()?,
        received_provenance_id: cx.uuid()?,
        provenance_id: cx.uuid()?,
        outcome_id: cx.uuid()?,
        at: local_time::utc(cx.now),
    };
    Ok(acknowledgement(&received, &by.receiver, &outcome, &stamp))
}

/// It was accepted within the limits of its day; the operator may have lowered them since.
fn room_for(content: &[u8]) -> Limits {
    Limits {
        bytes: content.len(),
        ..Limits::MESSAGE
    }
}
