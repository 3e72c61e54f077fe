//! The ports: accepting connections, bounding them, and ending them in an orderly way.

mod connection;
mod crowd;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use crowd::Crowd;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use crate::config::Limits;
use crate::shares::Share;
use crate::tasks::{Shutdown, Tasks};
use crate::telemetry::Metrics;

/// After a failed accept, such as when no file descriptor is left. Long enough not to spin, short enough not to be noticed.
const PAUSE_AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// One connection in so many may be one without a certificate: a stranger who opens many and keeps them must not take them all.
const NAMELESS_SHARE: usize = 16;

/// Where the caller connects from, as an extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// A port that speaks TLS and then HTTP/2 or HTTP/1.1, as the client chooses. Requests reach `router` with a
/// [`PeerAddress`] and a [`crate::tls::PeerCertificate`] among their extensions.
pub struct ApiPort {
    pub router: Router,
    pub tls: Arc<ServerConfig>,
    pub limits: Limits,
    pub metrics: Metrics,
}

/// What all connections of the port share.
struct Shared {
    router: Router,
    acceptor: TlsAcceptor,
    limits: Limits,
    handshakes: Semaphore,
    /// Places for connections without a client certificate.
    nameless: Semaphore,
    /// Places for the others.
    crowd: Crowd,
    metrics: Metrics,
    shutdown: Shutdown,
}

impl std::fmt::Debug for ApiPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiPort")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl ApiPort {
    /// Serves until shutdown is asked for; then accepts no more, lets requests in flight end within
    /// `limits.shutdown_grace`, and returns.
    pub async fn serve(self, listener: TcpListener, shutdown: Shutdown) {
        let shared = Arc::new(Shared {
            router: self.router,
            acceptor: TlsAcceptor::from(self.tls),
            handshakes: Semaphore::new(self.limits.handshakes),
            nameless: Semaphore::new(self.limits.connections.div_ceil(NAMELESS_SHARE)),
            crowd: Crowd::new(Share {
                places: self.limits.connections,
                percent: self.limits.system_share_percent,
            }),
            metrics: self.metrics,
            shutdown,
            limits: self.limits,
        });
        let mut connections = Tasks::default();
        shared
            .accept_until_shutdown(&listener, &mut connections)
            .await;
        drop(listener);
        let stopped = connections.finish(shared.limits.shutdown_grace()).await;
        tracing::info!(stopped, "api port closed");
    }
}

impl Shared {
    async fn accept_until_shutdown(self: &Arc<Self>, listener: &TcpListener, open: &mut Tasks) {
        loop {
            let full = open.len() >= self.limits.connections;
            tokio::select! {
                () = self.shutdown.requested() => return,
                () = open.reap() => {}
                accepted = listener.accept(), if !full => {
                    if let Some((stream, peer)) = settle(accepted).await {
                        open.spawn(connection::serve(Arc::clone(self), stream, PeerAddress(peer)));
                    }
                }
            }
        }
    }
}

async fn settle(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    match accepted {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(PAUSE_AFTER_FAILED_ACCEPT).await;
            None
        }
    }
}

/// Serves plain HTTP until shutdown is asked for: the admin port.
pub async fn serve_plain(
    listener: TcpListener,
    router: Router,
    shutdown: Shutdown,
) -> io::Result<()> {
    let asked = async move { shutdown.requested().await };
    axum::serve(listener, router)
        .with_graceful_shutdown(asked)
        .await
}
