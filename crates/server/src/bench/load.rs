//! The sample on its way into the index: entries in a stream from each source, relations and consents one by one.

use std::sync::Arc;
use std::time::Duration;

use delt_client::Connection;
use delt_client::bulk::{Item, Options};
use delt_proto::consent::v1::{Consent, ConsentKind, CreateConsentRequest, OrganisationScope, Who};
use delt_proto::document::v1::DocumentEntry;
use delt_proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Failure;
use super::data::entry::{self, SOURCES};
use super::data::person::{Group, Person};
use super::data::random::Random;
use super::world::{SOURCE, World};
use crate::profile;

/// The department that the callers work in.
const DEPARTMENT: &str = "990031000016002";
/// Whom consents keep out: somebody else than who measures, so that they are applied and everything is still found.
const KEPT_OUT: &str = "990401000016001";
/// Of the long tail, one in so many is treated by the callers' department.
const TREATED: u32 = 10;
/// Single calls under way at once.
const TOGETHER: usize = 32;

/// What was loaded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loaded {
    pub(super) entries: u64,
    pub(super) relations: usize,
    pub(super) consents: usize,
    pub(super) lasted: Duration,
}

/// Registers the whole sample.
pub(super) async fn load(world: &World, random: &mut Random) -> Result<Loaded, Failure> {
    let begun = Instant::now();
    let address = world.hub.address()?;
    let entries = register(world, &address, random).await?;
    let relations = relate(world, &address).await?;
    let consents = consent(world, &address).await?;
    Ok(Loaded {
        entries,
        relations,
        consents,
        lasted: begun.elapsed(),
    })
}

async fn register(world: &World, address: &str, random: &mut Random) -> Result<u64, Failure> {
    let mut streams = JoinSet::new();
    let mut outlets = Vec::new();
    for source in SOURCES {
        let (outlet, entries) = mpsc::channel(256);
        outlets.push((source, outlet));
        let hub = world.clients.system(address, source).await?;
        let entries = stream::unfold(entries, |mut entries| async {
            Some((entries.recv().await?, entries))
        });
        streams.spawn(async move { stream_in(&hub, entries).await });
    }
    for person in &world.people {
        let patient = person.identifier();
        for _ in 0..person.entries {
            let (source, entry) = entry::entry(&patient, random);
            let outlet = outlets.iter().find(|(known, _)| *known == source);
            if let Some((_, outlet)) = outlet {
                // Closed only where the stream broke off, which says why below.
                let _ = outlet.send(entry).await;
            }
        }
    }
    drop(outlets);
    let mut registered = 0;
    while let Some(ended) = streams.join_next().await {
        registered += ended??;
    }
    Ok(registered)
}

/// Registers entries in one stream, until there are no more. Says how many.
pub(super) async fn stream_in(
    hub: &Connection,
    entries: impl Stream<Item = DocumentEntry> + Send + 'static,
) -> Result<u64, Failure> {
    let items = entries
        .enumerate()
        .map(|(at, entry)| -> Item { (u64::try_from(at).unwrap_or_default() + 1, Ok(entry)) });
    let mut outcomes = hub
        .documents()
        .register_all(items, Options::default())
        .await?;
    let mut registered = 0;
    while let Some(outcome) = outcomes.next().await? {
        outcome.result?;
        registered += 1;
    }
    Ok(registered)
}

async fn relate(world: &World, address: &str) -> Result<usize, Failure> {
    let hub = world.clients.system(address, SOURCE).await?;
    let treated = |person: &&Person| match person.group {
        Group::Of(_) => true,
        Group::Tail => person.number.is_multiple_of(TREATED),
    };
    let requests: Vec<_> = world.people.iter().filter(treated).map(relation).collect();
    let count = requests.len();
    let calls = requests.into_iter().map(|request| {
        let relations = hub.relations();
        async move { relations.register(request).await.map(drop) }
    });
    stream::iter(calls)
        .buffer_unordered(TOGETHER)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(count)
}

pub(super) fn relation(person: &Person) -> RegisterRelationRequest {
    RegisterRelationRequest {
        patient: Some(person.identifier()),
        relation: Some(TreatmentRelation {
            kind: RelationKind::Referral.into(),
            organisation: DEPARTMENT.to_owned(),
            ..TreatmentRelation::default()
        }),
        ..RegisterRelationRequest::default()
    }
}

async fn consent(world: &World, address: &str) -> Result<usize, Failure> {
    let consenting = world.people.iter().filter(|person| person.consents);
    let world = Arc::new((world.clients.clone(), address.to_owned()));
    let calls = consenting.map(|person| {
        let (world, person) = (world.clone(), person.clone());
        async move {
            let (clients, address) = &*world;
            let citizen = clients.citizen(address, citizen(&person)).await?;
            citizen.consents().create(block(&person)).await?;
            Ok::<_, Failure>(())
        }
    });
    let made = stream::iter(calls)
        .buffer_unordered(TOGETHER)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(made.len())
}

fn citizen(person: &Person) -> profile::Person {
    let identifier = person.identifier();
    profile::Person {
        system: identifier.system,
        value: identifier.value,
        given: vec!["Test".to_owned()],
        family: "Testesen".to_owned(),
        birth_date: String::new(),
        address_line: None,
        postal_code: None,
    }
}

fn block(person: &Person) -> CreateConsentRequest {
    CreateConsentRequest {
        patient: Some(person.identifier()),
        consent: Some(Consent {
            kind: ConsentKind::Block.into(),
            who: Some(Who {
                organisation: Some(OrganisationScope {
                    organisation: KEPT_OUT.to_owned(),
                    with_underlying: true,
                }),
                ..Who::default()
            }),
            ..Consent::default()
        }),
        ..CreateConsentRequest::default()
    }
}
