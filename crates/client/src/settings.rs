//! What a connection is made from.

use std::time::Duration;

use uuid::Uuid;

use crate::retry::Backoff;
use crate::token::TokenSource;

/// Everything that a [`crate::Connection`] needs. Make one with [`Settings::new`] and change what differs.
#[derive(Clone)]
pub struct Settings {
    /// `https://host:port`; nothing but TLS is spoken.
    pub address: String,
    /// The name that the hub's certificate must carry, where it is not the host of the address.
    pub server_name: Option<String>,
    /// The authorities that may have issued the hub's certificate, and nobody else.
    pub ca_pem: Vec<u8>,
    /// This system's certificate, with the chain up to (without) its authority.
    pub certificate_pem: Vec<u8>,
    pub key_pem: Vec<u8>,
    /// The person behind the calls. `None`: the system speaks for itself.
    pub token: Option<TokenSource>,
    /// Any random UUID, new for each connection. The ids of the requests and the jitter of the pauses are derived from
    /// it, so that the SDK needs no randomness of its own.
    pub session: Uuid,
    pub timeouts: Timeouts,
    pub retry: Backoff,
}

impl Settings {
    /// With the usual timeouts, and without a token.
    pub fn new(
        address: impl Into<String>,
        ca_pem: impl Into<Vec<u8>>,
        certificate_pem: impl Into<Vec<u8>>,
        key_pem: impl Into<Vec<u8>>,
        session: Uuid,
    ) -> Self {
        Self {
            address: address.into(),
            server_name: None,
            ca_pem: ca_pem.into(),
            certificate_pem: certificate_pem.into(),
            key_pem: key_pem.into(),
            token: None,
            session,
            timeouts: Timeouts::default(),
            retry: Backoff::default(),
        }
    }

    #[must_use]
    pub fn with_token(mut self, token: TokenSource) -> Self {
        self.token = Some(token);
        self
    }
}

// By hand, because the key and the token are secrets.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("server_name", &self.server_name)
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the TCP connection and the TLS handshake together.
    pub connect: Duration,
    /// For one attempt of a call with a single answer. The hub is told, so that it stops working when nobody waits.
    pub call: Duration,
    /// Between two parts of a document.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Duration::from_secs(30),
            idle: Duration::from_mins(1),
        }
    }
}
