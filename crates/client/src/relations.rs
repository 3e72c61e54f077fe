//! Treatment relations.

use delt_proto::relation::v1::treatment_relation_service_client::TreatmentRelationServiceClient;
use delt_proto::relation::v1::{
    EndRelationRequest, EndRelationResponse, ListRelationsRequest, ListRelationsResponse,
    RegisterRelationRequest, RegisterRelationResponse,
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

    calls! {
        pub list = list_relations(ListRelationsRequest) -> ListRelationsResponse, Safe;
        pub end = end_relation(EndRelationRequest) -> EndRelationResponse, Never;
        register_repeatable = register_relation(RegisterRelationRequest) -> RegisterRelationResponse, Safe;
    }
}
