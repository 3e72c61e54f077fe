//! `delt inbox`

use std::path::PathBuf;

use clap::Args;
use delt_client::json::to_rfc3339;
use delt_proto::message::v1::{Message, ReceiveMessagesRequest};
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::table::Table;
use super::super::values::minute;
use super::super::{Done, Failure, Outcome, Surroundings, json as wire};
use super::USUAL_RECEIVER;
use super::folder::MessageFolder;

/// Each message is written to the folder; it comes again unless it is acknowledged before its lease runs out.
#[derive(Debug, Args)]
pub struct Inbox {
    /// The receiving location number (GLN) [default: all of this system's]
    #[arg(
        long,
        value_name = "GLN",
        default_value = "",
        hide_default_value = true
    )]
    receiver: String,
    /// Take this many at most
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i32).range(1..=100))]
    max: i32,
    /// Where messages are kept [default: `inbox` in the data directory]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

struct Taken {
    message: Message,
    lease_expires: Option<Timestamp>,
    file: PathBuf,
}

impl Inbox {
    pub(in super::super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::System(USUAL_RECEIVER)).await?;
        let place = self
            .folder
            .unwrap_or_else(|| hub.data_dir(around).join("inbox"));
        let request = ReceiveMessagesRequest {
            context: session.context.clone(),
            receiver_gln: self.receiver,
            max_leased: self.max,
            drain: true,
        };
        let mut inbox = session.hub.messages().receive(request).await?;
        let folder = MessageFolder::open(place)?;
        let most = usize::try_from(self.max).unwrap_or_default();
        let mut taken = Vec::new();
        // The hub holds further messages back until these are acknowledged, so waiting for more would be in vain.
        while taken.len() < most
            && let Some(delivery) = inbox.next().await?
        {
            let id = &delivery.message.message_id;
            let mime_type = &delivery.message.mime_type;
            let file = folder.keep(id, mime_type, &delivery.content, &delivery.lease_token)?;
            taken.push(Taken {
                file,
                lease_expires: delivery.lease_expires,
                message: delivery.message,
            });
        }
        session
            .output
            .answer(|| taken.iter().map(as_json).collect(), || as_text(&taken))?;
        Ok::<_, Failure>(Done::All)
    }
}

fn as_json(taken: &Taken) -> Value {
    json!({
        "message": wire::message(&taken.message),
        "lease_expires": taken.lease_expires.as_ref().and_then(to_rfc3339),
        "file": taken.file.display().to_string(),
    })
}

fn as_text(taken: &[Taken]) -> String {
    if taken.is_empty() {
        return "No messages wait.\n".to_owned();
    }
    let mut table = Table::new([
        "TYPE",
        "FROM",
        "TO",
        "ACCEPTED (UTC)",
        "LEASED UNTIL",
        "MESSAGE",
    ]);
    for Taken {
        message,
        lease_expires,
        ..
    } in taken
    {
        table.row([
            message.message_type.clone(),
            message.sender_gln.clone(),
            message.receiver_gln.clone(),
            minute(message.accepted_time.as_ref()),
            minute(lease_expires.as_ref()),
            message.message_id.clone(),
        ]);
    }
    let place = taken.first().and_then(|first| first.file.parent());
    let place = place
        .map(|place| place.display().to_string())
        .unwrap_or_default();
    format!("{table}\nkept in {place}; acknowledge with `delt ack MESSAGE`\n")
}
