//! `SearchRecord` of 20 entries, with consent and audit on, beside a bare tonic call that returns the same bytes over the same kind of
//! connection. Both are measured in turns in one run, because only their ratio holds on a noisy machine.
//!
//! `cargo bench -p delt-tests --bench search_record`

mod load;

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::time::Duration;

use delt_client::Connection;
use delt_proto::record::v1::patient_record_service_server::{
    PatientRecordService, PatientRecordServiceServer,
};
use delt_proto::record::v1::{
    RetrieveDocumentRequest, RetrieveDocumentResponse, RetrieveDocumentsRequest,
    RetrieveDocumentsResponse, SearchRecordRequest, SearchRecordResponse,
};
use delt_server::config::Limits;
use delt_server::listen::ApiPort;
use delt_server::profile::Holder;
use delt_server::tasks::{Tasks, shutdown};
use delt_server::telemetry::Metrics;
use delt_server::tls;
use delt_tests::hub::{Backend, TestHub, sample};
use futures_util::Stream;
use load::{ENTRIES, median, prepared, rate, search};
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const CALLERS: [usize; 3] = [1, 16, 64];

/// Answers with the same bytes each time, and does nothing else.
#[derive(Debug, Clone)]
struct Bare(SearchRecordResponse);

type Nothing<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl PatientRecordService for Bare {
    type RetrieveDocumentStream = Nothing<RetrieveDocumentResponse>;
    type RetrieveDocumentsStream = Nothing<RetrieveDocumentsResponse>;

    async fn search_record(
        &self,
        _: Request<SearchRecordRequest>,
    ) -> Result<Response<SearchRecordResponse>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    async fn retrieve_document(
        &self,
        _: Request<RetrieveDocumentRequest>,
    ) -> Result<Response<Self::RetrieveDocumentStream>, Status> {
        Err(Status::unimplemented("only searched here"))
    }

    async fn retrieve_documents(
        &self,
        _: Request<RetrieveDocumentsRequest>,
    ) -> Result<Response<Self::RetrieveDocumentsStream>, Status> {
        Err(Status::unimplemented("only searched here"))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let hub = TestHub::start(backend).await;
        let reader = prepared(&hub).await;
        let canned = search(&reader).await?;
        let (bare, _port) = bare(&hub, canned).await?;
        writeln!(
            out,
            "{backend:?}: SearchRecord, {ENTRIES} entries; medians of {ROUNDS} rounds"
        )?;
        writeln!(
            out,
            "{:>8} {:>14} {:>14} {:>8}",
            "callers", "delt req/s", "bare req/s", "ratio"
        )?;
        for callers in CALLERS {
            let (mut ours, mut limit, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                let (a, b) = (
                    rate(&reader, callers, ROUND).await,
                    rate(&bare, callers, ROUND).await,
                );
                ours.push(a);
                limit.push(b);
                ratios.push(a / b);
            }
            let (a, b, ratio) = (median(ours), median(limit), median(ratios));
            writeln!(out, "{callers:>8} {a:>14.0} {b:>14.0} {ratio:>8.3}")?;
        }
        hub.running.stop().await;
    }
    Ok(())
}

/// The bare service behind the same port code and the same certificates.
async fn bare(
    hub: &TestHub,
    canned: SearchRecordResponse,
) -> Result<(Connection, (Tasks, delt_server::tasks::ShutdownHandle)), Box<dyn std::error::Error>> {
    assert_eq!(
        canned.documents.len(),
        ENTRIES,
        "the search must find what was registered"
    );
    let service = PatientRecordServiceServer::new(Bare(canned));
    let mut routes = tonic::service::Routes::builder();
    routes.add_service(service);
    let port = ApiPort {
        router: routes.routes().into_axum_router(),
        tls: tls::server_config(&hub.config().tls)?,
        limits: Limits::default(),
        metrics: Metrics::new("bench"),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = shutdown();
    let mut tasks = Tasks::default();
    tasks.spawn(port.serve(listener, stopped));
    let holder = Holder::Professional(sample("kard"));
    let token = hub.token(&holder, "ehr-hovedstaden", &[]);
    Ok((
        hub.connect(address, "ehr-hovedstaden", Some(token)).await,
        (tasks, stop),
    ))
}
