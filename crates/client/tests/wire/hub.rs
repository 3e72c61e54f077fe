//! A hub that does as its plan says.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use delt_client::Settings;
use delt_client::proto::document::v1::document_index_service_server::{
    DocumentIndexService, DocumentIndexServiceServer,
};
use delt_client::proto::document::v1::register_documents_response::Outcome;
use delt_client::proto::document::v1::{
    GetDocumentRequest, GetDocumentResponse, ItemError, ListSourceDocumentsRequest,
    ListSourceDocumentsResponse, RegisterDocumentRequest, RegisterDocumentResponse,
    RegisterDocumentsRequest, RegisterDocumentsResponse, UpdateDocumentStatusRequest,
    UpdateDocumentStatusResponse,
};
use futures_util::{Stream, StreamExt as _};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

/// How the hub misbehaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plan {
    /// So many single calls are answered with UNAVAILABLE first.
    pub(crate) unavailable: usize,
    /// Each stream of registrations breaks after so many outcomes.
    pub(crate) breaks_after: Option<usize>,
}

/// What the hub saw of a call.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) request_id: String,
    pub(crate) authorization: String,
    pub(crate) certified: bool,
}

pub(crate) struct Hub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    ca: String,
    client: (String, String),
}

struct Service {
    plan: Plan,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Hub {
    #[expect(
        clippy::disallowed_methods,
        reason = "the hub of a test ends with its test"
    )]
    pub(crate) async fn start(plan: Plan) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ca, server, client) = certificates();
        let tls = ServerTlsConfig::new()
            .identity(Identity::from_pem(server.0, server.1))
            .client_ca_root(Certificate::from_pem(&ca));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let service = Service {
            plan,
            seen: Arc::clone(&seen),
        };
        let serving = Server::builder()
            .tls_config(tls)
            .unwrap()
            .add_service(DocumentIndexServiceServer::new(service))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(serving);
        Self {
            address,
            seen,
            ca,
            client,
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let (certificate, key) = (self.client.0.as_str(), self.client.1.as_str());
        let session = uuid::Uuid::from_u128(0x5e55_1011);
        Settings::new(
            format!("https://{}", self.address),
            self.ca.as_str(),
            certificate,
            key,
            session,
        )
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

type Pem = (String, String);

/// The authority, the hub's certificate and the client's.
fn certificates() -> (String, Pem, Pem) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let leaf = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (
            params.signed_by(&key, &issuer).unwrap().pem(),
            key.serialize_pem(),
        )
    };
    (authority, leaf("127.0.0.1"), leaf("ehr.test"))
}

impl Service {
    /// Notes the call, and counts it.
    fn note<T>(&self, request: &Request<T>) -> usize {
        let header = |name| {
            let value = request.metadata().get(name);
            value
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        let mut seen = self.seen.lock().unwrap();
        seen.push(Seen {
            request_id: header("x-request-id"),
            authorization: header("authorization"),
            certified: request.peer_certs().is_some(),
        });
        seen.len()
    }
}

#[tonic::async_trait]
impl DocumentIndexService for Service {
    async fn register_document(
        &self,
        request: Request<RegisterDocumentRequest>,
    ) -> Result<Response<RegisterDocumentResponse>, Status> {
        if self.note(&request) <= self.plan.unavailable {
            return Err(Status::unavailable("not now"));
        }
        if request.into_inner().entry.unwrap().title == "bad" {
            let mut details = ErrorDetails::with_bad_request_violation("entry.title", "is bad");
            details.set_error_info("BAD_TITLE", "delt", []);
            return Err(Status::with_error_details(
                Code::InvalidArgument,
                "wrong",
                details,
            ));
        }
        Ok(Response::new(RegisterDocumentResponse::default()))
    }

    type RegisterDocumentsStream =
        Pin<Box<dyn Stream<Item = Result<RegisterDocumentsResponse, Status>> + Send>>;

    async fn register_documents(
        &self,
        request: Request<Streaming<RegisterDocumentsRequest>>,
    ) -> Result<Response<Self::RegisterDocumentsStream>, Status> {
        self.note(&request);
        let breaks_after = self.plan.breaks_after.unwrap_or(usize::MAX);
        let answers = request.into_inner().enumerate().map(move |(count, item)| {
            if count >= breaks_after {
                return Err(Status::unavailable("broken"));
            }
            Ok(outcome(item?))
        });
        Ok(Response::new(answers.boxed()))
    }

    async fn update_document_status(
        &self,
        _: Request<UpdateDocumentStatusRequest>,
    ) -> Result<Response<UpdateDocumentStatusResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_document(
        &self,
        _: Request<GetDocumentRequest>,
    ) -> Result<Response<GetDocumentResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_source_documents(
        &self,
        _: Request<ListSourceDocumentsRequest>,
    ) -> Result<Response<ListSourceDocumentsResponse>, Status> {
        Err(Status::unimplemented(""))
    }
}

fn outcome(request: RegisterDocumentsRequest) -> RegisterDocumentsResponse {
    let outcome = match request.entry.unwrap().title.as_str() {
        "bad" => Outcome::Error(ItemError {
            status: Code::InvalidArgument.into(),
            ..Default::default()
        }),
        _ => Outcome::Registered(RegisterDocumentResponse::default()),
    };
    RegisterDocumentsResponse {
        item: request.item,
        outcome: Some(outcome),
    }
}
