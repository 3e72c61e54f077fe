//! `RetrieveDocument` through the hub beside the same bytes from their source alone.

use std::sync::Arc;

use delt_client::Connection;
use delt_proto::document::v1::{DocumentEntry, RegisterDocumentRequest};
use delt_proto::record::v1::RetrieveDocumentRequest;
use delt_proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_proto::record::v1::retrieve_document_response::Part;
use delt_proto::source::v1::RetrieveDocumentRequest as FromSource;
use delt_proto::source::v1::document_source_service_client::DocumentSourceServiceClient;
use serde_json::{Value, json};

use super::Findings;
use crate::bench::Failure;
use crate::bench::clients::Caller;
use crate::bench::data::entry::entry_from;
use crate::bench::data::person::{Group, Person};
use crate::bench::data::random::Random;
use crate::bench::load::relation;
use crate::bench::measure::drive::{Call, closed};
use crate::bench::measure::figure::{Figure, count, median, report, round};
use crate::bench::peers::{content, unique_id};
use crate::bench::run::Plan;
use crate::bench::world::{SOURCE, World};

/// Size and callers.
const SIZES: [(&str, usize, usize); 3] = [
    ("retrieve_10kb", 10 * 1024, 16),
    ("retrieve_10mb", 10 * 1024 * 1024, 1),
    ("retrieve_10mb_by_4", 10 * 1024 * 1024, 4),
];

pub(super) async fn measure(
    world: &mut World,
    plan: &Plan,
    found: &mut Findings,
) -> Result<(), Failure> {
    let person = Person {
        number: plan.persons.saturating_add(1_000),
        group: Group::Tail,
        entries: 2,
        consents: false,
    };
    let hub = world.clients.system(&world.hub.address()?, SOURCE).await?;
    hub.relations().register(relation(&person)).await?;
    for (name, size, callers) in SIZES {
        let document = Box::pin(register(&hub, &person, size)).await?;
        let compared = compare(world, plan, &document, callers).await?;
        if name == "retrieve_10mb" {
            found.ratio("retrieve_10mb_over_source", compared.ratio());
        }
        let scenario = compared.report(world, callers)?;
        found.scenarios.insert(name.to_owned(), scenario);
    }
    Ok(())
}

/// Registers the document of a size, as its source has it. The second time, it is known already.
async fn register(
    hub: &Connection,
    person: &Person,
    size: usize,
) -> Result<Arc<DocumentEntry>, Failure> {
    use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
    let bytes = content(size);
    let mut random = Random::new(u64::try_from(size)?);
    let entry = DocumentEntry {
        unique_id: unique_id(size),
        size: Some(u64::try_from(size)?),
        hash: digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes)
            .as_ref()
            .to_vec()
            .into(),
        hash_sha256: digest(&SHA256, &bytes).as_ref().to_vec().into(),
        ..entry_from(SOURCE, &person.identifier(), &mut random)
    };
    let request = RegisterDocumentRequest {
        context: None,
        entry: Some(entry.clone()),
    };
    hub.documents().register(request).await?;
    Ok(Arc::new(entry))
}

struct Compared {
    hub: Vec<Figure>,
    source: Vec<Figure>,
}

async fn compare(
    world: &mut World,
    plan: &Plan,
    document: &Arc<DocumentEntry>,
    callers: usize,
) -> Result<Compared, Failure> {
    let readers = world
        .clients
        .callers(&world.hub.address()?, callers)
        .await?;
    let direct = world
        .clients
        .of_source(&world.source.address()?, SOURCE)
        .await?;
    let mut compared = Compared {
        hub: Vec::new(),
        source: Vec::new(),
    };
    for turn in 0..=plan.rounds.count {
        let time = plan.rounds.time / if turn == 0 { 4 } else { 1 };
        let load = through_hub(readers.clone(), document.clone());
        let ours = closed(callers, time, &world.hub_meter()?, load).await?;
        world.sealed().await?;
        let load = from_source(direct.clone(), document.clone());
        let alone = closed(callers, time, &world.source_meter()?, load).await?;
        if turn > 0 {
            compared.hub.push(ours);
            compared.source.push(alone);
        }
    }
    Ok(compared)
}

fn through_hub(callers: Arc<[Caller]>, document: Arc<DocumentEntry>) -> impl Call {
    move |caller: usize, _| {
        let (callers, document) = (callers.clone(), document.clone());
        async move {
            let caller = callers.get(caller).ok_or("no caller")?;
            let request = RetrieveDocumentRequest {
                context: None,
                patient: document.patient.clone(),
                entry_uuid: document.entry_uuid.clone(),
            };
            let mut client = PatientRecordServiceClient::new(caller.hub.channel());
            let answer = client.retrieve_document(caller.request(request)?).await?;
            let (mut parts, mut bytes, mut whole) = (answer.into_inner(), 0, false);
            while let Some(part) = parts.message().await? {
                match part.part {
                    Some(Part::Chunk(chunk)) => bytes += chunk.len(),
                    Some(Part::Trailer(trailer)) => whole = trailer.verified,
                    Some(Part::Header(_)) | None => {}
                }
            }
            expect(&document, bytes, whole)
        }
    }
}

fn from_source(source: Connection, document: Arc<DocumentEntry>) -> impl Call {
    move |_, _| {
        let (source, document) = (source.clone(), document.clone());
        async move {
            let request = FromSource {
                repository_unique_id: document.repository_unique_id.clone(),
                unique_id: document.unique_id.clone(),
                audit_entry_id: String::new(),
            };
            let mut client = DocumentSourceServiceClient::new(source.channel());
            let answer = client.retrieve_document(source.signed(request)?).await?;
            let (mut parts, mut bytes) = (answer.into_inner(), 0);
            while let Some(part) = parts.message().await? {
                bytes += part.chunk.len();
            }
            expect(&document, bytes, true)
        }
    }
}

fn expect(document: &DocumentEntry, bytes: usize, whole: bool) -> Result<u64, Failure> {
    let bytes = u64::try_from(bytes)?;
    if whole && document.size == Some(bytes) {
        return Ok(bytes);
    }
    Err("a document did not arrive whole".into())
}

impl Compared {
    /// Bytes a second over those of the source alone.
    fn ratio(&self) -> f64 {
        let rounds = self.hub.iter().zip(&self.source);
        median(
            rounds
                .map(|(hub, alone)| hub.round.bytes_per_second() / alone.round.bytes_per_second()),
        )
    }

    fn report(&self, world: &World, callers: usize) -> Result<Value, Failure> {
        let rate = |figures: &[Figure]| {
            round(median(figures.iter().map(|figure| figure.round.bytes_per_second())) / 1e6)
        };
        let memory = world.memory()?;
        Ok(json!({
            "callers": callers,
            "hub": report(&self.hub),
            "hub_mb_per_second": rate(&self.hub),
            "source": report(&self.source),
            "source_mb_per_second": rate(&self.source),
            "over_source": round(self.ratio()),
            "hub_rss_mb_after": round(count(memory.resident) / 1_024.0),
            "hub_anonymous_mb_after": round(count(memory.anonymous) / 1_024.0),
        }))
    }
}
