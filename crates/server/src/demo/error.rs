//! Why the demo, or one of its steps, cannot go on.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use delt_client::ClientError;
use delt_ledger::export::VerifyError;

use crate::citizen_chain::ChainError;
use crate::profile::ProfileError;
use crate::serve::StartError;
use crate::tls::TlsError;

/// Each one says what to do about it, where something can be done.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("a sample source cannot listen on {address}: {cause}")]
    Source {
        address: SocketAddr,
        cause: io::Error,
    },
    #[error("a fixture of the program is broken: {0}")]
    Fixture(String),
    #[error("{}: {cause}", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("log filter: {0}")]
    Log(String),
    #[error("no randomness from the operating system")]
    Entropy,
    #[error("the hub: {0}")]
    Hub(#[from] ClientError),
    #[error("the export cannot be read back: {0}")]
    Export(#[from] VerifyError),
    #[error("the chain of the citizen's entries: {0}")]
    Chain(#[from] ChainError),
    /// Something that this step builds on did not happen.
    #[error("{0}")]
    Missing(&'static str),
    #[error("{0} did not come within {1} seconds")]
    Late(&'static str, u64),
}
