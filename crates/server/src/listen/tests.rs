//! The API port over real sockets, with certificates of a development profile.

use std::net::SocketAddr;
use std::time::Duration;

use axum::routing::get;
use axum::{Extension, Router};
use delt_hub::clock::{Clock as _, SECOND, SystemClock};
use delt_hub::entropy::SystemEntropy;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::*;
use crate::config::Limits;
use crate::profile::Profile;
use crate::tasks::{ShutdownHandle, Tasks, shutdown};
use crate::tls::{self, ALPN_H2, ALPN_HTTP11, ClientFiles, PeerCertificate, pem};

struct Port {
    address: SocketAddr,
    profile: Profile,
    metrics: Metrics,
    handle: ShutdownHandle,
    tasks: Tasks,
    _dir: TempDir,
}

fn profile() -> (TempDir, Profile) {
    let dir = tempfile::tempdir().unwrap();
    // Certificates are verified against the machine's clock.
    let now = time::OffsetDateTime::from_unix_timestamp(SystemClock.now() / SECOND).unwrap();
    let profile = Profile::open_or_create(dir.path(), now, &SystemEntropy::default()).unwrap();
    (dir, profile)
}

async fn who(Extension(PeerCertificate(peer)): Extension<PeerCertificate>) -> String {
    peer.map_or("nobody".to_owned(), |certificate| {
        certificate.names.join(",")
    })
}

async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(300)).await;
    "done"
}

async fn start(limits: Limits) -> Port {
    let (dir, profile) = profile();
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter
        .set_service_status("delt", tonic_health::ServingStatus::Serving)
        .await;
    let router: Router = tonic::service::Routes::new(health)
        .into_axum_router()
        .route("/who", get(who))
        .route("/slow", get(slow))
        .route("/large", get(async || vec![7_u8; 10 * 1024 * 1024]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (handle, stop) = shutdown();
    let metrics = Metrics::new("test");
    let tls = tls::server_config(&profile.config().tls).unwrap();
    let port = ApiPort {
        router,
        tls,
        limits,
        metrics: metrics.clone(),
    };
    let mut tasks = Tasks::default();
    tasks.spawn(port.serve(listener, stop));
    Port {
        address,
        profile,
        metrics,
        handle,
        tasks,
        _dir: dir,
    }
}

impl Port {
    async fn channel(&self, id: &str) -> Channel {
        let files = self.profile.system(id).unwrap();
        let read = |path| std::fs::read(path).unwrap();
        let tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read(files.ca)))
            .identity(Identity::from_pem(read(files.certificate), read(files.key)));
        let url = format!("https://localhost:{}", self.address.port());
        Endpoint::from_shared(url)
            .unwrap()
            .tls_config(tls)
            .unwrap()
            .connect()
            .await
            .unwrap()
    }

    fn client(&self, id: &str, alpn: &[&[u8]]) -> Arc<ClientConfig> {
        tls::client_config(&self.profile.system(id).unwrap(), alpn).unwrap()
    }

    fn anonymous(&self) -> Arc<ClientConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(pem::authorities(&self.profile.ca_file()).unwrap())
            .with_no_client_auth();
        Arc::new(config)
    }

    async fn get(&self, config: Arc<ClientConfig>, request: &str) -> std::io::Result<String> {
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let mut stream = TlsConnector::from(config).connect(name, stream).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    async fn metric(&self, line: &str) {
        for _ in 0..100 {
            if self
                .metrics
                .encode()
                .unwrap()
                .lines()
                .any(|found| found == line)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no {line} in:\n{}", self.metrics.encode().unwrap());
    }
}

const WHO: &str = "GET /who HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn grpc_over_mutual_tls() {
    let port = start(Limits::default()).await;
    let mut health = HealthClient::new(port.channel("ehr-hovedstaden").await);
    let answer = health
        .check(HealthCheckRequest {
            service: "delt".into(),
        })
        .await
        .unwrap();
    assert_eq!(answer.into_inner().status(), ServingStatus::Serving);
    port.metric("delt_connections 1").await;
    drop(health);
    port.metric("delt_connections 0").await;
}

#[tokio::test]
async fn http_1_with_and_without_a_certificate() {
    let port = start(Limits::default()).await;
    let known = port
        .get(port.client("tilsyn", &[ALPN_HTTP11]), WHO)
        .await
        .unwrap();
    assert!(
        known.starts_with("HTTP/1.1 200") && known.ends_with("tilsyn.delt.test"),
        "{known}"
    );
    let unknown = port.get(port.anonymous(), WHO).await.unwrap();
    assert!(unknown.ends_with("nobody"), "{unknown}");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let port = start(Limits::default()).await;
    let (_dir, other) = profile();
    let foreign = ClientFiles {
        ca: port.profile.ca_file(),
        ..other.system("tilsyn").unwrap()
    };
    let config = tls::client_config(&foreign, &[ALPN_HTTP11]).unwrap();
    assert!(port.get(config, WHO).await.is_err());
    port.metric("delt_handshake_failures_total{reason=\"tls\"} 1")
        .await;
    // And the other way round: a client that does not trust this hub does not talk to it.
    let trusting_other = other.system("tilsyn").unwrap();
    let config = tls::client_config(&trusting_other, &[ALPN_H2]).unwrap();
    assert!(port.get(config, WHO).await.is_err());
}

#[tokio::test]
async fn a_slow_handshake_is_dropped() {
    let port = start(Limits {
        handshake_timeout_ms: 100,
        ..Limits::default()
    })
    .await;
    let mut idle = TcpStream::connect(port.address).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), idle.read(&mut [0; 1]))
        .await
        .unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)));
    port.metric("delt_handshake_failures_total{reason=\"timeout\"} 1")
        .await;
}

#[tokio::test]
async fn further_connections_wait_for_a_place() {
    let port = start(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let first = port.channel("ehr-hovedstaden").await;
    let config = port.client("tilsyn", &[ALPN_HTTP11]);
    let mut second = std::pin::pin!(port.get(config, WHO));
    assert!(
        tokio::time::timeout(Duration::from_millis(200), second.as_mut())
            .await
            .is_err()
    );
    drop(first);
    let answer = tokio::time::timeout(Duration::from_secs(5), second)
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn strangers_cannot_take_all_connections() {
    let port = start(Limits {
        connections: 2,
        ..Limits::default()
    })
    .await;
    let stream = TcpStream::connect(port.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(port.anonymous());
    let mut first = connector.connect(name, stream).await.unwrap();
    let kept = WHO.replace("connection: close", "connection: keep-alive");
    first.write_all(kept.as_bytes()).await.unwrap();
    first.read_exact(&mut [0; 1]).await.unwrap();
    let second = port.get(port.anonymous(), WHO).await;
    assert!(second.is_err() || second.unwrap().is_empty());
    port.metric("delt_handshake_failures_total{reason=\"crowded\"} 1")
        .await;
    let config = port.client("tilsyn", &[ALPN_HTTP11]);
    let known = port.get(config, WHO).await.unwrap();
    assert!(known.ends_with("tilsyn.delt.test"), "{known}");
}

#[tokio::test]
async fn oversized_headers_are_refused() {
    let port = start(Limits::default()).await;
    let request = WHO.replace(
        "\r\n\r\n",
        &format!("\r\nx-long: {}\r\n\r\n", "a".repeat(20_000)),
    );
    let answer = port
        .get(port.client("tilsyn", &[ALPN_HTTP11]), &request)
        .await;
    assert!(answer.is_err() || answer.unwrap().starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn a_large_document_passes() {
    let port = start(Limits::default()).await;
    let request = WHO.replace("/who", "/large");
    let answer = port
        .get(port.client("tilsyn", &[ALPN_HTTP11]), &request)
        .await
        .unwrap();
    assert!(answer.len() > 10 * 1024 * 1024);
}

#[tokio::test]
async fn shutdown_lets_requests_in_flight_end() {
    let port = start(Limits {
        shutdown_grace_ms: 5_000,
        ..Limits::default()
    })
    .await;
    let request = WHO.replace("/who", "/slow");
    let config = port.client("tilsyn", &[ALPN_HTTP11]);
    let asked = port.get(config, &request);
    let stopped = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        port.handle.request();
    };
    let (answer, ()) = tokio::join!(asked, stopped);
    assert!(answer.unwrap().ends_with("done"));
    let address = port.address;
    assert_eq!(port.tasks.finish(Duration::from_secs(5)).await, 0);
    assert!(TcpStream::connect(address).await.is_err());
}
