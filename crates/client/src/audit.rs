//! The access log and its proofs.

use bytes::Bytes;
use delt_proto::audit::v1::audit_log_service_client::AuditLogServiceClient;
use delt_proto::audit::v1::{
    ExportEntriesRequest, GetCheckpointRequest, GetCheckpointResponse, GetConsistencyProofRequest,
    GetConsistencyProofResponse, GetEntryRequest, GetEntryResponse, GetInclusionProofRequest,
    GetInclusionProofResponse, ListPatientAccessesRequest, ListPatientAccessesResponse,
    ListPatientChainRequest, ListPatientChainResponse, ListPatientVisitsRequest,
    ListPatientVisitsResponse, ListWitnessesRequest, ListWitnessesResponse, SearchEntriesRequest,
    SearchEntriesResponse,
};
use futures_util::{Stream, StreamExt as _};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Repeat, Service, calls};

/// `AuditLogService`.
#[derive(Debug, Clone)]
pub struct AuditLog(pub(crate) Service<AuditLogServiceClient<Channel>>);

impl AuditLog {
    calls! {
        /// One page of entries, newest first.
        pub search = search_entries(SearchEntriesRequest) -> SearchEntriesResponse, Safe;
        pub entry = get_entry(GetEntryRequest) -> GetEntryResponse, Safe;
        /// One page of who looked, for the citizen.
        pub accesses = list_patient_accesses(ListPatientAccessesRequest) -> ListPatientAccessesResponse, Safe;
        /// One page of the same by visit.
        pub visits = list_patient_visits(ListPatientVisitsRequest) -> ListPatientVisitsResponse, Safe;
        /// One page of the citizen's own part of the log, by number and hash.
        pub chain = list_patient_chain(ListPatientChainRequest) -> ListPatientChainResponse, Safe;
        /// The newest signed checkpoint.
        pub checkpoint = get_checkpoint(GetCheckpointRequest) -> GetCheckpointResponse, Safe;
        /// Who cosigns checkpoints, and how far each has come.
        pub witnesses = list_witnesses(ListWitnessesRequest) -> ListWitnessesResponse, Safe;
        pub inclusion_proof = get_inclusion_proof(GetInclusionProofRequest) -> GetInclusionProofResponse, Safe;
        pub consistency_proof = get_consistency_proof(GetConsistencyProofRequest) -> GetConsistencyProofResponse, Safe;
    }

    /// The export as it comes, in chunks that are not cut at lines.
    pub async fn export(
        &self,
        request: ExportEntriesRequest,
    ) -> Result<impl Stream<Item = Result<Bytes, ClientError>> + Unpin + use<>, ClientError> {
        let send = |request| {
            let mut stub = self.0.stub.clone();
            async move { stub.export_entries(request).await }
        };
        let chunks = self.0.caller.open(Repeat::Safe, request, send).await?;
        Ok(chunks.map(|answer| Ok(answer?.chunk)))
    }

    /// Writes the export to `out` and returns its size in bytes. After an error, what was written is not an export.
    pub async fn export_to(
        &self,
        request: ExportEntriesRequest,
        out: &mut (impl AsyncWrite + Unpin),
    ) -> Result<u64, ClientError> {
        let mut chunks = self.export(request).await?;
        let mut size = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            out.write_all(&chunk).await?;
            size += chunk.len() as u64;
        }
        out.flush().await?;
        Ok(size)
    }
}
