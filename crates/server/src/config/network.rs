//! `[listen]`, `[tls]` and `[limits]`: the hub's edge.

use std::net::{AddrParseError, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::duration::ms;

/// `[listen]`: where the hub listens. IP address and port; names are not resolved.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// TLS: gRPC and, on the same port, HTTP. Default `0.0.0.0:7443`.
    pub api: String,
    /// Plain HTTP: `/healthz`, `/readyz`, `/metrics`. Default `127.0.0.1:7444`; keep it off public networks.
    pub admin: String,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            api: "0.0.0.0:7443".into(),
            admin: "127.0.0.1:7444".into(),
        }
    }
}

impl Listen {
    /// The address of the API port.
    pub fn api_address(&self) -> Result<SocketAddr, AddrParseError> {
        self.api.parse()
    }

    /// The address of the admin port.
    pub fn admin_address(&self) -> Result<SocketAddr, AddrParseError> {
        self.admin.parse()
    }
}

/// `[tls]`: PEM files of the API port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The server's certificate, followed by its intermediates.
    pub certificate_file: PathBuf,
    /// Its private key: PKCS#8, SEC1 or PKCS#1.
    pub key_file: PathBuf,
    /// The authorities that may have issued a client certificate. A client that presents one is verified
    /// against these; a client that presents none gets only what needs no identity.
    pub client_ca_file: PathBuf,
}

/// `[limits]`: how much one caller, and all of them together, may ask for at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest request message, in bytes. Default 12 MiB: a message of the largest size and its envelope.
    pub max_request_bytes: usize,
    /// Requests in flight on one connection. Default 256.
    pub concurrent_streams: u32,
    /// Requests of registered systems in flight in all, streams that work among them; the next one is refused as exhausted. Beside
    /// it a sixteenth of that for everybody else, for health checks and for the log's proofs. Default 1024.
    pub requests_in_flight: usize,
    /// Streams in all that wait for messages. Default 4096.
    pub standing_streams: usize,
    /// The most of these places that one system may have while it is alone; with others beside it less, so that some always
    /// stay free for who has none. The same goes for connections with one certificate. Percent, default 50; 100: no limit.
    pub system_share_percent: u32,
    /// The longest that a request may have to wait behind others. One that would wait longer, or past its own deadline, by the
    /// measured pace, is refused at once. Milliseconds, default 500.
    pub queue_ms: u64,
    /// Requests of one system in a second; a stream is one. Default 0: no limit.
    pub system_requests_per_second: u32,
    /// How many more of them may come at once after a pause. Default 200.
    pub system_request_burst: u32,
    /// How often in a second one system's credentials may turn out not to be good. Past that, for as long as it lasts, only tokens
    /// that were found good before are let in. Each such answer leaves an entry of the log. Default 10; 0: no limit.
    pub refusals_per_second: u32,
    /// How many of them may come at once after a pause. Default 200.
    pub refusal_burst: u32,
    /// Open connections; further ones wait in the kernel's queue. A sixteenth of them may be without a certificate.
    /// Default 4096.
    pub connections: usize,
    /// TLS handshakes at once. Default 256.
    pub handshakes: usize,
    /// A handshake that takes longer is dropped. Milliseconds, default 5000.
    pub handshake_timeout_ms: u64,
    /// The largest page of a list. Default 500.
    pub page_size_max: u32,
    /// The longest that a unary request may take where the caller sets no shorter deadline. Milliseconds, default 30000.
    pub deadline_ms: u64,
    /// How long the hub goes on as before, only no longer ready (`/readyz`), after shutdown was asked for: so long as whoever spreads the load needs to
    /// notice. Milliseconds, default 0.
    pub shutdown_notice_ms: u64,
    /// How long requests in flight may go on after that. Milliseconds, default 10000.
    pub shutdown_grace_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_request_bytes: 12 * 1024 * 1024,
            concurrent_streams: 256,
            requests_in_flight: 1024,
            standing_streams: 4096,
            system_share_percent: 50,
            queue_ms: 500,
            system_requests_per_second: 0,
            system_request_burst: 200,
            refusals_per_second: 10,
            refusal_burst: 200,
            connections: 4096,
            handshakes: 256,
            handshake_timeout_ms: 5_000,
            page_size_max: 500,
            deadline_ms: 30_000,
            shutdown_notice_ms: 0,
            shutdown_grace_ms: 10_000,
        }
    }
}

impl Limits {
    pub const fn handshake_timeout(&self) -> Duration {
        ms(self.handshake_timeout_ms)
    }

    pub const fn queue(&self) -> Duration {
        ms(self.queue_ms)
    }

    pub const fn deadline(&self) -> Duration {
        ms(self.deadline_ms)
    }

    pub const fn shutdown_notice(&self) -> Duration {
        ms(self.shutdown_notice_ms)
    }

    pub const fn shutdown_grace(&self) -> Duration {
        ms(self.shutdown_grace_ms)
    }
}
