//! A sample source system: a real server with its own certificate, which gives its documents to the hub and to nobody else.
//!
//! Regions and general practice speak `delt.source.v1.DocumentSourceService` ([grpc]), the municipality answers a plain
//! HTTPS GET ([https]). A test or the demo can make it misbehave ([`Fault`]), and switch it off.

mod content;
mod grpc;
mod https;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;

use super::DemoError;
use super::fixtures::{SampleDocument, documents};
use crate::config::{Limits, Tls};
use crate::listen::ApiPort;
use crate::profile::{Profile, SYSTEMS, SampleSystem, SourceAddresses, SourceFace};
use crate::tasks::{self, ShutdownHandle, Tasks};
use crate::telemetry::Metrics;
use crate::tls;

/// The name in the hub's certificate: the one caller that gets documents.
const HUB: &str = "hub.delt.test";
/// A source is asked to let what is under way end for so long.
const GRACE: Duration = Duration::from_millis(200);

/// How a source misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It no longer has the document.
    Gone,
    /// It takes the request and never answers.
    Hang,
    /// It answers after this time.
    Slow(Duration),
    /// The document's bytes are others than those registered, of the same size.
    WrongBytes,
    /// It breaks off in the middle of the document.
    DiesMidway,
}

/// A source that runs. Dropped, it is gone at once, as after a power cut.
#[derive(Debug)]
pub struct SampleSource {
    system: &'static SampleSystem,
    address: SocketAddr,
    tls: Tls,
    state: State,
    running: Option<(ShutdownHandle, Tasks)>,
}

/// What the face and the handle share.
#[derive(Debug, Clone, Default)]
struct State(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    documents: HashMap<(String, String), &'static [u8]>,
    faults: Mutex<Faults>,
    served: AtomicU64,
    refused: AtomicU64,
    traceparent: Mutex<Option<String>>,
}

#[derive(Debug, Default)]
struct Faults {
    every: Option<Fault>,
    by_unique_id: HashMap<String, Fault>,
}

impl SampleSource {
    /// Starts the source `system` of the profile at a free loopback port, with its documents among the fixtures.
    pub async fn start(profile: &Profile, system: &str) -> Result<Self, DemoError> {
        Self::start_with(profile, system, documents()?).await
    }

    /// Starts a source with these documents; those of other systems are left out.
    pub async fn start_with(
        profile: &Profile,
        system: &str,
        documents: Vec<SampleDocument>,
    ) -> Result<Self, DemoError> {
        let unknown = || DemoError::Fixture(format!("{system} is no sample source"));
        let known = SYSTEMS
            .iter()
            .find(|known| known.id == system)
            .ok_or_else(unknown)?;
        known.repository.ok_or_else(unknown)?;
        let files = profile.system(system).ok_or_else(unknown)?;
        let tls = Tls {
            certificate_file: files.certificate,
            key_file: files.key,
            client_ca_file: files.ca,
        };
        let mut source = Self {
            system: known,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls,
            state: State::holding(documents.into_iter().filter(|held| held.system == system)),
            running: None,
        };
        source.switch_on().await?;
        Ok(source)
    }

    /// Listens again at the address it had. Does nothing where it is on.
    pub async fn switch_on(&mut self) -> Result<(), DemoError> {
        if self.running.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address)
            .await
            .map_err(listening(self.address))?;
        self.address = listener.local_addr().map_err(listening(self.address))?;
        let port = ApiPort {
            router: match self.system.face {
                SourceFace::Grpc => grpc::router(self.state.clone()),
                SourceFace::Https => https::router(self.state.clone()),
            },
            tls: tls::server_config(&self.tls)?,
            limits: Limits::default(),
            metrics: Metrics::new(env!("CARGO_PKG_VERSION")),
        };
        let (stop, stopped) = tasks::shutdown();
        let mut tasks = Tasks::default();
        tasks.spawn(port.serve(listener, stopped));
        self.running = Some((stop, tasks));
        Ok(())
    }

    /// Off: the port is closed and every connection cut.
    pub async fn switch_off(&mut self) {
        if let Some((stop, tasks)) = self.running.take() {
            stop.request();
            tasks.finish(GRACE).await;
        }
    }

    /// One of [`SYSTEMS`].
    pub fn system(&self) -> &'static SampleSystem {
        self.system
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on this happens to every document, or nothing more.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state.faults().every = fault;
    }

    /// From now on this happens to one document, or nothing more.
    pub fn set_fault_of(&self, unique_id: &str, fault: Option<Fault>) {
        let mut faults = self.state.faults();
        match fault {
            Some(fault) => faults.by_unique_id.insert(unique_id.to_owned(), fault),
            None => faults.by_unique_id.remove(unique_id),
        };
    }

    /// How many documents the hub asked for and was given, in part or whole.
    pub fn served(&self) -> u64 {
        self.state.0.served.load(Ordering::Relaxed)
    }

    /// W3C `traceparent` of the last request that had one.
    pub fn traceparent(&self) -> Option<String> {
        let heard = &self.state.0.traceparent;
        heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests came from somebody else than the hub.
    pub fn refused(&self) -> u64 {
        self.state.0.refused.load(Ordering::Relaxed)
    }
}

/// Starts every sample source at a port of its own.
pub async fn start_all(profile: &Profile) -> Result<Vec<SampleSource>, DemoError> {
    let mut sources = Vec::new();
    for system in SYSTEMS.iter().filter(|system| system.repository.is_some()) {
        sources.push(SampleSource::start(profile, system.id).await?);
    }
    Ok(sources)
}

/// Where these sources listen, for [`Profile::write_systems`].
pub fn addresses<'a>(sources: impl IntoIterator<Item = &'a SampleSource>) -> SourceAddresses {
    sources
        .into_iter()
        .fold(SourceAddresses::default(), |addresses, source| {
            addresses.with(source.system.id, source.address)
        })
}

fn listening(address: SocketAddr) -> impl FnOnce(io::Error) -> DemoError {
    move |cause| DemoError::Source { address, cause }
}

impl State {
    fn holding(documents: impl Iterator<Item = SampleDocument>) -> Self {
        let key = |entry: &delt_proto::document::v1::DocumentEntry| {
            (entry.repository_unique_id.clone(), entry.unique_id.clone())
        };
        Self(Arc::new(Shared {
            documents: documents
                .map(|held| (key(&held.entry), held.bytes))
                .collect(),
            ..Shared::default()
        }))
    }

    fn faults(&self) -> std::sync::MutexGuard<'_, Faults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fault_of(&self, unique_id: &str) -> Option<Fault> {
        let faults = self.faults();
        faults.by_unique_id.get(unique_id).copied().or(faults.every)
    }
}
