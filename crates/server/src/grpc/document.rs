//! Pointers to documents on the wire.

mod read;
mod stream;
#[cfg(test)]
mod tests;
mod write;

use delt_hub::{
    Error, Result,
    document::{
        AvailabilityStatus,
        operations::{GetDocument, ListSourceDocuments, RegisterDocument, UpdateDocumentStatus},
    },
};
use delt_proto::document::v1::{
    self as v1, document_index_service_server::DocumentIndexService as Service,
};
use futures_util::StreamExt as _;
use tonic::{Request, Response, Streaming};

use super::{Answer, Api, Call, wire};
pub(crate) use read::decode;
pub(crate) use write::{indexed, item_error};

/// `delt.document.v1.DocumentIndexService`
#[derive(Debug, Clone)]
pub(crate) struct DocumentIndexService(pub(crate) Api);

#[tonic::async_trait]
impl Service for DocumentIndexService {
    type RegisterDocumentsStream = stream::Outcomes;

    async fn register_document(
        &self,
        request: Request<v1::RegisterDocumentRequest>,
    ) -> Answer<v1::RegisterDocumentResponse> {
        Box::pin(self.0.answer(request, register, write::registered)).await
    }

    async fn register_documents(
        &self,
        request: Request<Streaming<v1::RegisterDocumentsRequest>>,
    ) -> Answer<stream::Outcomes> {
        let (metadata, extensions, mut items) = request.into_parts();
        let first = items.message().await?;
        // The context of the whole stream stands in its first message.
        let call = Request::from_parts(metadata, extensions, ());
        let call = Call::of(&call, first.as_ref().and_then(|item| item.context.as_ref()));
        let items = futures_util::stream::iter(first.map(Ok)).chain(items);
        Ok(Response::new(stream::outcomes(self.0.clone(), call, items)))
    }

    async fn update_document_status(
        &self,
        request: Request<v1::UpdateDocumentStatusRequest>,
    ) -> Answer<v1::UpdateDocumentStatusResponse> {
        self.0.answer(request, update, write::updated).await
    }

    async fn get_document(
        &self,
        request: Request<v1::GetDocumentRequest>,
    ) -> Answer<v1::GetDocumentResponse> {
        self.0.answer(request, get, write::found).await
    }

    async fn list_source_documents(
        &self,
        request: Request<v1::ListSourceDocumentsRequest>,
    ) -> Answer<v1::ListSourceDocumentsResponse> {
        self.0.answer(request, list, write::listed).await
    }
}

fn register(message: v1::RegisterDocumentRequest) -> Result<RegisterDocument> {
    let (entry, encoded) = read::entry(message.entry)?;
    Ok(RegisterDocument { entry, encoded })
}

fn update(message: v1::UpdateDocumentStatusRequest) -> Result<UpdateDocumentStatus> {
    Ok(UpdateDocumentStatus {
        entry_uuid: wire::uuid("entry_uuid", &message.entry_uuid)?,
        status: status(message.status)?,
        reason: Some(message.reason).filter(|reason| !reason.is_empty()),
    })
}

/// Reads a status. Which of them may be asked for, the operation says.
pub(crate) fn status(value: i32) -> Result<AvailabilityStatus> {
    use v1::AvailabilityStatus::{Approved, Deprecated, Superseded, Unspecified, Withdrawn};
    match v1::AvailabilityStatus::try_from(value) {
        Ok(Approved) => Ok(AvailabilityStatus::Approved),
        Ok(Superseded) => Ok(AvailabilityStatus::Superseded),
        Ok(Deprecated) => Ok(AvailabilityStatus::Deprecated),
        Ok(Withdrawn) => Ok(AvailabilityStatus::Withdrawn),
        Ok(Unspecified) | Err(_) => Err(Error::invalid("status", "is required")),
    }
}

fn get(message: v1::GetDocumentRequest) -> Result<GetDocument> {
    Ok(GetDocument {
        entry_uuid: wire::uuid("entry_uuid", &message.entry_uuid)?,
    })
}

fn list(message: v1::ListSourceDocumentsRequest) -> Result<ListSourceDocuments> {
    let negative = |_| Error::invalid("page_size", "must not be negative");
    Ok(ListSourceDocuments {
        page_size: u32::try_from(message.page_size).map_err(negative)?,
        page_token: message.page_token,
        dead_only: message.dead_only,
        source_id: message.source_id,
    })
}
