//! The hub as a client of the source systems: mutual TLS with the hub's own certificate, by gRPC or by plain HTTPS GET.
//!
//! ```text
//! open ─ connection of the endpoint, kept between calls ([dial] makes it) ─ [grpc] or [https] asks ─ [limit] bounds time and size
//! ```
//!
//! What a source says in words is never logged or passed on: it may hold personal data. Codes and the text of TLS faults are.

mod dial;
mod grpc;
mod https;
mod limit;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use delt_hub::document::{Content, Locator, SourceFault, Sources};
use delt_hub::organisation::{SourceAddress, SourceEndpoint};
use delt_hub::record::Patience;
use futures_util::future::BoxFuture;
use rustls::ClientConfig;

use crate::config;
use crate::tls::{self, ALPN_H2, ALPN_HTTP11, ClientFiles, TlsError};

/// More endpoints than a directory has at once are left over from its earlier editions, and are let go.
const ENDPOINTS_MAX: usize = 1_024;

/// Fetches documents from their sources. Cheap to clone; the clones share their connections.
#[derive(Debug, Clone)]
pub struct SourceClients(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    grpc_tls: Arc<ClientConfig>,
    https_tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    deadline: Duration,
    max_bytes: u64,
    connections: Mutex<HashMap<Key, Connection>>,
}

/// What tells two connections apart: where it leads and whom it must find there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    source_id: String,
    address: String,
    server_name: Option<String>,
}

/// A connection, or what makes one when it is needed. Cheap to clone.
#[derive(Debug, Clone)]
enum Connection {
    Grpc(grpc::Client),
    Https(Box<https::Client>),
}

impl SourceClients {
    /// Reads the hub's certificate, its key and the authorities of the sources.
    pub fn new(config: &config::Sources) -> Result<Self, TlsError> {
        let files = ClientFiles::from(config);
        Ok(Self(Arc::new(Shared {
            grpc_tls: tls::client_config(&files, &[ALPN_H2])?,
            https_tls: tls::client_config(&files, &[ALPN_H2, ALPN_HTTP11])?,
            connect_timeout: config.connect_timeout(),
            deadline: config.deadline(),
            max_bytes: config.max_document_bytes,
            connections: Mutex::default(),
        })))
    }
}

impl Shared {
    /// The connection of an endpoint. Nothing is dialled here.
    fn connection(&self, endpoint: &SourceEndpoint) -> Result<Connection, SourceFault> {
        let key = Key {
            source_id: endpoint.source_id.clone(),
            address: text(&endpoint.address).to_owned(),
            server_name: endpoint.server_name.clone(),
        };
        let mut connections = self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = connections.get(&key) {
            return Ok(connection.clone());
        }
        if connections.len() >= ENDPOINTS_MAX {
            connections.clear();
        }
        let connection = self.connect(endpoint).ok_or(SourceFault::Unavailable)?;
        connections.insert(key, connection.clone());
        Ok(connection)
    }

    fn connect(&self, endpoint: &SourceEndpoint) -> Option<Connection> {
        match &endpoint.address {
            SourceAddress::Grpc { authority } => {
                let dialler = dial::Dialler::new(endpoint, &self.grpc_tls, self.connect_timeout)?;
                Some(Connection::Grpc(grpc::client(authority, dialler)?))
            }
            SourceAddress::Https { .. } => {
                let dialler = dial::Dialler::new(endpoint, &self.https_tls, self.connect_timeout)?;
                Some(Connection::Https(Box::new(https::client(dialler))))
            }
        }
    }

    async fn fetch(
        &self,
        endpoint: &SourceEndpoint,
        document: &Locator,
    ) -> Result<Content, SourceFault> {
        let deadline = self
            .deadline
            .min(Duration::from_millis(endpoint.deadline_ms));
        let mut patience = Patience::new(deadline);
        let content = match self.connection(endpoint)? {
            Connection::Grpc(client) => {
                let asked = grpc::open(client, document, deadline);
                patience.wait(asked).await??
            }
            Connection::Https(client) => {
                let url = endpoint
                    .address
                    .url(&document.repository_unique_id, &document.unique_id)
                    .ok_or(SourceFault::Unavailable)?;
                let asked = https::open(&client, &url, document, self.max_bytes);
                patience.wait(asked).await??
            }
        };
        Ok(limit::limited(content, patience, self.max_bytes))
    }
}

impl Sources for SourceClients {
    fn open(
        &self,
        endpoint: &SourceEndpoint,
        document: &Locator,
    ) -> BoxFuture<'static, Result<Content, SourceFault>> {
        let shared = Arc::clone(&self.0);
        let (endpoint, document) = (endpoint.clone(), document.clone());
        Box::pin(async move {
            let content = shared.fetch(&endpoint, &document).await;
            if let Err(fault) = &content {
                tracing::warn!(source = %endpoint.source_id, ?fault, audit_entry = %document.audit_entry_id, "a source did not give a document");
            }
            content
        })
    }
}

fn text(address: &SourceAddress) -> &str {
    match address {
        SourceAddress::Grpc { authority } => authority,
        SourceAddress::Https { template } => template,
    }
}
