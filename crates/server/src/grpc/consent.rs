//! Consents on the wire.

mod explain;
mod read;
mod sentences;
mod write;

use delt_proto::consent::v1::{self as v1, consent_service_server::ConsentService as Service};
use tonic::Request;

use super::{Answer, Api, wire};
pub(crate) use write::terms as written_terms;

/// `delt.consent.v1.ConsentService`
#[derive(Debug, Clone)]
pub(crate) struct ConsentService(pub(crate) Api);

#[tonic::async_trait]
impl Service for ConsentService {
    async fn create_consent(
        &self,
        request: Request<v1::CreateConsentRequest>,
    ) -> Answer<v1::CreateConsentResponse> {
        let directory = self.0.hub.directory();
        self.0
            .answer(
                request,
                |message| read::create(message, &directory),
                |done| v1::CreateConsentResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    consent: Some(write::written(&done.value)),
                },
            )
            .await
    }

    async fn end_consent(
        &self,
        request: Request<v1::EndConsentRequest>,
    ) -> Answer<v1::EndConsentResponse> {
        self.0
            .answer(request, read::end, |done| v1::EndConsentResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                consent: Some(write::written(&done.value)),
            })
            .await
    }

    async fn list_consents(
        &self,
        request: Request<v1::ListConsentsRequest>,
    ) -> Answer<v1::ListConsentsResponse> {
        self.0.answer(request, read::list, write::listed).await
    }

    async fn explain_access(
        &self,
        request: Request<v1::ExplainAccessRequest>,
    ) -> Answer<v1::ExplainAccessResponse> {
        let directory = self.0.hub.directory();
        let read = |message| explain::asked(message, &directory);
        let write = |done| explain::written(&done, &directory);
        self.0.answer(request, read, write).await
    }
}
