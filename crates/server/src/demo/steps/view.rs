//! What a reader of the record does: search, and open.

use std::collections::BTreeSet;

use delt_client::{ClientError, Connection, RecordView};
use delt_proto::common::v1::{Identifier, RequestContext};
use delt_proto::document::v1::DocumentEntry;
use delt_proto::record::v1::{
    DocumentHeader, DocumentTrailer, RetrieveDocumentRequest, SearchRecordRequest, WithheldReason,
};
use delt_proto::spliced::IndexedDocument;

use crate::demo::DemoError;
use crate::demo::step::Step;

/// More than any sample person has.
const LIMIT: usize = 1_000;

/// A document that arrived whole.
pub(super) struct Opened {
    pub(super) header: DocumentHeader,
    pub(super) trailer: DocumentTrailer,
    pub(super) bytes: Vec<u8>,
}

/// All that the reader may see of the person's record.
pub(super) async fn search(
    reader: &Connection,
    patient: &Identifier,
    context: Option<RequestContext>,
) -> Result<RecordView, ClientError> {
    let request = SearchRecordRequest {
        context,
        patient: Some(patient.clone()),
        ..Default::default()
    };
    reader.record().search_all(request, LIMIT).await
}

/// Fetches one document through the hub.
pub(super) async fn open(
    reader: &Connection,
    patient: &Identifier,
    entry_uuid: &str,
    context: Option<RequestContext>,
) -> Result<Opened, ClientError> {
    let request = RetrieveDocumentRequest {
        context,
        patient: Some(patient.clone()),
        entry_uuid: entry_uuid.to_owned(),
    };
    let mut document = reader.record().retrieve(request).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = document.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    let trailer = document.trailer().copied().unwrap_or_default();
    Ok(Opened {
        header: document.header().clone(),
        trailer,
        bytes,
    })
}

/// What the sources said of the entries, in their order.
pub(super) fn entries(view: &RecordView) -> Result<Vec<DocumentEntry>, DemoError> {
    let read = |indexed: &IndexedDocument| indexed.document_entry();
    let entries: Result<_, _> = view.documents.iter().map(read).collect();
    entries.map_err(|_| DemoError::Missing("the hub answered with an entry that is none"))
}

pub(super) fn uuids(entries: &[DocumentEntry]) -> BTreeSet<&str> {
    entries
        .iter()
        .map(|entry| entry.entry_uuid.as_str())
        .collect()
}

/// How many the hub says it withheld for this reason.
pub(super) fn withheld(view: &RecordView, reason: WithheldReason) -> u32 {
    let counted = view
        .withheld
        .iter()
        .filter(|withheld| withheld.reason() == reason);
    counted.map(|withheld| withheld.count).sum()
}

/// The entries for people.
pub(super) fn show(step: &mut Step, entries: &[DocumentEntry]) {
    let rows: Vec<[String; 3]> = entries
        .iter()
        .map(|entry| [day(entry), entry.title.clone(), institution(entry)])
        .collect();
    step.table(["CREATED", "DOCUMENT", "FROM"], &rows);
}

fn day(entry: &DocumentEntry) -> String {
    let time = entry
        .creation_time
        .as_ref()
        .and_then(delt_client::json::to_rfc3339);
    time.map_or(String::new(), |time| time.chars().take(10).collect())
}

/// Who wrote it.
pub(super) fn institution(entry: &DocumentEntry) -> String {
    let author = entry
        .author
        .as_ref()
        .and_then(|author| author.institution.as_ref());
    author.map_or(String::new(), |institution| institution.name.clone())
}
