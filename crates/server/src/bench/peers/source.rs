//! A source system that has documents of any size in memory, and gives them out as fast as they are taken.

use std::collections::HashMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use delt_proto::source::v1::document_source_service_server::{
    DocumentSourceService, DocumentSourceServiceServer,
};
use delt_proto::source::v1::{RetrieveDocumentRequest, RetrieveDocumentResponse};
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::json;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::Port;
use super::order::{Orders, not_mine};
use crate::bench::Failure;
use crate::bench::data::random::Random;
use crate::bench::world::SOURCE;
use crate::config::Tls;
use crate::profile::Profile;

/// The most that the contract allows in one piece.
const CHUNK: usize = 256 * 1024;
/// Larger ones are refused.
const LARGEST: usize = 64 * 1024 * 1024;

pub(super) async fn run(data_dir: &Path) -> Result<(), Failure> {
    let service = DocumentSourceServiceServer::new(Source::default());
    let router = Routes::new(service).into_axum_router();
    let files = Profile::open(data_dir)?
        .system(SOURCE)
        .ok_or("no such source")?;
    let files = Tls {
        certificate_file: files.certificate,
        key_file: files.key,
        client_ca_file: files.ca,
    };
    let port = Port::open(&files, router).await?;
    let mut orders = Orders::begin(json!({ "api": port.address })).await?;
    while orders.next().await?.is_some() {
        orders.done(not_mine::<()>()).await?;
    }
    Ok(())
}

/// The unique id of a document of this size.
pub(in crate::bench) fn unique_id(size: usize) -> String {
    format!("1.2.208.184^bench-{size}")
}

/// The bytes of the document of this size.
pub(in crate::bench) fn content(size: usize) -> Bytes {
    let mut random = Random::new(u64::try_from(size).unwrap_or_default());
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(size);
    bytes.into()
}

#[derive(Debug, Default)]
struct Source(Arc<Mutex<HashMap<usize, Bytes>>>);

type Answers = Pin<Box<dyn Stream<Item = Result<RetrieveDocumentResponse, Status>> + Send>>;

#[tonic::async_trait]
impl DocumentSourceService for Source {
    type RetrieveDocumentStream = Answers;

    async fn retrieve_document(
        &self,
        request: Request<RetrieveDocumentRequest>,
    ) -> Result<Response<Answers>, Status> {
        let asked = request.into_inner().unique_id;
        let size = asked
            .rsplit_once('-')
            .and_then(|(_, size)| size.parse().ok());
        let size = size
            .filter(|size| *size <= LARGEST)
            .ok_or_else(|| Status::not_found("no such document"))?;
        let mut left = self.document(size);
        let pieces = std::iter::from_fn(move || {
            let piece = left.split_to(left.len().min(CHUNK));
            (!piece.is_empty()).then_some(Ok(RetrieveDocumentResponse { chunk: piece }))
        });
        Ok(Response::new(stream::iter(pieces).boxed()))
    }
}

impl Source {
    fn document(&self, size: usize) -> Bytes {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(size).or_insert_with(|| content(size)).clone()
    }
}
