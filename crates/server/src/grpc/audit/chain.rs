//! The citizen's part of the log by number and hash, on the wire.

use delt_hub::{
    Hub, Released, Result,
    audit::operations::{ChainEntry, ChainEntryKind, ChainPage, ListChain, Looked, PatientChain},
};
use delt_proto::audit::v1;

use crate::grpc::wire;

pub(super) fn read(message: v1::ListPatientChainRequest, page_max: u32) -> Result<ListChain> {
    Ok(ListChain {
        patient: wire::person("patient", message.patient.as_ref())?,
        page_size: wire::page_size(message.page_size, page_max)?,
        page_token: wire::bounded("page_token", message.page_token, 512)?,
    })
}

/// Signs the statements that were read.
pub(super) fn written(
    done: Released<ChainPage>,
    hub: &Hub,
) -> Result<v1::ListPatientChainResponse> {
    let page = done.value;
    let chains = page.chains.into_iter().map(|each| chain(each, hub));
    Ok(v1::ListPatientChainResponse {
        chains: chains.collect::<Result<_>>()?,
        next_page_token: page.next_page_token,
        receipt: Some(wire::receipt(&done.receipt)),
    })
}

fn chain(chain: PatientChain, hub: &Hub) -> Result<v1::PatientChain> {
    let written = v1::PatientChain {
        patient_key: chain.patient_key,
        entries: chain.entries.iter().map(entry).collect(),
        ..v1::PatientChain::default()
    };
    let Some(stated) = chain.stated else {
        return Ok(written);
    };
    Ok(v1::PatientChain {
        statement: stated.sign(hub)?,
        checkpoint: stated.checkpoint,
        first_number: stated.first_number,
        first_previous: wire::hash(&stated.first_previous),
        ..written
    })
}

fn entry(entry: &ChainEntry) -> v1::ChainEntry {
    v1::ChainEntry {
        number: entry.number,
        leaf_hash: wire::hash(&entry.leaf_hash),
        leaf_index: entry.leaf_index,
        inclusion_hashes: entry.inclusion.iter().map(wire::hash).collect(),
        kind: kind(entry.kind).into(),
        recorded_time: Some(wire::timestamp(entry.recorded_at)),
    }
}

const fn kind(kind: ChainEntryKind) -> v1::ChainEntryKind {
    match kind {
        ChainEntryKind::Within(Looked::Visit) => v1::ChainEntryKind::Visit,
        ChainEntryKind::Within(Looked::Own) => v1::ChainEntryKind::Own,
        ChainEntryKind::Within(Looked::Other) => v1::ChainEntryKind::Other,
        ChainEntryKind::Within(Looked::Failed) => v1::ChainEntryKind::Failed,
        ChainEntryKind::Older => v1::ChainEntryKind::Older,
    }
}
