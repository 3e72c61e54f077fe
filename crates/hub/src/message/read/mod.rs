//! From bytes to a message that can be sent: parsed, validated in full, its places found in the directory.

mod fhir;
mod identity;
mod oioxml;
mod places;

use delt_formats::{
    Limits, Violation,
    identifier::{Gln, PersonNumber, SorCode},
};
use delt_policy::OrganisationId;

use super::MessageType;
use crate::{
    Error, Result,
    clock::Micros,
    error::{FieldViolation, code},
    organisation::Directory,
    relation::stay::Notice,
};

/// What the hub needs to know of a message. The clinical content stays in the bytes.
#[derive(Clone)]
pub(super) struct Incoming {
    pub(super) head: Head,
    /// The organisation behind the sender's location number.
    pub(super) sender: OrganisationId,
    /// The organisation whose mailbox receives.
    pub(super) receiver: OrganisationId,
    /// SHA-256 of the message apart from its envelope, so that it is recognised when it is sent again in a new one.
    pub(super) digest: [u8; 32],
}

/// What the message says of itself.
#[derive(Clone)]
pub(super) struct Head {
    pub(super) message_type: MessageType,
    /// Unique for the sender.
    pub(super) sender_message_id: String,
    pub(super) sender: Station,
    pub(super) receiver: Station,
    /// None where the sender has no person number of the patient: the message goes out, and no record can show it.
    pub(super) patient: Option<PersonNumber>,
    /// In lower case with hyphens where it is a UUID, as FHIR writes it.
    pub(super) episode_of_care: Option<String>,
    pub(super) revision: Revision,
    /// When it was authorised or made.
    pub(super) created: Micros,
    pub(super) service_start: Option<Micros>,
    pub(super) service_stop: Option<Micros>,
    /// What it says of a stay at the sender's.
    pub(super) stay: Option<Notice>,
    /// The sender's specialty in MedCom's words, such as `kardiologi`.
    pub(super) specialty: Option<String>,
}

/// Sender or receiver as the message names it.
#[derive(Clone)]
pub(super) struct Station {
    pub(super) gln: Gln,
    /// FHIR messages say the SOR code too.
    pub(super) sor: Option<SorCode>,
}

/// Whether a message stands for itself or changes what an earlier one said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Revision {
    New,
    /// `rettetbrev`, `modified-message`.
    Corrects(Earlier),
    /// `annulleretbrev`, `retract-message`.
    Cancels(Earlier),
}

/// How a message names the earlier one that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Earlier {
    /// The sender's last one of the same type in this episode of care (OIOXML names no letter).
    InEpisode,
    /// By the sender's message id.
    Named(String),
}

/// Reads a message.
///
/// # Errors
/// Too large, of a media type or message type that is not carried, against its standard (every violation is told), or between places that the
/// directory does not connect.
pub(super) fn read(
    content: &[u8],
    mime_type: &str,
    bytes_max: usize,
    directory: &Directory,
) -> Result<Incoming> {
    if content.len() > bytes_max {
        return Err(Error::new(code::TOO_LARGE)
            .with_message(format!("the message is larger than {bytes_max} bytes")));
    }
    let limits = Limits {
        bytes: bytes_max,
        ..Limits::MESSAGE
    };
    let (head, digest) = match essence(mime_type).as_str() {
        "text/xml" | "application/xml" => (
            oioxml::read(content, &limits)?,
            identity::of_oioxml(content),
        ),
        "application/fhir+json" => (fhir::read(content, &limits)?, identity::of_fhir(content)?),
        _ => {
            return Err(Error::invalid(
                "mime_type",
                "must be text/xml or application/fhir+json",
            ));
        }
    };
    if names_patient(&head) {
        return Err(wrong(
            "",
            "the message's own id must not contain the person's number",
        ));
    }
    let (sender, receiver) = places::find(&head, directory)?;
    Ok(Incoming {
        head,
        sender,
        receiver,
        digest,
    })
}

/// The sender's id is kept in clear, so that it can be found; a person's number must not stand there.
fn names_patient(head: &Head) -> bool {
    let dense: String = head
        .sender_message_id
        .chars()
        .filter(|c| *c != '-')
        .collect();
    let dense = dense.to_uppercase();
    head.patient
        .as_ref()
        .is_some_and(|number| dense.contains(&number.value().to_uppercase()))
}

/// A media type without its parameters.
fn essence(mime_type: &str) -> String {
    mime_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// One thing that is wrong with the content.
fn wrong(path: &str, description: impl Into<String>) -> Error {
    let field = if path.is_empty() {
        "content".to_owned()
    } else {
        format!("content:{path}")
    };
    let violation = FieldViolation {
        field,
        description: description.into(),
    };
    Error::new(code::MESSAGE_INVALID).with_violations(vec![violation])
}

/// Everything that the parser found, under the paths of the message's own standard.
fn invalid(violations: Vec<Violation>) -> Error {
    let told = |violation: Violation| FieldViolation {
        field: format!("content:{}", violation.path),
        description: format!("{} ({})", violation.message, violation.code.as_str()),
    };
    Error::new(code::MESSAGE_INVALID).with_violations(violations.into_iter().map(told).collect())
}

#[cfg(test)]
mod tests;
