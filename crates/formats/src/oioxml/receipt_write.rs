//! XCTL02 and XCTL03, the receipts, as they are written.

use time::PrimitiveDateTime;

use super::{OriginalMessage, RefuseCode};
use crate::identifier::Gln;
use crate::xml::Writer;

/// The namespace that receipts are written in (`MedCom`'s 2005 schemas).
const NAMESPACE: &str = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/";
/// The refuse text is one line of the receiver's screen.
const MAX_REFUSE_TEXT: usize = 350;

/// What is new in each receipt that is sent: a receipt sent again has a new envelope and time, the same letter.
#[derive(Debug, Clone, Copy)]
pub struct ReceiptStamp<'a> {
    /// The receipt's own envelope identifier, at most 14 characters in EDIFACT.
    pub envelope_identifier: &'a str,
    /// The receipt's own letter identifier, at most 14 characters.
    pub letter_identifier: &'a str,
    /// When it is sent, Danish local time.
    pub sent: PrimitiveDateTime,
}

/// Writes XCTL03: the message was received. UTF-8.
#[must_use]
pub fn positive_receipt(original: &OriginalMessage, stamp: &ReceiptStamp<'_>) -> Vec<u8> {
    write(
        "PositiveReceipt",
        ["XC0330Q", "XCTL03"],
        original,
        stamp,
        |_| {},
    )
}

/// Writes XCTL02: the message was refused. UTF-8.
///
/// The text is cut to 350 characters; it goes to the sender of the letter and to nobody else.
#[must_use]
pub fn negative_receipt(
    original: &OriginalMessage,
    stamp: &ReceiptStamp<'_>,
    code: RefuseCode,
    text: &str,
) -> Vec<u8> {
    write(
        "NegativeReceipt",
        ["XC0230Q", "XCTL02"],
        original,
        stamp,
        |out| {
            out.text("RefuseCode", code.as_str());
            let cut: String = text.chars().take(MAX_REFUSE_TEXT).collect();
            if !cut.is_empty() {
                out.text("RefuseText", &cut);
            }
        },
    )
}

fn write(
    element: &str,
    [version, type_code]: [&str; 2],
    original: &OriginalMessage,
    stamp: &ReceiptStamp<'_>,
    refusal: impl FnOnce(&mut Writer),
) -> Vec<u8> {
    let mut out = Writer::new();
    out.root("Emessage", NAMESPACE, |out| {
        envelope(stamp, out);
        out.element(element, |out| {
            out.element("Letter", |out| {
                out.text("Identifier", stamp.letter_identifier);
                out.text("VersionCode", version);
                out.text("StatisticalCode", type_code);
                out.text("TypeCode", type_code);
            });
            party("Sender", &original.receiver, out);
            party("Receiver", &original.sender, out);
            out.element("OriginalEmessage", |out| {
                original_message(original, refusal, out);
            });
        });
    });
    out.finish()
}

/// A receipt never asks for a receipt.
fn envelope(stamp: &ReceiptStamp<'_>, out: &mut Writer) {
    let (date, time) = (stamp.sent.date(), stamp.sent.time());
    out.element("Envelope", |out| {
        out.element("Sent", |out| {
            let month = u8::from(date.month());
            out.text(
                "Date",
                &format!("{:04}-{month:02}-{:02}", date.year(), date.day()),
            );
            out.text("Time", &format!("{:02}:{:02}", time.hour(), time.minute()));
        });
        out.text("Identifier", stamp.envelope_identifier);
        out.text("AcknowledgementCode", "minuspositivkvitt");
    });
}

fn party(name: &str, gln: &Gln, out: &mut Writer) {
    out.element(name, |out| out.text("EANIdentifier", gln.as_str()));
}

fn original_message(
    original: &OriginalMessage,
    refusal: impl FnOnce(&mut Writer),
    out: &mut Writer,
) {
    out.text("OriginalEnvelopeIdentifier", &original.envelope_identifier);
    party("OriginalSender", &original.sender, out);
    party("OriginalReceiver", &original.receiver, out);
    out.element("OriginalLetter", |out| {
        out.text("OriginalLetterIdentifier", &original.letter_identifier);
        out.text("OriginalVersionCode", &original.version_code);
        refusal(out);
    });
}
