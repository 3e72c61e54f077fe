//! Opening a hub.

use std::sync::{Arc, RwLock};

use delt_ledger::Signer;
use delt_policy::RolePolicy;
use tokio::sync::watch;

use crate::{
    Error, Hub, Result,
    audit::{Unaudited, sealer, upkeep},
    background::Background,
    clock::{Clock, SystemClock},
    document::Sources,
    entropy::{Entropy, SystemEntropy},
    identity::Authenticator,
    key_mark::{self, KeyMark},
    keys::{Keyring, Secrets},
    organisation::Directory,
    perform::Shared,
    relation::follow_up,
    review::rules,
    role_policy,
    settings::Settings,
    store::{Store, StoreSettings},
    store_use::Use,
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
        Self::open_for(Use::Records, parts).await
    }

    /// Opens a hub that can leave its access log out, for `delt bench`.
    ///
    /// # Errors
    /// The store is neither empty nor one that was made so: what holds records is never measured on.
    pub async fn open_for_measuring(parts: Parts) -> Result<Self> {
        Self::open_for(Use::Measuring, parts).await
    }

    async fn open_for(made_for: Use, parts: Parts) -> Result<Self> {
        let writers = Background::new();
        let store = Store::open(&parts.store, &writers).await?;
        let signer = Signer::from_seed(&parts.settings.log_origin, &parts.secrets.log_signing)
            .map_err(|_| Error::invalid("audit.origin", "is not a name that can sign a log"))?;
        let keys = Keyring::new(&parts.secrets)?;
        key_mark::check(&store, made_for, marks(&keys, &signer)).await?;
        let roles = Arc::new(parts.roles);
        role_policy::enter_into_force(&store, &roles, parts.clock.now()).await?;
        let shared = Arc::new(Shared {
            store,
            keys: Arc::new(keys),
            signer,
            authenticator: parts.authenticator,
            directory: RwLock::new(Arc::new(parts.directory)),
            roles: RwLock::new(roles),
            editions: Arc::default(),
            clock: parts.clock,
            entropy: parts.entropy,
            settings: Arc::new(parts.settings),
            sources: parts.sources,
            breakers: crate::record::Breakers::default(),
            background: Background::new(),
            writers,
            arrivals: watch::Sender::new(0),
            leaving: watch::Sender::new(false),
            upkeep: upkeep::Upkeep::default(),
            unaudited: (made_for == Use::Measuring).then(Unaudited::default),
            writable: true.into(),
        });
        upkeep::provide_partitions(&shared).await;
        sealer::start(&shared);
        follow_up::start(&shared);
        upkeep::start(&shared);
        rules::worker::start(&shared);
        sealer::begin(&shared).await?;
        Ok(Self { shared })
    }
}

/// The log's key belongs to the log's name: another name begins another log, with another key.
fn marks(keys: &Keyring, signer: &Signer) -> Vec<KeyMark> {
    let mark = |field, name: &str, mark| KeyMark {
        field,
        name: name.to_owned(),
        mark,
    };
    let log = format!("log-signing {}", signer.name());
    let verifier = signer.verifier().to_string().into_bytes();
    vec![
        mark("keys.patient_key_file", "patient", keys.patient_mark()),
        mark(
            "keys.encryption_key_file",
            "encryption",
            keys.encryption_mark(),
        ),
        mark("keys.log_signing_key_file", &log, verifier),
    ]
}

/// Brings the schema of a store up to date, and nothing else. Safe to run while an older hub serves: migrations only add.
pub async fn migrate(settings: &StoreSettings) -> Result<()> {
    let background = Background::new();
    Store::open(settings, &background).await?;
    background.shut_down().await;
    Ok(())
}
