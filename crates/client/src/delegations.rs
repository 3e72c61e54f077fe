//! Rights to act for somebody else.

use delt_proto::delegation::v1::delegation_service_client::DelegationServiceClient;
use delt_proto::delegation::v1::{
    DelegateToHelperRequest, DelegateToHelperResponse, EndHelperDelegationRequest,
    EndHelperDelegationResponse, EndQualityPermissionRequest, EndQualityPermissionResponse,
    EndRepresentationRequest, EndRepresentationResponse, ListHelperDelegationsRequest,
    ListHelperDelegationsResponse, ListQualityPermissionsRequest, ListQualityPermissionsResponse,
    ListRepresentationsRequest, ListRepresentationsResponse, RegisterQualityPermissionRequest,
    RegisterQualityPermissionResponse, RegisterRepresentationRequest,
    RegisterRepresentationResponse,
};
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Service, calls};

/// `DelegationService`.
#[derive(Debug, Clone)]
pub struct Delegations(pub(crate) Service<DelegationServiceClient<Channel>>);

impl Delegations {
    /// Lets a helper act. An empty `request_id` is filled in, so that the attempts of this call count as one.
    pub async fn delegate(
        &self,
        mut request: DelegateToHelperRequest,
    ) -> Result<DelegateToHelperResponse, ClientError> {
        self.fill_in(&mut request.request_id);
        self.delegate_repeatable(request).await
    }

    /// Lets somebody act for a citizen. An empty `request_id` is filled in likewise.
    pub async fn represent(
        &self,
        mut request: RegisterRepresentationRequest,
    ) -> Result<RegisterRepresentationResponse, ClientError> {
        self.fill_in(&mut request.request_id);
        self.represent_repeatable(request).await
    }

    /// Permits quality work. An empty `request_id` is filled in likewise.
    pub async fn permit(
        &self,
        mut request: RegisterQualityPermissionRequest,
    ) -> Result<RegisterQualityPermissionResponse, ClientError> {
        self.fill_in(&mut request.request_id);
        self.permit_repeatable(request).await
    }

    fn fill_in(&self, request_id: &mut String) {
        if request_id.is_empty() {
            *request_id = self.0.caller.ids.next().to_string();
        }
    }

    calls! {
        /// Those that the caller gave, and those that the caller received.
        pub helpers = list_helper_delegations(ListHelperDelegationsRequest) -> ListHelperDelegationsResponse, Safe;
        pub end_helper = end_helper_delegation(EndHelperDelegationRequest) -> EndHelperDelegationResponse, Safe;
        /// Who may act for a citizen.
        pub representatives = list_representations(ListRepresentationsRequest) -> ListRepresentationsResponse, Safe;
        pub end_representation = end_representation(EndRepresentationRequest) -> EndRepresentationResponse, Safe;
        /// The permissions for quality work at a place.
        pub permissions = list_quality_permissions(ListQualityPermissionsRequest) -> ListQualityPermissionsResponse, Safe;
        pub end_permission = end_quality_permission(EndQualityPermissionRequest) -> EndQualityPermissionResponse, Safe;
        delegate_repeatable = delegate_to_helper(DelegateToHelperRequest) -> DelegateToHelperResponse, Safe;
        represent_repeatable = register_representation(RegisterRepresentationRequest) -> RegisterRepresentationResponse, Safe;
        permit_repeatable = register_quality_permission(RegisterQualityPermissionRequest) -> RegisterQualityPermissionResponse, Safe;
    }
}
