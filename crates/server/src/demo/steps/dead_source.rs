//! A source is gone: whoever asks for several documents gets the others, and is told which ones are missing.

use std::collections::BTreeMap;

use delt_client::Connection;
use delt_proto::document::v1::ItemError;
use delt_proto::record::v1::RetrieveDocumentsRequest;
use delt_proto::record::v1::retrieve_documents_response::Part;
use futures_util::StreamExt as _;

use super::block::blocked;
use super::cast::{CARDIOLOGIST, HOSPITAL, OTHER_REGION};
use crate::demo::DemoError;
use crate::demo::fixtures::SampleDocument;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// What has come of one document.
#[derive(Debug, Default)]
struct Arrived {
    bytes: Vec<u8>,
    whole: bool,
    error: Option<ItemError>,
}

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let hidden = blocked(stage)?.file.clone();
    let asked: Vec<SampleDocument> = stage
        .own_documents()
        .into_iter()
        .filter(|held| held.file != hidden)
        .cloned()
        .collect();
    let doctor = stage.professional(CARDIOLOGIST, HOSPITAL, &[]).await?;
    source(stage)?.switch_off().await;
    let arrived = retrieve(stage, &doctor, &asked).await;
    // The source comes back whatever happened, since the hub may stay up after the story.
    source(stage)?.switch_on().await?;
    let arrived = arrived?;
    let back = retrieve(stage, &doctor, &asked).await?;

    let rows: Vec<[String; 3]> = asked
        .iter()
        .map(|held| row(held, arrived.get(&held.entry.entry_uuid)))
        .collect();
    step.table(["DOCUMENT", "SOURCE SYSTEM", "OUTCOME"], &rows);
    let (lost, others): (Vec<_>, Vec<_>) =
        asked.iter().partition(|held| held.system == OTHER_REGION);
    let came = |held: &SampleDocument| is_whole(&arrived, held);
    step.check(
        format!(
            "the {} documents of the other sources came, whole",
            others.len()
        ),
        others.iter().all(|held| came(held)),
    );
    step.check(
        format!(
            "the {} of the dead source each have an error of their own",
            lost.len()
        ),
        !lost.is_empty()
            && lost.iter().all(|held| {
                arrived
                    .get(&held.entry.entry_uuid)
                    .is_some_and(|a| a.error.is_some())
            }),
    );
    step.check(
        "when it is back, they come too",
        asked.iter().all(|held| is_whole(&back, held)),
    );
    step.fact("asked", asked.len());
    step.fact("came", others.iter().filter(|held| came(held)).count());
    step.fact("missing", lost.len());
    Ok(())
}

fn source(stage: &mut Stage) -> Result<&mut crate::demo::source::SampleSource, DemoError> {
    stage
        .source(OTHER_REGION)
        .ok_or(DemoError::Missing("the source was never there"))
}

async fn retrieve(
    stage: &Stage,
    doctor: &Connection,
    asked: &[SampleDocument],
) -> Result<BTreeMap<String, Arrived>, DemoError> {
    let request = RetrieveDocumentsRequest {
        context: None,
        patient: Some(stage.patient()),
        entry_uuids: asked
            .iter()
            .map(|held| held.entry.entry_uuid.clone())
            .collect(),
    };
    let mut parts = doctor.record().retrieve_many(request).await?;
    let mut arrived: BTreeMap<String, Arrived> = BTreeMap::new();
    while let Some(part) = parts.next().await {
        let part = part?;
        let document = arrived.entry(part.entry_uuid).or_default();
        match part.part {
            Some(Part::Chunk(chunk)) => document.bytes.extend_from_slice(&chunk),
            Some(Part::Trailer(_)) => document.whole = true,
            Some(Part::Error(error)) => document.error = Some(error),
            Some(Part::Header(_)) | None => {}
        }
    }
    Ok(arrived)
}

fn is_whole(arrived: &BTreeMap<String, Arrived>, held: &SampleDocument) -> bool {
    arrived.get(&held.entry.entry_uuid).is_some_and(|document| {
        document.whole && document.error.is_none() && document.bytes == held.bytes
    })
}

fn row(held: &SampleDocument, arrived: Option<&Arrived>) -> [String; 3] {
    let outcome = match arrived {
        None => "nothing was said of it".to_owned(),
        Some(Arrived {
            error: Some(error), ..
        }) => format!("{} ({})", error.message, error.reason),
        Some(Arrived {
            bytes, whole: true, ..
        }) => format!("{} bytes", bytes.len()),
        Some(_) => "not whole".to_owned(),
    };
    [held.entry.title.clone(), held.system.to_owned(), outcome]
}
