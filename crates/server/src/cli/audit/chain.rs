//! `delt audit chain PERSON`

use std::path::PathBuf;

use clap::Args;
use delt_ledger::Hash;
use delt_ledger::citizen::{CHAIN_FORMAT, ChainFile, CitizenChain, NumberedLeaf};
use delt_proto::audit::v1::{ChainEntry, ChainEntryKind, ListPatientChainRequest, PatientChain};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::failure::Failure;
use super::super::output;
use super::super::values::Person;
use super::super::{Done, Outcome, Surroundings};

const PAGE: i32 = 200;

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
        let mut request = ListPatientChainRequest {
            context: session.context.clone(),
            patient: Some(self.person.0),
            page_size: PAGE,
            page_token: String::new(),
        };
        let mut file = ChainFile {
            format: CHAIN_FORMAT.to_owned(),
            chains: Vec::new(),
        };
        loop {
            let page = session.hub.audit().chain(request.clone()).await?;
            for chain in &page.chains {
                add(&mut file, chain)?;
            }
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
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

fn add(file: &mut ChainFile, page: &PatientChain) -> Result<(), Failure> {
    let entries = page
        .entries
        .iter()
        .map(leaf)
        .collect::<Result<Vec<_>, _>>()?;
    let known = file
        .chains
        .iter_mut()
        .find(|chain| chain.patient_key == page.patient_key);
    if let Some(chain) = known {
        chain.entries.extend(entries);
    } else {
        file.chains.push(CitizenChain {
            patient_key: page.patient_key.clone(),
            statement: page.statement.clone(),
            checkpoint: page.checkpoint.clone(),
            first_number: page.first_number,
            first_previous: hash(&page.first_previous)?,
            entries,
        });
    }
    Ok(())
}

fn leaf(entry: &ChainEntry) -> Result<NumberedLeaf, Failure> {
    let inclusion = entry.inclusion_hashes.iter().map(|bytes| hash(bytes));
    let recorded = entry.recorded_time.as_ref();
    Ok(NumberedLeaf {
        number: entry.number,
        leaf_hash: hash(&entry.leaf_hash)?,
        leaf_index: entry.leaf_index,
        inclusion: inclusion.collect::<Result<_, _>>()?,
        kind: word(entry.kind()).to_owned(),
        recorded_at: recorded
            .and_then(delt_client::json::to_rfc3339)
            .unwrap_or_default(),
    })
}

fn hash(bytes: &[u8]) -> Result<Hash, Failure> {
    Hash::from_slice(bytes).map_err(|_| Failure::new("the hub sent a hash that is none"))
}

const fn word(kind: ChainEntryKind) -> &'static str {
    match kind {
        ChainEntryKind::Visit => "visit",
        ChainEntryKind::Own => "own",
        ChainEntryKind::Other => "other",
        ChainEntryKind::Failed => "failed",
        ChainEntryKind::Older => "older",
        ChainEntryKind::Unspecified => "unknown",
    }
}
