//! The sample sources as the hub's own clients see them.

use delt_hub::clock::{Clock as _, SECOND, SystemClock};
use delt_hub::document::{Locator, SourceFault, Sources as _};
use delt_hub::entropy::SystemEntropy;
use delt_hub::organisation::{SourceEndpoint, System};
use futures_util::TryStreamExt as _;
use tempfile::TempDir;
use time::OffsetDateTime;

use super::*;
use crate::config;
use crate::sources::SourceClients;

struct World {
    profile: Profile,
    sources: Vec<SampleSource>,
    _folder: TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    // The certificates must be valid now.
    let now = OffsetDateTime::from_unix_timestamp(SystemClock.now() / SECOND).unwrap();
    let profile = Profile::open_or_create(folder.path(), now, &SystemEntropy::default()).unwrap();
    let sources = start_all(&profile).await.unwrap();
    profile.write_systems(&addresses(&sources)).unwrap();
    World {
        profile,
        sources,
        _folder: folder,
    }
}

impl World {
    fn endpoint(&self, system: &str) -> SourceEndpoint {
        let file = self.profile.config().directory.systems_file;
        let systems: Vec<System> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        systems
            .into_iter()
            .find(|known| known.id == system)
            .unwrap()
            .source
            .unwrap()
    }

    fn source(&self, system: &str) -> &SampleSource {
        self.sources
            .iter()
            .find(|source| source.system.id == system)
            .unwrap()
    }

    async fn fetch(
        &self,
        config: &config::Sources,
        held: &SampleDocument,
    ) -> Result<Vec<u8>, SourceFault> {
        let asked = Locator {
            repository_unique_id: held.entry.repository_unique_id.clone(),
            unique_id: held.entry.unique_id.clone(),
            audit_entry_id: uuid::Uuid::nil(),
        };
        let clients = SourceClients::new(config).unwrap();
        let content = clients.open(&self.endpoint(held.system), &asked).await?;
        content
            .try_fold(Vec::new(), async |all, piece| {
                Ok([all, piece.to_vec()].concat())
            })
            .await
    }
}

#[tokio::test]
async fn the_hub_gets_every_document_from_its_source() {
    let world = world().await;
    let config = world.profile.config().sources;
    for held in documents().unwrap() {
        assert_eq!(
            world.fetch(&config, &held).await.unwrap(),
            held.bytes,
            "{}",
            held.file
        );
    }
    let served: u64 = world.sources.iter().map(SampleSource::served).sum();
    assert_eq!(served, documents().unwrap().len() as u64);
}

#[tokio::test]
async fn nobody_else_gets_any() {
    let world = world().await;
    let mut config = world.profile.config().sources;
    let other = world.profile.system("ehr-hovedstaden").unwrap();
    (config.certificate_file, config.key_file) = (other.certificate, other.key);
    for held in documents().unwrap() {
        assert_eq!(
            world.fetch(&config, &held).await.unwrap_err(),
            SourceFault::Unavailable
        );
    }
    assert!(
        world
            .sources
            .iter()
            .all(|source| source.refused() > 0 && source.served() == 0)
    );
}

#[tokio::test]
async fn faults_are_what_they_say() {
    let world = world().await;
    let mut config = world.profile.config().sources;
    config.deadline_ms = 500;
    for system in ["ejournal-midtjylland", "kommune-testby"] {
        let held = documents()
            .unwrap()
            .into_iter()
            .find(|held| held.system == system)
            .unwrap();
        let source = world.source(system);
        let fetch = async |fault| {
            source.set_fault_of(&held.entry.unique_id, Some(fault));
            world.fetch(&config, &held).await
        };
        assert_eq!(fetch(Fault::Gone).await, Err(SourceFault::Gone));
        assert_eq!(fetch(Fault::Hang).await, Err(SourceFault::DeadlineExceeded));
        assert_eq!(
            fetch(Fault::DiesMidway).await,
            Err(SourceFault::Unavailable)
        );
        let wrong = fetch(Fault::WrongBytes).await.unwrap();
        assert!(wrong != held.bytes && wrong.len() == held.bytes.len());
        assert_eq!(
            fetch(Fault::Slow(Duration::from_millis(20))).await.unwrap(),
            held.bytes
        );
    }
}

#[tokio::test]
async fn a_source_that_is_off_comes_back_at_its_address() {
    let mut world = world().await;
    let config = world.profile.config().sources;
    let held = documents().unwrap().remove(0);
    let at = world
        .sources
        .iter()
        .position(|source| source.system.id == held.system)
        .unwrap();
    world.sources[at].switch_off().await;
    assert_eq!(
        world.fetch(&config, &held).await,
        Err(SourceFault::Unavailable)
    );
    world.sources[at].switch_on().await.unwrap();
    assert_eq!(world.fetch(&config, &held).await.unwrap(), held.bytes);
}
