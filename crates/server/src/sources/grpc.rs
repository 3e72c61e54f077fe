//! `delt.source.v1.DocumentSourceService`.

use std::time::Duration;

use delt_hub::document::{Content, Locator, SourceFault};
use delt_proto::source::v1::{
    RetrieveDocumentRequest, document_source_service_client::DocumentSourceServiceClient,
};
use futures_util::StreamExt as _;
use http::Uri;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::dial::Dialler;
use crate::telemetry::span::traceparent;

/// The largest chunk that the contract allows, with room for its framing.
const MESSAGE_MAX: usize = 256 * 1024 + 64;
/// Finds out that a source is gone while a document is under way.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

pub(super) type Client = DocumentSourceServiceClient<Channel>;

/// A channel that connects when it is first used, and again when the connection was lost.
pub(super) fn client(authority: &str, dialler: Dialler) -> Option<Client> {
    // The dialler does TLS itself; with the scheme `https` here tonic would want to do it a second time.
    let origin: Uri = format!("https://{authority}").parse().ok()?;
    let channel = Endpoint::from_shared(format!("http://{authority}"))
        .ok()?
        .origin(origin)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(KEEP_ALIVE)
        .connect_with_connector_lazy(dialler);
    Some(DocumentSourceServiceClient::new(channel).max_decoding_message_size(MESSAGE_MAX))
}

/// Asks for a document. Whoever waits for it keeps the deadline; the source is told of it.
pub(super) async fn open(
    mut client: Client,
    document: &Locator,
    deadline: Duration,
) -> Result<Content, SourceFault> {
    let mut request = Request::new(RetrieveDocumentRequest {
        repository_unique_id: document.repository_unique_id.clone(),
        unique_id: document.unique_id.clone(),
        audit_entry_id: document.audit_entry_id.to_string(),
    });
    request.set_timeout(deadline);
    if let Some(traceparent) = traceparent().and_then(|text| text.parse().ok()) {
        request.metadata_mut().insert("traceparent", traceparent);
    }
    let answer = client.retrieve_document(request).await;
    let chunks = answer.map_err(|status| fault(&status))?.into_inner();
    Ok(chunks
        .map(|chunk| {
            chunk
                .map(|part| part.chunk)
                .map_err(|status| fault(&status))
        })
        .boxed())
}

fn fault(status: &Status) -> SourceFault {
    match status.code() {
        Code::NotFound => SourceFault::Gone,
        // The second is how tonic says that a time limit of its own ran out.
        Code::DeadlineExceeded | Code::Cancelled => SourceFault::DeadlineExceeded,
        code => {
            tracing::warn!(?code, "a source answered with an error");
            SourceFault::Unavailable
        }
    }
}
