//! PEM files: certificates, keys and authorities.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why a PEM file is of no use. Never contains its content.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct PemError {
    path: PathBuf,
    reason: String,
}

impl PemError {
    fn new(path: &Path, reason: impl Display) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// The certificates in a file, at least one, in their order.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let bytes = read(path)?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&bytes)
        .collect::<Result<_, _>>()
        .map_err(|error| PemError::new(path, error))?;
    if found.is_empty() {
        return Err(PemError::new(path, "holds no certificate"));
    }
    // PEM may wrap anything; a certificate that does not parse would fail much later and less clearly.
    for certificate in &found {
        x509_parser::parse_x509_certificate(certificate)
            .map_err(|error| PemError::new(path, format_args!("not a certificate: {error}")))?;
    }
    Ok(found)
}

/// The first private key in a file: PKCS#8, SEC1 or PKCS#1.
pub fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, PemError> {
    let bytes = zeroize::Zeroizing::new(read(path)?);
    PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|error| PemError::new(path, format_args!("holds no private key: {error}")))
}

/// The certificates in a file as roots of trust.
pub fn authorities(path: &Path) -> Result<RootCertStore, PemError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .map_err(|error| PemError::new(path, error))?;
    }
    Ok(roots)
}

fn read(path: &Path) -> Result<Vec<u8>, PemError> {
    std::fs::read(path).map_err(|error| PemError::new(path, error))
}
