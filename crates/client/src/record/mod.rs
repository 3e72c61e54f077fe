//! A person's record across all sectors.

mod retrieval;

use delt_proto::common::v1::{AuditReceipt, Ground};
use delt_proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_proto::record::v1::{
    RetrieveDocumentRequest, RetrieveDocumentsRequest, RetrieveDocumentsResponse,
    SearchRecordRequest, SearchRecordResponse, Withheld,
};
use delt_proto::spliced::IndexedDocument;
use futures_util::{Stream, StreamExt as _};
use tonic::transport::Channel;

pub use retrieval::Retrieval;

use crate::ClientError;
use crate::call::{Repeat, Service, calls};

/// A record that needs more pages than this does not end.
const MAX_PAGES: usize = 10_000;

/// `PatientRecordService`.
#[derive(Debug, Clone)]
pub struct Record(pub(crate) Service<PatientRecordServiceClient<Channel>>);

/// All pages of a search as one.
#[derive(Clone, Default, PartialEq)]
pub struct RecordView {
    /// Newest first.
    pub documents: Vec<IndexedDocument>,
    /// How many the hub counted; more than `documents` only if the caller's limit cut them.
    pub total: u32,
    pub withheld: Vec<Withheld>,
    pub grounds: Vec<Ground>,
    /// One for each page, since each was a disclosure of its own.
    pub receipts: Vec<AuditReceipt>,
}

impl Record {
    calls! {
        /// One page of the entries that the caller may see, newest first.
        pub search = search_record(SearchRecordRequest) -> SearchRecordResponse, Safe;
    }

    /// Follows the pages from the request's one until they end or `limit` entries are there.
    pub async fn search_all(
        &self,
        mut request: SearchRecordRequest,
        limit: usize,
    ) -> Result<RecordView, ClientError> {
        let mut view = RecordView::default();
        for _ in 0..MAX_PAGES {
            let page = self.search(request.clone()).await?;
            let next = view.take(page);
            if next.is_empty() || view.documents.len() >= limit {
                view.documents.truncate(limit);
                return Ok(view);
            }
            if next == request.page_token {
                return Err(ClientError::Contract("a page that leads to itself"));
            }
            request.page_token = next;
        }
        Err(ClientError::Contract("a record without an end"))
    }

    /// Fetches one document from its source, through the hub.
    pub async fn retrieve(
        &self,
        request: RetrieveDocumentRequest,
    ) -> Result<Retrieval, ClientError> {
        let send = |request| {
            let mut stub = self.0.stub.clone();
            async move { stub.retrieve_document(request).await }
        };
        let parts = self.0.caller.open(Repeat::Safe, request, send).await?;
        let parts = parts.map(|answer| answer.map(|answer| answer.part).map_err(ClientError::from));
        Retrieval::open(parts.boxed(), self.0.caller.timeouts.idle).await
    }

    /// Fetches several documents. The parts come as the contract says; one document's end says whether it is whole.
    pub async fn retrieve_many(
        &self,
        request: RetrieveDocumentsRequest,
    ) -> Result<
        impl Stream<Item = Result<RetrieveDocumentsResponse, ClientError>> + Unpin + use<>,
        ClientError,
    > {
        let send = |request| {
            let mut stub = self.0.stub.clone();
            async move { stub.retrieve_documents(request).await }
        };
        let parts = self.0.caller.open(Repeat::Safe, request, send).await?;
        Ok(parts.map(|part| part.map_err(ClientError::from)))
    }
}

impl RecordView {
    /// Adds a page and gives the token of the next one. What the first page says of the whole stays.
    fn take(&mut self, page: SearchRecordResponse) -> String {
        if self.receipts.is_empty() {
            self.total = page.total;
            self.withheld = page.withheld;
            self.grounds = page.grounds;
        }
        self.documents.extend(page.documents);
        self.receipts.extend(page.receipt);
        page.next_page_token
    }
}

// By hand, because the entries are personal data.
impl std::fmt::Debug for RecordView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordView")
            .field("documents", &self.documents.len())
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
