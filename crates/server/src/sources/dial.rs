//! Making a connection: TCP, then TLS with the hub's certificate, towards one endpoint and nothing else.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use delt_hub::organisation::{SourceAddress, SourceEndpoint};
use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::tls::ALPN_H2;

const HTTPS_PORT: u16 = 443;

/// Dials one endpoint, whatever URI it is called with: neither an answer nor a proxy can lead it elsewhere.
#[derive(Clone)]
pub(super) struct Dialler {
    source_id: String,
    host: String,
    port: u16,
    name: ServerName<'static>,
    tls: TlsConnector,
    timeout: Duration,
}

impl std::fmt::Debug for Dialler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Dialler({} at {}:{})",
            self.source_id, self.host, self.port
        )
    }
}

impl Dialler {
    /// `None` where the address or the server name is not one.
    pub(super) fn new(
        endpoint: &SourceEndpoint,
        tls: &Arc<ClientConfig>,
        timeout: Duration,
    ) -> Option<Self> {
        let (host, port) = host_and_port(&endpoint.address)?;
        let name = endpoint.server_name.clone().unwrap_or_else(|| host.clone());
        Some(Self {
            source_id: endpoint.source_id.clone(),
            name: ServerName::try_from(name).ok()?,
            host,
            port,
            tls: TlsConnector::from(Arc::clone(tls)),
            timeout,
        })
    }

    async fn dial(self) -> io::Result<TokioIo<Secured>> {
        let dialled = tokio::time::timeout(self.timeout, self.connect()).await;
        let stream = dialled.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        if let Err(error) = &stream {
            tracing::warn!(source = %self.source_id, %error, "cannot connect to a source");
        }
        stream.map(Secured).map(TokioIo::new)
    }

    async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        self.tls.connect(self.name.clone(), stream).await
    }
}

impl tower::Service<Uri> for Dialler {
    type Response = TokioIo<Secured>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().dial())
    }
}

/// The host without the brackets of an IPv6 address.
fn host_and_port(address: &SourceAddress) -> Option<(String, u16)> {
    let authority = match address {
        SourceAddress::Grpc { authority } => authority.as_str(),
        SourceAddress::Https { template } => {
            template.strip_prefix("https://")?.split('/').next()?
        }
    };
    let authority: http::uri::Authority = authority.parse().ok()?;
    let host = authority.host();
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    Some((bare.to_owned(), authority.port_u16().unwrap_or(HTTPS_PORT)))
}

/// A TLS connection that tells the pool which HTTP it negotiated.
#[derive(Debug)]
pub(super) struct Secured(TlsStream<TcpStream>);

impl Connection for Secured {
    fn connected(&self) -> Connected {
        let (_, session) = self.0.get_ref();
        if session.alpn_protocol() == Some(ALPN_H2) {
            Connected::new().negotiated_h2()
        } else {
            Connected::new()
        }
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
