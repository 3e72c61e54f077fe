//! Opening a hub.

use std::sync::{Arc, RwLock};

use delt_ledger::Signer;
use delt_policy::RolePolicy;
use tokio::sync::watch;

use crate::{
    Error, Hub, Result,
    audit::sealer,
    background::Background,
    clock::{Clock, SystemClock},
    document::Sources,
    entropy::{Entropy, SystemEntropy},
    identity::Authenticator,
    keys::{Keyring, Secrets},
    organisation::Directory,
    perform::{Settings, Shared},
    store::{Store, StoreSettings},
};

/// Everything a hub is opened with.
#[derive(Debug)]
pub struct Parts {
    pub store: StoreSettings,
    pub secrets: Secrets,
    pub settings: Settings,
    pub authenticator: Authenticator,
    pub directory: Directory,
    pub roles: RolePolicy,
    /// How documents are fetched from their sources.
    pub sources: Arc<dyn Sources>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
}

impl Parts {
    /// The machine's own clock and randomness.
    pub fn ambient() -> (Arc<dyn Clock>, Arc<dyn Entropy>) {
        (Arc::new(SystemClock), Arc::new(SystemEntropy::default()))
    }
}

impl Hub {
    /// Opens the store, brings its schema up to date, and starts the sealer.
    pub async fn open(parts: Parts) -> Result<Self> {
        let background = Background::new();
        let store = Store::open(&parts.store, &background).await?;
        let signer = Signer::from_seed(&parts.settings.log_origin, &parts.secrets.log_signing)
            .map_err(|_| Error::invalid("audit.origin", "is not a name that can sign a log"))?;
        let shared = Arc::new(Shared {
            store,
            keys: Arc::new(Keyring::new(&parts.secrets)?),
            signer,
            authenticator: parts.authenticator,
            directory: RwLock::new(Arc::new(parts.directory)),
            roles: RwLock::new(Arc::new(parts.roles)),
            clock: parts.clock,
            entropy: parts.entropy,
            settings: Arc::new(parts.settings),
            sources: parts.sources,
            breakers: crate::record::Breakers::default(),
            background,
            arrivals: watch::Sender::new(0),
        });
        sealer::start(&shared);
        sealer::seal_all(&shared).await?;
        Ok(Self { shared })
    }
}

/// Brings the schema of a store up to date, and nothing else. Safe to run while an older hub serves: migrations only add.
pub async fn migrate(settings: &StoreSettings) -> Result<()> {
    let background = Background::new();
    Store::open(settings, &background).await?;
    background.shut_down().await;
    Ok(())
}
