//! The certificate that a client presented, as far as the hub looks at it.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::X509Certificate;

/// More names than this in one certificate are not read.
const MAX_NAMES: usize = 64;

/// A client certificate that the handshake verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the DER encoding: `x5t#S256` of RFC 8705 §3.1 before its base64url.
    pub sha256: [u8; 32],
    /// The subject's alternative names of the kinds DNS and URI, in their order. The common name is not read
    /// (RFC 9525 §2).
    pub names: Vec<String>,
}

/// The client's certificate, as an extension of every request. `None`: it presented none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerCertificate(pub Option<Arc<ClientCertificate>>);

impl ClientCertificate {
    /// From the leaf of a verified chain; `None` where it does not parse, which a verified one does.
    pub fn from_der(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
        let sha256 = digest(&SHA256, der).as_ref().try_into().ok()?;
        Some(Self {
            sha256,
            names: names(&certificate)?,
        })
    }

    /// As it stands in a token's `cnf.x5t#S256` (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.sha256)
    }
}

fn names(certificate: &X509Certificate<'_>) -> Option<Vec<String>> {
    let Some(extension) = certificate.subject_alternative_name().ok()? else {
        return Some(Vec::new());
    };
    let name = |general: &GeneralName<'_>| match general {
        GeneralName::DNSName(name) | GeneralName::URI(name) => Some((*name).to_owned()),
        _ => None,
    };
    Some(
        extension
            .value
            .general_names
            .iter()
            .filter_map(name)
            .take(MAX_NAMES)
            .collect(),
    )
}

impl PeerCertificate {
    /// From the chain that the handshake verified.
    pub fn from_chain(chain: Option<&[CertificateDer<'_>]>) -> Self {
        Self(
            chain
                .and_then(<[_]>::first)
                .and_then(ClientCertificate::from_der)
                .map(Arc::new),
        )
    }
}

impl From<&ClientCertificate> for delt_hub::identity::ClientCertificate {
    fn from(certificate: &ClientCertificate) -> Self {
        Self {
            sha256: certificate.sha256,
            names: certificate.names.clone(),
        }
    }
}
