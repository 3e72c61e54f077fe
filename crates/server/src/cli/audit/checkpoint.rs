//! `delt audit checkpoint`

use std::path::PathBuf;

use clap::Args;
use delt_proto::audit::v1::GetCheckpointRequest;
use serde_json::json;

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::failure::Failure;
use super::super::output;
use super::super::{Done, Outcome, Surroundings};

#[derive(Debug, Args)]
pub(super) struct Checkpoint {
    /// Keep the signed note in this file, for `delt audit verify --checkpoint`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Checkpoint {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let answer = session
            .hub
            .audit()
            .checkpoint(GetCheckpointRequest {})
            .await?;
        let key = format!("# verify with --key {}\n", answer.verifier_key);
        if let Some(path) = &self.output {
            std::fs::write(path, &answer.checkpoint)
                .map_err(|cause| Failure::file(path, &cause))?;
            output::write(key.as_bytes())?;
            return Ok(Done::All);
        }
        session.output.answer(
            || json!({ "checkpoint": answer.checkpoint, "verifier_key": answer.verifier_key }),
            // The note alone, so that it can be kept as a file; the key is not secret and goes beside it.
            || format!("{}\n{key}", answer.checkpoint.trim_end()),
        )?;
        Ok(Done::All)
    }
}
