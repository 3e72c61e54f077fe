//! Pointers to documents, for the system that holds the documents.

use delt_proto::document::v1::document_index_service_client::DocumentIndexServiceClient;
use delt_proto::document::v1::{
    GetDocumentRequest, GetDocumentResponse, ListSourceDocumentsRequest,
    ListSourceDocumentsResponse, RegisterDocumentRequest, RegisterDocumentResponse,
    UpdateDocumentStatusRequest, UpdateDocumentStatusResponse,
};
use tonic::transport::Channel;

use crate::call::{Service, calls};

/// `DocumentIndexService`. For many documents at once see [`crate::bulk`].
#[derive(Debug, Clone)]
pub struct Documents(pub(crate) Service<DocumentIndexServiceClient<Channel>>);

impl Documents {
    calls! {
        /// Registers one document. The same entry again answers the same, so it is repeated without harm.
        pub register = register_document(RegisterDocumentRequest) -> RegisterDocumentResponse, Safe;
        /// Deprecates or withdraws a document.
        pub update_status = update_document_status(UpdateDocumentStatusRequest) -> UpdateDocumentStatusResponse, Safe;
        pub get = get_document(GetDocumentRequest) -> GetDocumentResponse, Safe;
        /// One page of what the index holds for the calling source.
        pub list = list_source_documents(ListSourceDocumentsRequest) -> ListSourceDocumentsResponse, Safe;
    }
}
