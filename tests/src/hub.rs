//! A hub of the tests' own: the whole server in this process, on loopback sockets, with the development profile's people and systems.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use delt_client::{Connection, Settings, TokenSource};
use delt_hub::Parts;
use delt_hub::clock::{Clock, SystemClock};
use delt_hub::entropy::{self, Entropy, SystemEntropy};
use delt_server::config::{Config, Store};
use delt_server::profile::{
    Holder, Person, Professional, Profile, SourceAddresses, TokenRequest, person, professional,
};
use delt_server::serve::{self, Running};
use delt_server::tls::{ClientCertificate, pem};
use tempfile::TempDir;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::database::Database;

/// On which store the hub runs. Every test of behaviour runs on both: see [`crate::on_both`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    /// The database that a hub on it needs.
    pub async fn database(self) -> Option<Database> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => Some(Database::made().await),
        }
    }
}

/// A running hub with its development profile.
#[derive(Debug)]
pub struct TestHub {
    pub profile: Profile,
    pub running: Running,
    config: Config,
    folder: TempDir,
    database: Option<Database>,
}

impl TestHub {
    /// A fresh hub on a fresh store.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, &SourceAddresses::default(), |_| {}).await
    }

    /// A fresh hub with sources at these addresses and a changed configuration.
    pub async fn start_with(
        backend: Backend,
        sources: &SourceAddresses,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Groundwork::lay().start(backend, sources, change).await
    }

    /// Stops this hub and starts another on the same store and keys.
    pub async fn restart(self) -> Self {
        self.restart_with(async |_| {}).await
    }

    /// The same with a changed configuration. No hub runs on the store while it is changed.
    pub async fn restart_with(self, change: impl AsyncFnOnce(&mut Config)) -> Self {
        let Self {
            profile,
            running,
            mut config,
            folder,
            database,
        } = self;
        running.stop().await;
        change(&mut config).await;
        let running = serve::start(&config).await.expect("the hub starts again");
        Self {
            profile,
            running,
            config,
            folder,
            database,
        }
    }

    /// A second hub on the same store.
    pub async fn twin(&self) -> Running {
        serve::start(&self.config)
            .await
            .expect("a second hub starts")
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The folder that everything of this hub lies in.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A system by itself.
    pub async fn system(&self, system: &str) -> Connection {
        self.connect(self.running.api, system, None).await
    }

    /// A professional of the sample people, at work in a system.
    pub async fn professional(&self, key: &str, system: &str) -> Connection {
        self.professional_for(key, system, &[]).await
    }

    /// A professional whose token carries these purposes.
    pub async fn professional_for(&self, key: &str, system: &str, purposes: &[&str]) -> Connection {
        let holder = Holder::Professional(sample(key));
        let token = self.token(&holder, system, purposes);
        self.connect(self.running.api, system, Some(token)).await
    }

    /// A test person through the citizens' portal.
    pub async fn citizen(&self, cpr: &str) -> Connection {
        let holder = Holder::Citizen(test_person(cpr));
        let token = self.token(&holder, "sundhedsportal", &[]);
        self.connect(self.running.api, "sundhedsportal", Some(token))
            .await
    }

    /// The auditor of Region Hovedstaden, who follows up on the region's own users.
    pub async fn auditor(&self) -> Connection {
        self.professional("auditor", "tilsyn").await
    }

    /// The data protection officer of the national operation, who follows up on everybody.
    pub async fn supervisor(&self) -> Connection {
        self.professional("dpo", "tilsyn").await
    }

    /// A good token for a holder in a system.
    pub fn token(&self, holder: &Holder, system: &str, purposes: &[&str]) -> String {
        token(&self.profile, holder, system, purposes)
    }

    /// The certificate that a system presents.
    pub fn certificate(&self, system: &str) -> ClientCertificate {
        certificate(&self.profile, system)
    }

    /// A connection with any token text, to this hub or a twin of it.
    pub async fn connect(
        &self,
        api: SocketAddr,
        system: &str,
        token: Option<String>,
    ) -> Connection {
        let settings = self.settings(api, system);
        let settings = match token {
            Some(token) => settings.with_token(TokenSource::text(token)),
            None => settings,
        };
        Connection::connect(settings).await.expect("a connection")
    }

    /// What a system connects with.
    pub fn settings(&self, api: SocketAddr, system: &str) -> Settings {
        settings(&self.profile, api, system)
    }
}

/// A good token for a holder in a system of a profile.
pub fn token(profile: &Profile, holder: &Holder, system: &str, purposes: &[&str]) -> String {
    token_at(profile, holder, system, purposes, now())
}

/// The same, issued at a moment.
pub fn token_at(
    profile: &Profile,
    holder: &Holder,
    system: &str,
    purposes: &[&str],
    issued_at: OffsetDateTime,
) -> String {
    let request = TokenRequest {
        holder,
        client_id: system,
        certificate: &certificate(profile, system),
        purposes,
        issued_at,
        lifetime: Duration::from_mins(30),
        jti: &random_uuid().to_string(),
    };
    profile.issue_token(&request).expect("a token")
}

/// The certificate that a system of a profile presents.
pub fn certificate(profile: &Profile, system: &str) -> ClientCertificate {
    let files = profile.system(system).expect("one of the sample systems");
    let chain = pem::certificates(&files.certificate).expect("a certificate");
    chain
        .first()
        .and_then(ClientCertificate::from_der)
        .expect("a certificate")
}

/// What a system of a profile connects with.
pub fn settings(profile: &Profile, api: SocketAddr, system: &str) -> Settings {
    let files = profile.system(system).expect("one of the sample systems");
    let read = |path: &std::path::Path| std::fs::read(path).expect("a PEM file");
    Settings::new(
        format!("https://{api}"),
        read(&files.ca),
        read(&files.certificate),
        read(&files.key),
        random_uuid(),
    )
}

/// A development profile whose hub does not run yet, so that its sources can be started first.
#[derive(Debug)]
pub struct Groundwork {
    pub profile: Profile,
    folder: TempDir,
}

impl Groundwork {
    pub fn lay() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the hub");
        let data = folder.path().join("data");
        let profile = Profile::open_or_create(&data, now(), &SystemEntropy::default())
            .expect("a development profile");
        Self { profile, folder }
    }

    /// Starts the hub with sources at these addresses and a changed configuration.
    pub async fn start(
        self,
        backend: Backend,
        sources: &SourceAddresses,
        change: impl FnOnce(&mut Config),
    ) -> TestHub {
        let (clock, entropy) = Parts::ambient();
        self.start_at(backend, sources, change, clock, entropy)
            .await
    }

    /// The same on a clock and randomness of the test's own.
    pub async fn start_at(
        self,
        backend: Backend,
        sources: &SourceAddresses,
        change: impl FnOnce(&mut Config),
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> TestHub {
        let Self { profile, folder } = self;
        profile.write_systems(sources).expect("sources on loopback");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut config = profile.config_at(any, any).expect("loopback");
        let database = backend.database().await;
        if let Some(database) = &database {
            config.store = Store::with_url(database.url());
        }
        change(&mut config);
        let running = serve::start_with(&config, clock, entropy)
            .await
            .expect("the hub starts");
        TestHub {
            profile,
            running,
            config,
            folder,
            database,
        }
    }
}

/// One of the sample professionals.
pub fn sample(key: &str) -> Professional {
    professional(key)
        .expect("the fixtures parse")
        .expect("one of the sample people")
}

/// An official test person.
pub fn test_person(cpr: &str) -> Person {
    person(cpr)
        .expect("the fixtures parse")
        .expect("an official test person")
}

/// The present moment, for tokens.
pub fn now() -> OffsetDateTime {
    let micros = i128::from(SystemClock.now());
    OffsetDateTime::from_unix_timestamp_nanos(micros * 1_000).expect("a moment in the calendar")
}

/// A UUID that no other call gave.
pub fn random_uuid() -> Uuid {
    entropy::uuid(&SystemEntropy::default(), SystemClock.now()).expect("randomness")
}

/// Makes two tests of one: the same behaviour on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($backend:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            use super::*;

            async fn behaviour($backend: $crate::hub::Backend) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                behaviour($crate::hub::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                behaviour($crate::hub::Backend::Postgres).await;
            }
        }
    )*};
}
