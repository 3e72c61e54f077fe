//! `delt send FILE`

use std::path::PathBuf;

use clap::Args;
use delt_proto::directory::v1::GetReceiverRequest;
use delt_proto::message::v1::SendMessageRequest;
use serde_json::json;

use super::super::arguments::HubArgs;
use super::super::connect::{Session, Usually};
use super::super::failure::Failure;
use super::super::output::receipt_line;
use super::super::table::plain;
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::state_word;

const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Who sends, when nobody says; a system of the development profile.
const USUAL_SENDER: &str = "ejournal-hovedstaden";

/// Who it is for stands in the message itself.
#[derive(Debug, Args)]
pub struct Send {
    /// The message as its standard has it: XML (XDIS01 …) or FHIR JSON
    file: PathBuf,
    /// Send it only if it is for this location number (GLN), and that takes messages
    #[arg(long, value_name = "RECEIVER")]
    to: Option<String>,
    /// application/fhir+json or text/xml [default: by what the file begins with]
    #[arg(long, value_name = "TYPE")]
    mime: Option<String>,
}

impl Send {
    pub(in super::super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let content = self.content()?;
        let mime_type = self
            .mime
            .clone()
            .or_else(|| mime_of(&content).map(str::to_owned));
        let mime_type = mime_type.ok_or_else(|| {
            Failure::usage("neither XML nor JSON").hint("say what it is with --mime")
        })?;
        let session = hub.connect(around, Usually::System(USUAL_SENDER)).await?;
        if let Some(receiver) = &self.to {
            check_receiver(&session, receiver, &content).await?;
        }
        let request = SendMessageRequest {
            context: session.context.clone(),
            content: content.into(),
            mime_type,
        };
        let answer = session.hub.messages().send(request).await?;
        let message = answer.message.unwrap_or_default();
        session.output.answer(
            || {
                json!({
                    "message": wire::message(&message), "already_accepted": answer.already_accepted,
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || {
                let before = if answer.already_accepted {
                    " before"
                } else {
                    ""
                };
                format!(
                    "{} for {}: {}{before}, message {}\n{}{}",
                    plain(&message.message_type),
                    plain(&message.receiver_gln),
                    state_word(message.state),
                    message.message_id,
                    shared_line(&message.entry_uuid),
                    receipt_line(answer.receipt.as_ref()),
                )
            },
        )?;
        Ok(Done::All)
    }

    fn content(&self) -> Result<Vec<u8>, Failure> {
        let failed = |cause: std::io::Error| Failure::file(&self.file, &cause);
        if std::fs::metadata(&self.file).map_err(failed)?.len() > MAX_BYTES {
            return Err(Failure::new("a message has 10 MiB at most"));
        }
        std::fs::read(&self.file).map_err(failed)
    }
}

/// Nothing for what is delivered only, such as a hospital notification.
fn shared_line(entry_uuid: &str) -> String {
    if entry_uuid.is_empty() {
        return String::new();
    }
    format!("shared as entry {entry_uuid}\n")
}

fn mime_of(content: &[u8]) -> Option<&'static str> {
    let text = content
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(content)
        .trim_ascii_start();
    match text.first() {
        Some(b'<') => Some("text/xml"),
        Some(b'{') => Some("application/fhir+json"),
        _ => None,
    }
}

/// The hub goes by the message; this saves a person from sending it to somebody else than meant.
async fn check_receiver(session: &Session, gln: &str, content: &[u8]) -> Result<(), Failure> {
    let request = GetReceiverRequest {
        context: session.context.clone(),
        gln: gln.to_owned(),
    };
    session.hub.directory().receiver(request).await?;
    if names(content, gln) {
        return Ok(());
    }
    Err(Failure::new("the message does not name this receiver").hint("nothing was sent"))
}

fn names(content: &[u8], gln: &str) -> bool {
    !gln.is_empty()
        && content
            .windows(gln.len())
            .any(|part| part == gln.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_message_shows_at_its_beginning() {
        assert_eq!(mime_of(b"\xef\xbb\xbf\n<Emessage/>"), Some("text/xml"));
        assert_eq!(
            mime_of(b" {\"resourceType\""),
            Some("application/fhir+json")
        );
        assert_eq!(mime_of(b"UNB+"), None);
        assert_eq!(mime_of(b""), None);
    }

    #[test]
    fn a_receiver_that_is_not_named_is_noticed() {
        assert!(names(
            b"<EANIdentifier>5790009900405</EANIdentifier>",
            "5790009900405"
        ));
        assert!(!names(
            b"<EANIdentifier>5790009900634</EANIdentifier>",
            "5790009900405"
        ));
        assert!(!names(b"x", ""));
    }
}
