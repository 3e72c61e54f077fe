//! The face of a source that speaks `delt.source.v1`.

use std::pin::Pin;

use axum::Router;
use delt_proto::source::v1::document_source_service_server::{
    DocumentSourceService, DocumentSourceServiceServer,
};
use delt_proto::source::v1::{RetrieveDocumentRequest, RetrieveDocumentResponse};
use futures_util::{Stream, StreamExt as _};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::State;
use super::content::Refusal;
use crate::tls::PeerCertificate;

pub(super) fn router(state: State) -> Router {
    Routes::new(DocumentSourceServiceServer::new(Face(state))).into_axum_router()
}

#[derive(Debug)]
struct Face(State);

type Answers = Pin<Box<dyn Stream<Item = Result<RetrieveDocumentResponse, Status>> + Send>>;

#[tonic::async_trait]
impl DocumentSourceService for Face {
    type RetrieveDocumentStream = Answers;

    async fn retrieve_document(
        &self,
        request: Request<RetrieveDocumentRequest>,
    ) -> Result<Response<Answers>, Status> {
        let caller = request.extensions().get::<PeerCertificate>().cloned();
        self.0.hear(&request.metadata().clone().into_headers());
        let asked = request.into_inner();
        let found = self
            .0
            .open(
                caller.as_ref(),
                &asked.repository_unique_id,
                &asked.unique_id,
            )
            .await;
        let pieces = found.map_err(|refusal| match refusal {
            Refusal::NotTheHub => Status::permission_denied("documents are given to the hub only"),
            Refusal::NotHere => Status::not_found("no such document"),
        })?;
        let answers = pieces.map(|piece| match piece {
            Ok(chunk) => Ok(RetrieveDocumentResponse { chunk }),
            Err(broken) => Err(Status::data_loss(broken.to_string())),
        });
        Ok(Response::new(answers.boxed()))
    }
}
