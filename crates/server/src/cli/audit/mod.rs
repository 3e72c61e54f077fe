//! `delt audit search|show|export|checkpoint|accesses|witnesses|verify`

mod accesses;
mod chain;
mod checkpoint;
mod export;
mod filter;
mod held;
mod reach;
mod search;
mod show;
mod verify;
mod verify_chain;
mod verify_fhir;
mod verify_receipt;
mod visits;
mod witnesses;

use clap::{Args, Subcommand};
use delt_ledger::Entry;
use delt_proto::audit::v1::LogEntry;
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::failure::Failure;
use super::{Outcome, Surroundings, With};

#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Entries of the log, newest first; for auditors
    Search(With<search::Search>),
    /// One entry, in full
    Show(With<show::Show>),
    /// Write entries with their proofs to a file that verifies offline
    Export(With<export::Export>),
    /// The newest signed checkpoint of the log, and the key that verifies it
    Checkpoint(With<checkpoint::Checkpoint>),
    /// Who looked at a person's data; for the citizen
    Accesses(With<accesses::Accesses>),
    /// The same by visit: who, where, when, why, and which kinds of documents
    Visits(With<visits::Visits>),
    /// Write every entry about a person by number and hash, with the log's signed statement, to a file that verifies offline; for the citizen
    Chain(With<chain::Chain>),
    /// Verify such a file without a hub: no number is missing, nothing was changed
    VerifyChain(verify_chain::VerifyChain),
    /// Who cosigns the log, and how far each has come
    Witnesses(HubArgs),
    /// Verify an export without a hub: every entry, its place, the signature, and what the log promised; or a receipt against the hub
    Verify(verify::Verify),
}

impl Audit {
    pub(super) async fn run(self, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Search(With { command, hub }) => command.run(&hub, around).await,
            Action::Show(With { command, hub }) => command.run(&hub, around).await,
            Action::Export(With { command, hub }) => command.run(&hub, around).await,
            Action::Checkpoint(With { command, hub }) => command.run(&hub, around).await,
            Action::Accesses(With { command, hub }) => command.run(&hub, around).await,
            Action::Visits(With { command, hub }) => command.run(&hub, around).await,
            Action::Chain(With { command, hub }) => command.run(&hub, around).await,
            Action::VerifyChain(verify) => verify.run(),
            Action::Witnesses(hub) => witnesses::run(&hub, around).await,
            Action::Verify(verify) => verify.run(around).await,
        }
    }
}

fn decoded(entry: &LogEntry) -> Result<Entry, Failure> {
    serde_json::from_slice(&entry.entry_json)
        .map_err(|_| Failure::new("the hub sent an entry of the log that this version cannot read"))
}

fn as_json(entry: &LogEntry) -> Result<Value, Failure> {
    let content: Value = serde_json::from_slice(&entry.entry_json)
        .map_err(|_| Failure::new("the hub sent an entry of the log that is not JSON"))?;
    Ok(json!({
        "entry_id": entry.entry_id,
        "entry": content,
        "salt": delt_client::json::to_hex(&entry.salt),
        "leaf_index": entry.leaf_index,
        "leaf_hash": delt_client::json::to_hex(&entry.leaf_hash),
    }))
}

/// Who acted, for a line: the person, and the system where there is none.
fn actor(entry: &Entry) -> String {
    let Some(person) = &entry.actor.person else {
        return entry.actor.system.clone();
    };
    let name = person.name.as_ref().unwrap_or(&person.id);
    format!("{name} ({})", person.role)
}
