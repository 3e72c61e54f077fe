//! The processes that are measured, each the same program as the measuring one, so that the CPU time of each is its own.

mod bare;
mod hub;
pub(super) mod order;
mod source;
mod store;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use tokio::net::TcpListener;

use super::Failure;
use crate::config::{Limits, Tls};
use crate::listen::ApiPort;
use crate::tasks::{self, ShutdownHandle, Tasks};
use crate::telemetry::Metrics;
use crate::tls;
pub(super) use source::{content, unique_id};

/// A busy machine is no reason to end a run: so long a connection or a commit may be waited for, in milliseconds.
pub(super) const PATIENCE_MS: u64 = 30_000;

/// A process of `delt bench`.
#[derive(Debug, Args)]
pub struct BenchPeer {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Clone, Subcommand)]
pub(super) enum Kind {
    /// A hub
    Hub(Stored),
    /// A server that answers every search with the same bytes
    Bare(Located),
    /// A source system with documents of given sizes
    Source(Located),
    /// The database without a hub
    Store(Stored),
}

#[derive(Debug, Clone, Args)]
pub(super) struct Located {
    #[arg(long)]
    pub(super) data_dir: PathBuf,
}

#[derive(Debug, Clone, Args)]
pub(super) struct Stored {
    #[arg(long)]
    pub(super) data_dir: PathBuf,
    #[arg(long)]
    pub(super) store: String,
}

impl BenchPeer {
    /// Serves until standard input ends.
    pub async fn run(self) -> Result<(), Failure> {
        match self.kind {
            Kind::Hub(stored) => Box::pin(hub::run(&stored)).await,
            Kind::Bare(located) => bare::run(&located.data_dir).await,
            Kind::Source(located) => source::run(&located.data_dir).await,
            Kind::Store(stored) => store::run(&stored).await,
        }
    }
}

/// A port like a hub's, with its limits and its TLS, before another router.
struct Port {
    address: SocketAddr,
    _running: (ShutdownHandle, Tasks),
}

impl Port {
    async fn open(files: &Tls, router: axum::Router) -> Result<Self, Failure> {
        let port = ApiPort {
            router,
            tls: tls::server_config(files)?,
            limits: Limits::default(),
            metrics: Metrics::new(env!("CARGO_PKG_VERSION")),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = tasks::shutdown();
        let mut tasks = Tasks::default();
        tasks.spawn(port.serve(listener, stopped));
        Ok(Self {
            address,
            _running: (stop, tasks),
        })
    }
}
