//! An OpenTelemetry collector that keeps what it gets.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delt_server::listen::serve_plain;
use delt_server::tasks::{ShutdownHandle, Tasks, shutdown};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tonic::{Request, Response, Status};

/// What it got.
#[derive(Debug, Default)]
pub struct Got {
    pub spans: Vec<Span>,
    /// Of the last message.
    pub metrics: Vec<Metric>,
    /// Attributes of the process, as both kinds of messages name them.
    pub resource: Vec<KeyValue>,
    /// All of it as it came.
    pub bytes: Vec<u8>,
}

/// A collector at a free loopback port.
#[derive(Debug)]
pub struct Collector {
    pub address: SocketAddr,
    got: Keeper,
    _running: (ShutdownHandle, Tasks),
}

#[derive(Debug, Clone, Default)]
struct Keeper(Arc<Mutex<Got>>);

impl Collector {
    pub async fn start() -> Self {
        let got = Keeper::default();
        let mut services = tonic::service::Routes::builder();
        services.add_service(TraceServiceServer::new(got.clone()));
        services.add_service(MetricsServiceServer::new(got.clone()));
        let router = services.routes().into_axum_router();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (stop, stopped) = shutdown();
        let mut tasks = Tasks::default();
        tasks.spawn(async move {
            serve_plain(listener, router, stopped)
                .await
                .expect("it serves");
        });
        Self {
            address,
            got,
            _running: (stop, tasks),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn got(&self) -> MutexGuard<'_, Got> {
        self.got.keep()
    }
}

impl Keeper {
    fn keep(&self) -> MutexGuard<'_, Got> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tonic::async_trait]
impl TraceService for Keeper {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let message = request.into_inner();
        let mut got = self.keep();
        got.bytes.extend(message.encode_to_vec());
        for of_process in message.resource_spans {
            got.resource
                .extend(of_process.resource.unwrap_or_default().attributes);
            let spans = of_process
                .scope_spans
                .into_iter()
                .flat_map(|scope| scope.spans);
            got.spans.extend(spans);
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Keeper {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        let message = request.into_inner();
        let mut got = self.keep();
        got.bytes.extend(message.encode_to_vec());
        got.metrics.clear();
        for of_process in message.resource_metrics {
            got.resource
                .extend(of_process.resource.unwrap_or_default().attributes);
            let metrics = of_process
                .scope_metrics
                .into_iter()
                .flat_map(|scope| scope.metrics);
            got.metrics.extend(metrics);
        }
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}
