//! `delt ack ID`

use std::path::PathBuf;

use clap::Args;
use delt_proto::message::v1::AcknowledgeMessageRequest;
use serde_json::json;

use super::super::arguments::{HubArgs, Secret};
use super::super::connect::Usually;
use super::super::output::receipt_line;
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::folder::MessageFolder;
use super::{USUAL_RECEIVER, state_word};

#[derive(Debug, Args)]
pub struct Ack {
    /// The message's id, from `delt inbox`
    message: String,
    /// Refuse it instead, with this code of its standard
    #[arg(long, value_name = "CODE", requires = "text")]
    refuse: Option<String>,
    /// Why it is refused; the sender sees it
    #[arg(long, value_name = "TEXT", requires = "refuse")]
    text: Option<String>,
    /// The lease [default: the one that `delt inbox` kept]
    #[arg(long, value_name = "TOKEN")]
    lease: Option<Secret>,
    /// Where `delt inbox` keeps messages [default: `inbox` in the data directory]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Ack {
    pub(in super::super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let place = self
            .folder
            .unwrap_or_else(|| hub.data_dir(around).join("inbox"));
        let folder = MessageFolder::at(place);
        let lease_token = match self.lease {
            Some(lease) => lease.0,
            None => folder.lease(&self.message)?,
        };
        let session = hub.connect(around, Usually::System(USUAL_RECEIVER)).await?;
        let request = AcknowledgeMessageRequest {
            context: session.context.clone(),
            message_id: self.message.clone(),
            lease_token,
            refuse_code: self.refuse.unwrap_or_default(),
            refuse_text: self.text.unwrap_or_default(),
        };
        let answer = session.hub.messages().acknowledge(request).await?;
        folder.forget_lease(&self.message)?;
        let message = answer.message.unwrap_or_default();
        session.output.answer(
            || json!({ "message": wire::message(&message), "receipt": wire::receipt(answer.receipt.as_ref()) }),
            || {
                let receipt = receipt_line(answer.receipt.as_ref());
                format!("message {} {}\n{receipt}", message.message_id, state_word(message.state))
            },
        )?;
        Ok(Done::All)
    }
}
