//! A citizen's blocks and permits.

use delt_proto::consent::v1::consent_service_client::ConsentServiceClient;
use delt_proto::consent::v1::{
    CreateConsentRequest, CreateConsentResponse, EndConsentRequest, EndConsentResponse,
    ExplainAccessRequest, ExplainAccessResponse, ListConsentsRequest, ListConsentsResponse,
};
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Service, calls};

/// `ConsentService`.
#[derive(Debug, Clone)]
pub struct Consents(pub(crate) Service<ConsentServiceClient<Channel>>);

impl Consents {
    /// Registers a consent. An empty `request_id` is filled in, so that the attempts of this call count as one.
    pub async fn create(
        &self,
        mut request: CreateConsentRequest,
    ) -> Result<CreateConsentResponse, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = self.0.caller.ids.next().to_string();
        }
        self.create_repeatable(request).await
    }

    calls! {
        /// What a professional would see now, and why.
        pub explain = explain_access(ExplainAccessRequest) -> ExplainAccessResponse, Safe;
        pub list = list_consents(ListConsentsRequest) -> ListConsentsResponse, Safe;
        pub end = end_consent(EndConsentRequest) -> EndConsentResponse, Safe;
        create_repeatable = create_consent(CreateConsentRequest) -> CreateConsentResponse, Safe;
    }
}
