//! Where the story plays: the sources, the hub, and how each party connects.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use delt_client::{Connection, Settings, TokenSource};
use delt_hub::clock::{Clock as _, Micros, SystemClock};
use delt_hub::entropy::{self, SystemEntropy};
use delt_proto::common::v1::Identifier;
use time::OffsetDateTime;
use uuid::Uuid;

use super::fixtures::{self, SampleDocument};
use super::source::{SampleSource, addresses, start_all};
use super::{DemoError, log};
use crate::profile::{self, Holder, Person, Profile, TokenRequest};
use crate::serve::{self, Running};
use crate::tls::{ClientCertificate, pem};

/// The story's citizen: Lonni Test Lauridsen, an official Danish test person.
const CITIZEN: &str = "0201609996";
const PORTAL: &str = "sundhedsportal";
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// Where the hub listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ports {
    /// Where `delt record …` and the others look for it.
    Usual,
    /// Wherever there is room.
    Free,
}

pub(super) struct Stage {
    pub(super) hub: Running,
    pub(super) sources: Vec<SampleSource>,
    pub(super) documents: Vec<SampleDocument>,
    /// When the story began.
    pub(super) since: Micros,
    pub(super) citizen: Person,
    pub(super) memory: Memory,
    profile: Profile,
    folder: PathBuf,
    entropy: SystemEntropy,
}

/// What one step leaves for those after it.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// How many entries the cardiologist sees without a block.
    pub(super) whole: u32,
    /// The consent id of the story's block.
    pub(super) block: Option<String>,
    /// The override reason that was given.
    pub(super) reason: Option<&'static str>,
}

impl Stage {
    /// Starts the sources and the hub.
    pub(super) async fn open(
        folder: &Path,
        ports: Ports,
        filter: Option<&str>,
    ) -> Result<Self, DemoError> {
        let entropy = SystemEntropy::default();
        let since = SystemClock.now();
        let profile = Profile::open_or_create(folder, calendar(since), &entropy)?;
        log::start(profile.data_dir(), filter)?;
        let sources = start_all(&profile).await?;
        profile.write_systems(&addresses(&sources))?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = match ports {
            Ports::Usual => profile.config(),
            Ports::Free => profile.config_at(any, any)?,
        };
        let citizen = profile::person(CITIZEN)?;
        Ok(Self {
            hub: serve::start(&config).await?,
            sources,
            documents: fixtures::documents()?,
            since,
            citizen: citizen.ok_or(DemoError::Missing("the citizen is not among the persons"))?,
            memory: Memory::default(),
            profile,
            folder: folder.to_owned(),
            entropy,
        })
    }

    /// Lets everything end in order.
    pub(super) async fn close(self) {
        self.hub.stop().await;
        for mut source in self.sources {
            source.switch_off().await;
        }
    }

    /// The data directory, as it was named.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of the demo in the data directory.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn patient(&self) -> Identifier {
        Identifier {
            system: self.citizen.system.clone(),
            value: self.citizen.value.clone(),
        }
    }

    /// The documents of the story's citizen, at all sources.
    pub(super) fn own_documents(&self) -> Vec<&SampleDocument> {
        let patient = Some(self.patient());
        let own = self.documents.iter();
        own.filter(|held| held.entry.patient == patient).collect()
    }

    /// What a source holds of one document.
    pub(super) fn held(&self, entry_uuid: &str) -> Option<&SampleDocument> {
        self.documents
            .iter()
            .find(|held| held.entry.entry_uuid == entry_uuid)
    }

    pub(super) fn source(&mut self, system: &str) -> Option<&mut SampleSource> {
        self.sources
            .iter_mut()
            .find(|source| source.system().id == system)
    }

    /// A system by itself.
    pub(super) async fn system(&self, system: &str) -> Result<Connection, DemoError> {
        Ok(Connection::connect(self.settings(system)?).await?)
    }

    /// A professional at work in a system; `purposes` are those in the token.
    pub(super) async fn professional(
        &self,
        key: &str,
        system: &str,
        purposes: &[&str],
    ) -> Result<Connection, DemoError> {
        let person = profile::professional(key)?;
        let person = person.ok_or(DemoError::Missing("nobody of that key works anywhere"))?;
        self.person(&Holder::Professional(person), system, purposes)
            .await
    }

    /// A helper at work in a system, under a responsible professional.
    pub(super) async fn helper(
        &self,
        acting: &str,
        responsible: &str,
        system: &str,
    ) -> Result<Connection, DemoError> {
        let missing = DemoError::Missing("nobody of that key works anywhere");
        let people = profile::professional(acting)?.zip(profile::professional(responsible)?);
        let (acting, responsible) = people.ok_or(missing)?;
        let holder = Holder::Helper {
            acting,
            responsible,
        };
        self.person(&holder, system, &[]).await
    }

    /// The story's citizen, through the portal.
    pub(super) async fn citizen(&self) -> Result<Connection, DemoError> {
        self.person(&Holder::Citizen(self.citizen.clone()), PORTAL, &[])
            .await
    }

    async fn person(
        &self,
        holder: &Holder,
        system: &str,
        purposes: &[&str],
    ) -> Result<Connection, DemoError> {
        let token = self.profile.issue_token(&TokenRequest {
            holder,
            client_id: system,
            certificate: &self.certificate(system)?,
            purposes,
            issued_at: calendar(SystemClock.now()),
            lifetime: TOKEN_LIFETIME,
            jti: &self.uuid()?.to_string(),
        })?;
        let settings = self.settings(system)?.with_token(TokenSource::text(token));
        Ok(Connection::connect(settings).await?)
    }

    fn settings(&self, system: &str) -> Result<Settings, DemoError> {
        let files = self
            .profile
            .system(system)
            .ok_or(DemoError::Missing("no such system"))?;
        let address = format!("https://{}", self.hub.api);
        let (ca, certificate, key) = (
            read(&files.ca)?,
            read(&files.certificate)?,
            read(&files.key)?,
        );
        Ok(Settings::new(address, ca, certificate, key, self.uuid()?))
    }

    fn certificate(&self, system: &str) -> Result<ClientCertificate, DemoError> {
        let files = self
            .profile
            .system(system)
            .ok_or(DemoError::Missing("no such system"))?;
        let chain = pem::certificates(&files.certificate).map_err(crate::tls::TlsError::from)?;
        let leaf = chain.first().and_then(ClientCertificate::from_der);
        leaf.ok_or(DemoError::Missing("a system without a certificate"))
    }

    fn uuid(&self) -> Result<Uuid, DemoError> {
        entropy::uuid(&self.entropy, SystemClock.now()).map_err(|_| DemoError::Entropy)
    }
}

fn calendar(at: Micros) -> OffsetDateTime {
    let nanos = i128::from(at) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn read(path: &Path) -> Result<Vec<u8>, DemoError> {
    std::fs::read(path).map_err(|cause| DemoError::File {
        path: path.to_owned(),
        cause,
    })
}
