//! TLS 1.2 and 1.3 with aws-lc-rs, for the API port and for calls to the sources.

mod peer;
pub mod pem;

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ServerConfig};

pub use peer::{ClientCertificate, PeerCertificate};
pub use pem::PemError;

use crate::config::{Sources, Tls};

/// HTTP/2 in ALPN (RFC 9113 §3.2).
pub const ALPN_H2: &[u8] = b"h2";
/// HTTP/1.1 in ALPN (RFC 7301 §6).
pub const ALPN_HTTP11: &[u8] = b"http/1.1";

/// Why a TLS configuration cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The certificate and the key do not belong together, or one of them is of an unsupported kind.
    #[error("certificate and key: {0}")]
    Identity(#[from] rustls::Error),
    #[error("certificate authorities: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// The PEM files of a client that identifies itself with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFiles {
    /// The authorities that may have issued the server's certificate.
    pub ca: PathBuf,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl From<&Sources> for ClientFiles {
    fn from(sources: &Sources) -> Self {
        Self {
            ca: sources.ca_file.clone(),
            certificate: sources.certificate_file.clone(),
            key: sources.key_file.clone(),
        }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// The API port: verifies a client certificate where one is presented, and lets a client without one in, since
/// some of what the hub answers needs no identity. What does is refused further in.
pub fn server_config(files: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let roots = Arc::new(pem::authorities(&files.client_ca_file)?);
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider())
        .allow_unauthenticated()
        .build()?;
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            pem::certificates(&files.certificate_file)?,
            pem::private_key(&files.key_file)?,
        )?;
    config.alpn_protocols = vec![ALPN_H2.to_vec(), ALPN_HTTP11.to_vec()];
    // A resumed session would not verify the client's certificate again, so it could outlive the certificate.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// A client with a certificate of its own, such as the hub towards a source. Trusts only `files.ca`.
pub fn client_config(files: &ClientFiles, alpn: &[&[u8]]) -> Result<Arc<ClientConfig>, TlsError> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_root_certificates(pem::authorities(&files.ca)?)
        .with_client_auth_cert(
            pem::certificates(&files.certificate)?,
            pem::private_key(&files.key)?,
        )?;
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    Ok(Arc::new(config))
}
