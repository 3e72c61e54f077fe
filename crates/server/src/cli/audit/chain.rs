//! `delt audit chain PERSON`

use std::path::PathBuf;

use clap::Args;

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::failure::Failure;
use super::super::output;
use super::super::values::Person;
use super::super::{Done, Outcome, Surroundings};
use crate::citizen_chain::{self, ChainError};

#[derive(Debug, Args)]
pub(super) struct Chain {
    /// A CPR number, or system|value
    person: Person,
    /// Write to this file; to standard output where it is left out
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Chain {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let log = session.hub.audit();
        let file = citizen_chain::fetch(&log, self.person.0, session.context).await;
        let file = file.map_err(|error| match error {
            ChainError::Hub(error) => error.into(),
            other @ ChainError::Hash => Failure::new(other.to_string()),
        })?;
        let text = serde_json::to_string_pretty(&file)
            .map_err(|_| Failure::new("the chain has no JSON form"))?;
        match &self.output {
            None => output::write(format!("{text}\n").as_bytes())?,
            Some(path) => {
                std::fs::write(path, format!("{text}\n"))
                    .map_err(|cause| Failure::file(path, &cause))?;
                let entries: usize = file.chains.iter().map(|chain| chain.entries.len()).sum();
                output::write(format!("{entries} entries written\n").as_bytes())?;
            }
        }
        Ok(Done::All)
    }
}
