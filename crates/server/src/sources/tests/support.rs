//! A source system that behaves as a document's id tells it to, and the hub's side of the connection.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path as UrlPath, Request};
use axum::response::{IntoResponse, Response};
use axum::{Router, body::Body, http::StatusCode, routing::get};
use bytes::Bytes;
use delt_hub::document::{Locator, SourceFault, Sources as _};
use delt_hub::organisation::{SourceAddress, SourceEndpoint};
use delt_proto::source::v1::document_source_service_server::{
    DocumentSourceService, DocumentSourceServiceServer,
};
use delt_proto::source::v1::{RetrieveDocumentRequest, RetrieveDocumentResponse};
use futures_util::{Stream, StreamExt as _, stream};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tonic::Status;
use uuid::Uuid;

use crate::config::{Limits, Sources, Tls};
use crate::listen::ApiPort;
use crate::sources::SourceClients;
use crate::tasks::{ShutdownHandle, Tasks, shutdown};
use crate::telemetry::Metrics;
use crate::tls::{self, PeerCertificate};

/// The largest document that the hub takes here.
pub(super) const MAX: u64 = 1_000_000;

/// An authority, the hub's certificate and a source's, as files.
pub(super) struct Pki {
    dir: TempDir,
}

impl Pki {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        std::fs::write(dir.path().join("ca.pem"), ca.pem()).unwrap();
        for (id, name) in [
            ("hub", "hub.example.dk"),
            ("source", "localhost"),
            ("other", "other.example.dk"),
        ] {
            let key = KeyPair::generate().unwrap();
            let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
            let leaf = leaf.signed_by(&key, &issuer).unwrap();
            std::fs::write(dir.path().join(format!("{id}.pem")), leaf.pem()).unwrap();
            std::fs::write(dir.path().join(format!("{id}.key")), key.serialize_pem()).unwrap();
        }
        Self { dir }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.dir.path(), name)
    }

    /// The TLS side of a source with the certificate `id`.
    pub(super) fn server(&self, id: &str) -> Arc<ServerConfig> {
        tls::server_config(&Tls {
            certificate_file: self.path(&format!("{id}.pem")),
            key_file: self.path(&format!("{id}.key")),
            client_ca_file: self.path("ca.pem"),
        })
        .unwrap()
    }

    pub(super) fn clients(&self) -> SourceClients {
        let files = ["ca.pem", "hub.pem", "hub.key"].map(|name| self.path(name));
        let [ca, certificate, key] = files;
        SourceClients::new(&Sources {
            max_document_bytes: MAX,
            connect_timeout_ms: 1_000,
            ..Sources::with_files(ca, certificate, key)
        })
        .unwrap()
    }
}

/// A source that serves.
pub(super) struct Source {
    pub(super) address: SocketAddr,
    _stop: ShutdownHandle,
    _tasks: Tasks,
}

impl Source {
    pub(super) async fn start(pki: &Pki, certificate: &str) -> Self {
        Self::start_at(pki, certificate, 0).await
    }

    pub(super) async fn start_at(pki: &Pki, certificate: &str, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = shutdown();
        let grpc = tonic::service::Routes::new(DocumentSourceServiceServer::new(Documents));
        let port = ApiPort {
            router: grpc.into_axum_router().merge(web()),
            tls: pki.server(certificate),
            limits: Limits::default(),
            metrics: Metrics::new("test"),
        };
        let mut tasks = Tasks::default();
        tasks.spawn(port.serve(listener, stopped));
        Self {
            address,
            _stop: stop,
            _tasks: tasks,
        }
    }

    pub(super) fn grpc(&self) -> SourceEndpoint {
        endpoint(&format!("grpc+tls://localhost:{}", self.address.port()))
    }

    pub(super) fn https(&self) -> SourceEndpoint {
        let port = self.address.port();
        endpoint(&format!(
            "https://localhost:{port}/documents/{{repositoryUniqueId}}/{{uniqueId}}"
        ))
    }
}

pub(super) fn endpoint(address: &str) -> SourceEndpoint {
    SourceEndpoint {
        source_id: "1.2.208.99.1".to_owned(),
        repository_unique_ids: vec!["1.2.208.99.1.1".to_owned()],
        address: SourceAddress::parse(address).unwrap(),
        server_name: None,
        deadline_ms: 2_000,
    }
}

/// Fetches a document whole.
pub(super) async fn fetch(
    clients: &SourceClients,
    endpoint: &SourceEndpoint,
    unique_id: &str,
) -> Result<Vec<u8>, SourceFault> {
    let locator = Locator {
        repository_unique_id: "1.2.208.99.1.1".to_owned(),
        unique_id: unique_id.to_owned(),
        audit_entry_id: Uuid::from_u128(7),
    };
    let mut content = clients.open(endpoint, &locator).await?;
    let mut whole = Vec::new();
    while let Some(bytes) = content.next().await {
        whole.extend_from_slice(&bytes?);
    }
    Ok(whole)
}

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

/// What the source does with a document of this id.
fn behave(unique_id: &str) -> Result<Chunks, Status> {
    let chunk = |length: usize| Ok(Bytes::from(vec![b'x'; length]));
    let broken = || Err(Status::unavailable("for 0201609996"));
    Ok(match unique_id {
        "good" | "1.2^ex/t?a%b" => stream::iter([
            Ok(Bytes::from_static(b"hel")),
            Ok(Bytes::from_static(b"lo")),
        ])
        .boxed(),
        "hang-midway" => stream::iter([chunk(3)]).chain(stream::pending()).boxed(),
        "die-midway" => stream::iter([chunk(3), broken()]).boxed(),
        "endless" => stream::repeat_with(move || chunk(100_000)).boxed(),
        "largest" => stream::iter((0..10).map(move |_| chunk(100_000))).boxed(),
        "large-chunk" => stream::iter([chunk(300_000)]).boxed(),
        "gone" => return Err(Status::not_found("0201609996 is not here")),
        "forbidden" => return Err(Status::permission_denied("no")),
        _ => return Err(Status::internal("unheard of")),
    })
}

struct Documents;

#[tonic::async_trait]
impl DocumentSourceService for Documents {
    type RetrieveDocumentStream =
        Pin<Box<dyn Stream<Item = Result<RetrieveDocumentResponse, Status>> + Send>>;

    async fn retrieve_document(
        &self,
        request: tonic::Request<RetrieveDocumentRequest>,
    ) -> Result<tonic::Response<Self::RetrieveDocumentStream>, Status> {
        let PeerCertificate(peer) = request.extensions().get().unwrap();
        let asked = request.get_ref();
        if asked.unique_id == "who" {
            let names = peer.as_ref().unwrap().names.join(",");
            let text = format!(
                "{names} {} {}",
                asked.repository_unique_id, asked.audit_entry_id
            );
            let chunk = Ok(RetrieveDocumentResponse { chunk: text.into() });
            return Ok(tonic::Response::new(stream::iter([chunk]).boxed()));
        }
        if asked.unique_id == "slow" {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        let chunks = behave(&asked.unique_id)?;
        let chunks = chunks.map(|chunk| chunk.map(|chunk| RetrieveDocumentResponse { chunk }));
        Ok(tonic::Response::new(chunks.boxed()))
    }
}

fn web() -> Router {
    Router::new().route("/documents/{repository}/{id}", get(document))
}

async fn document(
    UrlPath((repository, id)): UrlPath<(String, String)>,
    request: Request,
) -> Response {
    match id.as_str() {
        "who" => {
            let PeerCertificate(peer) = request.extensions().get().unwrap();
            let names = peer.as_ref().unwrap().names.join(",");
            let entry = request.headers()["delt-audit-entry"]
                .to_str()
                .unwrap()
                .to_owned();
            format!("{names} {repository} {entry}").into_response()
        }
        "slow" => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            StatusCode::OK.into_response()
        }
        "gone" => StatusCode::NOT_FOUND.into_response(),
        "gone-for-good" => StatusCode::GONE.into_response(),
        "moved" => (StatusCode::FOUND, [("location", "/documents/1.2/good")]).into_response(),
        "zipped" => ([("content-encoding", "gzip")], "hello").into_response(),
        "announced" => {
            let length = (MAX + 1).to_string();
            (
                [("content-length", length)],
                Body::from_stream(behave("hang-midway").unwrap()),
            )
                .into_response()
        }
        id => match behave(id) {
            Ok(chunks) => Body::from_stream(chunks).into_response(),
            Err(_) => StatusCode::FORBIDDEN.into_response(),
        },
    }
}
