//! The access log on the wire.

mod accesses;
mod chain;
mod export;
mod filter;
mod visits;
mod witnesses;

use delt_hub::{
    Operation as _, Result,
    audit::{
        KeptEntry, LeafProof,
        operations::{ExportEntries, GetEntry, SearchEntries},
    },
};
use delt_proto::audit::v1::{self as v1, audit_log_service_server::AuditLogService};
use tonic::{Request, Response};

use super::{Answer, Api, Call, status, wire};

/// `delt.audit.v1.AuditLogService`
#[derive(Debug, Clone)]
pub(crate) struct AuditService(pub(crate) Api);

#[tonic::async_trait]
impl AuditLogService for AuditService {
    type ExportEntriesStream = export::ExportStream;

    async fn search_entries(
        &self,
        request: Request<v1::SearchEntriesRequest>,
    ) -> Answer<v1::SearchEntriesResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| search(message, page_max);
        self.0
            .answer(request, read, |done| v1::SearchEntriesResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                entries: done.value.entries.iter().map(written).collect(),
                next_page_token: done.value.next_page_token,
            })
            .await
    }

    async fn get_entry(
        &self,
        request: Request<v1::GetEntryRequest>,
    ) -> Answer<v1::GetEntryResponse> {
        let read = |message: v1::GetEntryRequest| {
            Ok(GetEntry {
                id: wire::uuid("entry_id", &message.entry_id)?,
            })
        };
        self.0
            .answer(request, read, |done| v1::GetEntryResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                entry: Some(written(&done.value)),
            })
            .await
    }

    async fn export_entries(
        &self,
        request: Request<v1::ExportEntriesRequest>,
    ) -> Answer<Self::ExportEntriesStream> {
        let call = Call::of(&request, request.get_ref().context.as_ref());
        let message = request.into_inner();
        let read = filter::read(message.filter)
            .and_then(|filter| Ok((filter, export::format(message.format)?)));
        let (filter, format) = self
            .0
            .understood(&call, ExportEntries::ACTION, read)
            .await?;
        let released = self.0.perform(&call, ExportEntries { filter }).await?;
        let lines = export::lines(self.0.hub.clone(), released.value, format);
        Ok(Response::new(lines))
    }

    async fn get_checkpoint(
        &self,
        _: Request<v1::GetCheckpointRequest>,
    ) -> Answer<v1::GetCheckpointResponse> {
        let answer = witnesses::checkpoint(&self.0.hub).await;
        Ok(Response::new(answer.map_err(|error| status(&error))?))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<v1::GetInclusionProofRequest>,
    ) -> Answer<v1::GetInclusionProofResponse> {
        let message = request.into_inner();
        let leaf = leaf(&message).map_err(|error| status(&error))?;
        let proof = self.0.hub.inclusion_proof(leaf, message.tree_size).await;
        let proof = proof.map_err(|error| status(&error))?;
        Ok(Response::new(v1::GetInclusionProofResponse {
            leaf_hash: wire::hash(&proof.leaf),
            hashes: proof.hashes.iter().map(wire::hash).collect(),
            leaf_index: proof.index,
            tree_size: proof.size,
        }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<v1::GetConsistencyProofRequest>,
    ) -> Answer<v1::GetConsistencyProofResponse> {
        let message = request.into_inner();
        let (first, second) = (message.first_tree_size, message.second_tree_size);
        let hashes = self.0.hub.consistency_proof(first, second).await;
        let hashes = hashes.map_err(|error| status(&error))?;
        Ok(Response::new(v1::GetConsistencyProofResponse {
            hashes: hashes.iter().map(wire::hash).collect(),
        }))
    }

    async fn list_patient_accesses(
        &self,
        request: Request<v1::ListPatientAccessesRequest>,
    ) -> Answer<v1::ListPatientAccessesResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| accesses::read(message, page_max);
        self.0.answer(request, read, accesses::written).await
    }

    async fn list_patient_visits(
        &self,
        request: Request<v1::ListPatientVisitsRequest>,
    ) -> Answer<v1::ListPatientVisitsResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| visits::read(message, page_max);
        self.0.answer(request, read, visits::written).await
    }

    async fn list_patient_chain(
        &self,
        request: Request<v1::ListPatientChainRequest>,
    ) -> Answer<v1::ListPatientChainResponse> {
        let hub = &self.0.hub;
        let read = |message| chain::read(message, hub.settings().page_size_max);
        let signed = self
            .0
            .answer(request, read, |done| chain::written(done, hub));
        let signed = signed.await?.into_inner();
        signed.map(Response::new).map_err(|error| status(&error))
    }

    async fn list_witnesses(
        &self,
        _: Request<v1::ListWitnessesRequest>,
    ) -> Answer<v1::ListWitnessesResponse> {
        let witnessing = self.0.hub.witnessing().await;
        let witnessing = witnessing.map_err(|error| status(&error))?;
        Ok(Response::new(witnesses::written(witnessing)))
    }
}

/// Which leaf to prove: one of the two ways to name it.
fn leaf(message: &v1::GetInclusionProofRequest) -> Result<LeafProof> {
    match (message.entry_id.as_str(), message.leaf_index) {
        ("", index) => Ok(LeafProof::At(index)),
        (entry, 0) => Ok(LeafProof::Of(wire::uuid("entry_id", entry)?)),
        _ => Err(delt_hub::Error::invalid(
            "entry_id",
            "must not be given together with leaf_index",
        )),
    }
}

fn search(message: v1::SearchEntriesRequest, page_max: u32) -> Result<SearchEntries> {
    Ok(SearchEntries {
        filter: filter::read(message.filter)?,
        page_size: wire::page_size(message.page_size, page_max)?,
        page_token: wire::bounded("page_token", message.page_token, 512)?,
    })
}

fn written(kept: &KeptEntry) -> v1::LogEntry {
    v1::LogEntry {
        entry_id: kept.id.to_string(),
        entry_json: kept.payload.clone().unwrap_or_default().into(),
        salt: kept
            .salt
            .map(|salt| salt.as_bytes().to_vec().into())
            .unwrap_or_default(),
        leaf_index: kept.leaf_index,
        leaf_hash: wire::hash(&kept.leaf_hash),
    }
}
