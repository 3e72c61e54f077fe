//! Access that the operator takes back.

use delt_proto::access::v1::access_revocation_service_client::AccessRevocationServiceClient;
use delt_proto::access::v1::{
    LiftRevocationRequest, LiftRevocationResponse, ListRevocationsRequest, ListRevocationsResponse,
    RevokeAccessRequest, RevokeAccessResponse,
};
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Service, calls};

/// `AccessRevocationService`.
#[derive(Debug, Clone)]
pub struct Revocations(pub(crate) Service<AccessRevocationServiceClient<Channel>>);

impl Revocations {
    /// Takes access back. An empty `request_id` is filled in, so that the attempts of this call count as one.
    pub async fn revoke(
        &self,
        mut request: RevokeAccessRequest,
    ) -> Result<RevokeAccessResponse, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = self.0.caller.ids.next().to_string();
        }
        self.revoke_repeatable(request).await
    }

    calls! {
        /// A page of what is revoked, newest first.
        pub list = list_revocations(ListRevocationsRequest) -> ListRevocationsResponse, Safe;
        /// Lets in again.
        pub lift = lift_revocation(LiftRevocationRequest) -> LiftRevocationResponse, Safe;
        revoke_repeatable = revoke_access(RevokeAccessRequest) -> RevokeAccessResponse, Safe;
    }
}
