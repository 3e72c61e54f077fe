//! A citizen's chain as a file keeps it, from the pages in which the hub tells it.

use delt_client::{AuditLog, ClientError};
use delt_ledger::Hash;
use delt_ledger::citizen::{CHAIN_FORMAT, ChainFile, CitizenChain, NumberedLeaf};
use delt_proto::audit::v1::{ChainEntry, ChainEntryKind, ListPatientChainRequest, PatientChain};
use delt_proto::common::v1::{Identifier, RequestContext};

const PAGE: i32 = 200;

/// Why a chain could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    #[error(transparent)]
    Hub(#[from] ClientError),
    #[error("the hub sent a hash that is none")]
    Hash,
}

/// Asks for all of it.
///
/// # Errors
/// The hub refuses, or answers with something that is no hash.
pub async fn fetch(
    log: &AuditLog,
    patient: Identifier,
    context: Option<RequestContext>,
) -> Result<ChainFile, ChainError> {
    let mut request = ListPatientChainRequest {
        context,
        patient: Some(patient),
        page_size: PAGE,
        page_token: String::new(),
    };
    let mut file = ChainFile {
        format: CHAIN_FORMAT.to_owned(),
        chains: Vec::new(),
    };
    loop {
        let page = log.chain(request.clone()).await?;
        for chain in &page.chains {
            add(&mut file, chain)?;
        }
        if page.next_page_token.is_empty() {
            return Ok(file);
        }
        request.page_token = page.next_page_token;
    }
}

fn add(file: &mut ChainFile, page: &PatientChain) -> Result<(), ChainError> {
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

fn leaf(entry: &ChainEntry) -> Result<NumberedLeaf, ChainError> {
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

fn hash(bytes: &[u8]) -> Result<Hash, ChainError> {
    Hash::from_slice(bytes).map_err(|_| ChainError::Hash)
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
