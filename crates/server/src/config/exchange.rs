//! `[sources]` and `[messages]`: what the hub fetches and what it carries.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::duration::{ms, seconds};

/// `[sources]`: how the hub calls the systems that hold the documents. Each call is mutual TLS.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// PEM: the authorities that may have issued a source's server certificate.
    pub ca_file: PathBuf,
    /// PEM: the certificate that the hub presents to a source.
    pub certificate_file: PathBuf,
    /// PEM: its private key.
    pub key_file: PathBuf,
    /// To reach a source. Milliseconds, default 2000.
    #[serde(default = "default_connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// For a whole document, connection included; a source may be registered with a shorter one. Milliseconds, default 10000.
    #[serde(default = "default_deadline_ms")]
    pub deadline_ms: u64,
    /// The largest document that is passed through, in bytes. Default 64 MiB.
    #[serde(default = "default_max_document_bytes")]
    pub max_document_bytes: u64,
    /// Documents fetched at once from one source for one request. Default 8.
    #[serde(default = "default_parallel")]
    pub parallel: usize,
}

const fn default_connect_timeout_ms() -> u64 {
    2_000
}

const fn default_deadline_ms() -> u64 {
    10_000
}

const fn default_max_document_bytes() -> u64 {
    64 * 1024 * 1024
}

const fn default_parallel() -> usize {
    8
}

impl Sources {
    /// These PEM files, and everything else as by default.
    pub const fn with_files(
        ca_file: PathBuf,
        certificate_file: PathBuf,
        key_file: PathBuf,
    ) -> Self {
        Self {
            ca_file,
            certificate_file,
            key_file,
            connect_timeout_ms: default_connect_timeout_ms(),
            deadline_ms: default_deadline_ms(),
            max_document_bytes: default_max_document_bytes(),
            parallel: default_parallel(),
        }
    }

    pub const fn connect_timeout(&self) -> Duration {
        ms(self.connect_timeout_ms)
    }

    pub const fn deadline(&self) -> Duration {
        ms(self.deadline_ms)
    }
}

/// `[messages]`: `MedCom` messages on their way.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Messages {
    /// How long a receiver has a message to itself before it is offered again. Seconds, 5 to 3600, default 300.
    pub lease_seconds: u64,
    /// The largest message, in bytes. Default 10 MiB.
    pub max_bytes: usize,
}

impl Default for Messages {
    fn default() -> Self {
        Self {
            lease_seconds: 300,
            max_bytes: 10 * 1024 * 1024,
        }
    }
}

impl Messages {
    pub const fn lease(&self) -> Duration {
        seconds(self.lease_seconds)
    }
}
