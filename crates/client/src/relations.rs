//! Treatment relations.

use delt_proto::relation::v1::treatment_relation_service_client::TreatmentRelationServiceClient;
use delt_proto::relation::v1::{
    AttestRelationRequest, AttestRelationResponse, EndRelationRequest, EndRelationResponse,
    ListRelationAlertsRequest, ListRelationAlertsResponse, ListRelationsRequest,
    ListRelationsResponse, RegisterRelationRequest, RegisterRelationResponse,
};
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Service, calls};

/// `TreatmentRelationService`.
#[derive(Debug, Clone)]
pub struct Relations(pub(crate) Service<TreatmentRelationServiceClient<Channel>>);

impl Relations {
    /// Registers a relation. An empty `request_id` is filled in, so that the attempts of this call count as one.
    pub async fn register(
        &self,
        mut request: RegisterRelationRequest,
    ) -> Result<RegisterRelationResponse, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = self.0.caller.ids.next().to_string();
        }
        self.register_repeatable(request).await
    }

    /// Gives a professional's own word. An empty `request_id` is filled in, so that the attempts of this call count as one.
    pub async fn attest(
        &self,
        mut request: AttestRelationRequest,
    ) -> Result<AttestRelationResponse, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = self.0.caller.ids.next().to_string();
        }
        self.attest_repeatable(request).await
    }

    calls! {
        pub list = list_relations(ListRelationsRequest) -> ListRelationsResponse, Safe;
        pub end = end_relation(EndRelationRequest) -> EndRelationResponse, Safe;
        /// Alerts after a number; read on from the answer's `read_to_number`.
        pub alerts = list_relation_alerts(ListRelationAlertsRequest) -> ListRelationAlertsResponse, Safe;
        attest_repeatable = attest_relation(AttestRelationRequest) -> AttestRelationResponse, Safe;
        register_repeatable = register_relation(RegisterRelationRequest) -> RegisterRelationResponse, Safe;
    }
}
