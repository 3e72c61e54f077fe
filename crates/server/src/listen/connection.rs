//! One connection of the API port, from handshake to goodbye.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::SemaphorePermit;
use tokio_rustls::server::TlsStream;
use tower::ServiceExt as _;

use super::{PeerAddress, Shared, crowd::Member};
use crate::telemetry::HandshakeFailure;
use crate::tls::PeerCertificate;

/// Longest header of a request: a token and what gRPC needs beside it, in bytes.
const HEADER_LIST_BYTES: u32 = 16 * 1024;
/// For the head of a request on HTTP/1.1, and for the first request of any connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// A peer that vanished is noticed after this, plus the answer's timeout.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// Flow control: a document of 10 MB needs few round trips, and one connection cannot bind more than this unread.
const STREAM_WINDOW_BYTES: u32 = 1024 * 1024;
const CONNECTION_WINDOW_BYTES: u32 = 4 * 1024 * 1024;

pub(super) async fn serve(shared: Arc<Shared>, stream: TcpStream, address: PeerAddress) {
    let _open = shared.metrics.connection_opened();
    // Answers are small and wait for nothing; a kernel that knows no such option serves slower, not wrongly.
    let _ = stream.set_nodelay(true);
    match handshake(&shared, stream).await {
        Ok(stream) => {
            let certificate = PeerCertificate::from_chain(stream.get_ref().1.peer_certificates());
            match place(&shared, &certificate) {
                Some(_place) => converse(&shared, stream, certificate, address).await,
                None => shared.metrics.handshake_failed(HandshakeFailure::Crowded),
            }
        }
        Err(reason) => shared.metrics.handshake_failed(reason),
    }
}

/// The time limit holds for the wait for a place too, so that a queue of idle peers drains.
async fn handshake(
    shared: &Shared,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, HandshakeFailure> {
    let accept = async {
        let _place = shared
            .handshakes
            .acquire()
            .await
            .map_err(|_| HandshakeFailure::Tls)?;
        shared.acceptor.accept(stream).await.map_err(|error| {
            tracing::debug!(%error, "handshake failed");
            HandshakeFailure::Tls
        })
    };
    let limited = tokio::time::timeout(shared.limits.handshake_timeout(), accept);
    limited.await.unwrap_or(Err(HandshakeFailure::Timeout))
}

/// What a connection holds while it is open.
enum Place<'a> {
    Named { _member: Member<'a> },
    Nameless { _permit: SemaphorePermit<'a> },
}

/// A place among those of the same certificate, or among those without one. None where it has no more.
fn place<'a>(shared: &'a Shared, certificate: &PeerCertificate) -> Option<Place<'a>> {
    if let Some(certificate) = &certificate.0 {
        let member = shared.crowd.enter(certificate.sha256)?;
        return Some(Place::Named { _member: member });
    }
    let permit = shared.nameless.try_acquire().ok()?;
    Some(Place::Nameless { _permit: permit })
}

async fn converse(
    shared: &Shared,
    stream: TlsStream<TcpStream>,
    certificate: PeerCertificate,
    address: PeerAddress,
) {
    let spoken = Arc::new(AtomicBool::new(false));
    let service = {
        let (router, spoken) = (shared.router.clone(), Arc::clone(&spoken));
        service_fn(move |mut request: Request<Incoming>| {
            spoken.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(certificate.clone());
            request.extensions_mut().insert(address);
            router.clone().oneshot(request)
        })
    };
    let protocol = protocol(shared.limits.concurrent_streams);
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let mut asked = false;
    let mut silent = pin!(tokio::time::sleep(HEAD_TIMEOUT));
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error = %error, "connection ended");
                }
                return;
            }
            () = shared.shutdown.requested(), if !asked => {
                asked = true;
                connection.as_mut().graceful_shutdown();
            }
            () = silent.as_mut(), if !silent.is_elapsed() => {
                if !spoken.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    }
}

fn protocol(concurrent_streams: u32) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEADER_LIST_BYTES as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(concurrent_streams)
        .max_header_list_size(HEADER_LIST_BYTES)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES);
    builder
}
