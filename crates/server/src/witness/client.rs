//! The hub asks a witness: one POST on a connection of its own, bounded in time and size.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use delt_hub::audit::{
    WITNESS_ANSWER_MAX, WITNESS_DEADLINE_MS, WitnessAnswer, WitnessFault, Witnesses,
};
use futures_util::future::{BoxFuture, Either, select};
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config;
use crate::tls::{ALPN_HTTP11, TlsError, pem};

/// Asks witnesses over HTTP. What they say is worth what their signatures are, so that TLS only keeps strangers from hearing and from answering in vain.
#[derive(Debug, Clone)]
pub struct WitnessClient {
    tls: Option<Arc<ClientConfig>>,
}

impl WitnessClient {
    /// Reads the authorities of the witnesses.
    ///
    /// # Errors
    /// The file of authorities is of no use.
    pub fn new(audit: &config::Audit) -> Result<Self, TlsError> {
        let tls = audit.witness_ca_file.as_deref().map(trusting).transpose()?;
        Ok(Self { tls })
    }

    async fn post(self, url: String, body: String) -> Result<WitnessAnswer, WitnessFault> {
        let uri: Uri = url.parse().map_err(|_| WitnessFault::Unreachable)?;
        let authority = uri.authority().ok_or(WitnessFault::Unreachable)?.clone();
        let secured = uri.scheme_str() == Some("https");
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let port = authority
            .port_u16()
            .unwrap_or(if secured { 443 } else { 80 });
        let request = Request::post(uri.path())
            .header(header::HOST, authority.as_str())
            .header(header::CONNECTION, "close")
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| WitnessFault::Unreachable)?;
        let stream = TcpStream::connect((host.as_str(), port))
            .await
            .map_err(|_| WitnessFault::Unreachable)?;
        if !secured {
            return exchange(stream, request).await;
        }
        let tls = self.tls.ok_or(WitnessFault::Unreachable)?;
        let name = ServerName::try_from(host).map_err(|_| WitnessFault::Unreachable)?;
        let stream = TlsConnector::from(tls).connect(name, stream).await;
        exchange(stream.map_err(|_| WitnessFault::Unreachable)?, request).await
    }
}

impl Witnesses for WitnessClient {
    fn add_checkpoint(
        &self,
        url: &str,
        body: String,
    ) -> BoxFuture<'static, Result<WitnessAnswer, WitnessFault>> {
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        let asking = self.clone().post(url, body);
        Box::pin(async move {
            tokio::time::timeout(Duration::from_millis(WITNESS_DEADLINE_MS), asking)
                .await
                .unwrap_or(Err(WitnessFault::TimedOut))
        })
    }
}

/// A client without a certificate that trusts these authorities.
fn trusting(ca: &Path) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_root_certificates(pem::authorities(ca)?)
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN_HTTP11.to_vec()];
    Ok(Arc::new(config))
}

/// One request and its answer. Follows no redirect: the policy says where a witness is, not an answer.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<WitnessAnswer, WitnessFault> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_| WitnessFault::Unreachable)?;
    let answering = async move {
        let response = sender.send_request(request).await;
        answer(response.map_err(|_| WitnessFault::Unreachable)?).await
    };
    // The connection does its work only while it is polled, and has none once the answer is there.
    match select(Box::pin(answering), Box::pin(connection)).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_, answering)) => answering.await,
    }
}

async fn answer(response: Response<Incoming>) -> Result<WitnessAnswer, WitnessFault> {
    let status = response.status();
    if status != StatusCode::OK && status != StatusCode::CONFLICT {
        return Ok(WitnessAnswer::Refused(status.as_u16()));
    }
    let sized = response.headers().get(header::CONTENT_TYPE).cloned();
    let body = Limited::new(response.into_body(), WITNESS_ANSWER_MAX)
        .collect()
        .await
        .map_err(|_| WitnessFault::Unreadable)?;
    let text = String::from_utf8(body.to_bytes().into()).map_err(|_| WitnessFault::Unreadable)?;
    if status == StatusCode::OK {
        return Ok(WitnessAnswer::Cosigned(text));
    }
    if sized.is_none_or(|kind| kind != super::http::SIZE) {
        return Err(WitnessFault::Unreadable);
    }
    let size = text.strip_suffix('\n').unwrap_or(&text);
    size.parse()
        .map(WitnessAnswer::Conflict)
        .map_err(|_| WitnessFault::Unreadable)
}
