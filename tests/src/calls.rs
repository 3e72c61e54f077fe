//! The calls that most tests make, and what they read out of the answers.

use delt_client::bulk::{Item, LineOutcome, Options};
use delt_client::proto::audit::v1::{EntryFilter, LogEntry, SearchEntriesRequest};
use delt_client::proto::common::v1::{Identifier, OverrideGround, RequestContext};
use delt_client::proto::document::v1::{
    AvailabilityStatus, DocumentEntry, GetDocumentRequest, GetDocumentResponse,
    ListSourceDocumentsRequest, ListSourceDocumentsResponse, RegisterDocumentRequest,
    RegisterDocumentResponse, UpdateDocumentStatusRequest,
};
use delt_client::proto::patient::v1::MergePatientRequest;
use delt_client::proto::record::v1::{
    RecordFilter, RetrieveDocumentRequest, SearchRecordRequest, WithheldReason,
};
use delt_client::proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use delt_client::{ClientError, Connection, Kind, RecordView};
use futures_util::stream;
use tonic::Code;

use crate::hub::{TestHub, sample};
use delt_server::profile::{Holder, Professional, RoleCode};

type Result<T> = std::result::Result<T, ClientError>;

/// Larger than any document of the tests.
const LIMIT: usize = 64 << 20;

/// Registers an entry that must be accepted.
pub async fn register(source: &Connection, entry: &DocumentEntry) -> RegisterDocumentResponse {
    try_register(source, entry)
        .await
        .expect("a good entry is registered")
}

pub async fn try_register(
    source: &Connection,
    entry: &DocumentEntry,
) -> Result<RegisterDocumentResponse> {
    let request = RegisterDocumentRequest {
        context: None,
        entry: Some(entry.clone()),
    };
    source.documents().register(request).await
}

/// Sends all items over one stream and gives the outcomes in the order in which they came.
pub async fn register_all(
    source: &Connection,
    entries: Vec<DocumentEntry>,
) -> Result<Vec<LineOutcome>> {
    let items = (1..)
        .zip(entries)
        .map(|(line, entry)| -> Item { (line, Ok(entry)) });
    let items: Vec<Item> = items.collect();
    let mut outcomes = source
        .documents()
        .register_all(stream::iter(items), Options::default())
        .await?;
    let mut all = Vec::new();
    while let Some(outcome) = outcomes.next().await? {
        all.push(outcome);
    }
    Ok(all)
}

pub async fn set_status(
    source: &Connection,
    entry: &str,
    status: AvailabilityStatus,
) -> Result<AvailabilityStatus> {
    let request = UpdateDocumentStatusRequest {
        entry_uuid: entry.to_owned(),
        status: status.into(),
        ..UpdateDocumentStatusRequest::default()
    };
    Ok(source.documents().update_status(request).await?.status())
}

/// One pointer, as its source asks for it.
pub async fn pointer(source: &Connection, entry: &str) -> Result<GetDocumentResponse> {
    let request = GetDocumentRequest {
        context: None,
        entry_uuid: entry.to_owned(),
    };
    source.documents().get(request).await
}

/// All that the index holds for a source, in one page.
pub async fn holdings(source: &Connection, dead_only: bool) -> ListSourceDocumentsResponse {
    let request = ListSourceDocumentsRequest {
        dead_only,
        ..ListSourceDocumentsRequest::default()
    };
    source
        .documents()
        .list(request)
        .await
        .expect("a source may list its own")
}

/// Registers that a place treats a person, which `system` may say of it.
pub async fn treats(hub: &TestHub, system: &str, place: &str, patient: Identifier) {
    let relation = TreatmentRelation {
        kind: RelationKind::Referral.into(),
        organisation: place.to_owned(),
        ..TreatmentRelation::default()
    };
    let request = RegisterRelationRequest {
        patient: Some(patient),
        relation: Some(relation),
        ..RegisterRelationRequest::default()
    };
    let registered = hub.system(system).await.relations().register(request).await;
    registered.expect("a place may be said to treat a person");
}

/// A person gets another number.
pub async fn merge(hub: &TestHub, old: Identifier, new: Identifier) {
    let request = MergePatientRequest {
        context: None,
        old: Some(old),
        new: Some(new),
    };
    let merged = operator(hub).await.patients().merge(request).await;
    merged.expect("the operator may link numbers");
}

/// A search with nothing but the person.
pub fn everything(patient: Identifier) -> SearchRecordRequest {
    SearchRecordRequest {
        patient: Some(patient),
        ..SearchRecordRequest::default()
    }
}

/// A search with a filter.
pub fn filtered(patient: Identifier, filter: RecordFilter) -> SearchRecordRequest {
    SearchRecordRequest {
        filter: Some(filter),
        ..everything(patient)
    }
}

/// The whole record as the reader sees it.
pub async fn record(reader: &Connection, patient: Identifier) -> RecordView {
    found(reader, everything(patient)).await
}

/// All that a search finds.
pub async fn found(reader: &Connection, request: SearchRecordRequest) -> RecordView {
    reader
        .record()
        .search_all(request, usize::MAX)
        .await
        .expect("the reader may search")
}

/// How many entries were withheld for a reason.
pub fn withheld(view: &RecordView, reason: WithheldReason) -> u32 {
    view.withheld
        .iter()
        .filter(|part| part.reason() == reason)
        .map(|part| part.count)
        .sum()
}

/// The content of one document.
pub async fn fetch(reader: &Connection, patient: Identifier, entry: &str) -> Result<Vec<u8>> {
    reader
        .record()
        .retrieve(wanted(patient, entry))
        .await?
        .into_bytes(LIMIT)
        .await
}

pub fn wanted(patient: Identifier, entry: &str) -> RetrieveDocumentRequest {
    RetrieveDocumentRequest {
        context: None,
        patient: Some(patient),
        entry_uuid: entry.to_owned(),
    }
}

/// Breaking the glass, with a reason.
pub fn break_glass() -> Option<RequestContext> {
    Some(RequestContext {
        purpose_of_use: "BTG".to_owned(),
        override_reason: "Bevidstløs patient i akutmodtagelsen".to_owned(),
        override_ground: OverrideGround::EssentialConsideration.into(),
    })
}

/// The operator, who keeps identities.
pub async fn operator(hub: &TestHub) -> Connection {
    let holder = Holder::Professional(Professional {
        role: RoleCode {
            system: "urn:delt:role".to_owned(),
            code: "operator".to_owned(),
        },
        ..sample("dpo")
    });
    let token = hub.token(&holder, "operator-cli", &[]);
    hub.connect(hub.running.api, "operator-cli", Some(token))
        .await
}

/// Entries of the access log, newest first.
pub async fn log(hub: &TestHub, filter: EntryFilter) -> Vec<LogEntry> {
    let request = SearchEntriesRequest {
        filter: Some(filter),
        page_size: 100,
        ..SearchEntriesRequest::default()
    };
    let answer = hub.supervisor().await.audit().search(request).await;
    answer.expect("the auditor may search").entries
}

/// The answer's gRPC code and the hub's reason.
pub fn refusal<T>(outcome: &Result<T>) -> (Code, &str) {
    match outcome {
        Ok(_) => (Code::Ok, ""),
        Err(error) => match error.refusal() {
            Some(refusal) => (refusal.code, refusal.reason.as_str()),
            None => panic!("the hub gave no answer of its own: {error}"),
        },
    }
}

/// The fields that an answer names as wrong, in order.
pub fn fields<T>(outcome: &Result<T>) -> Vec<String> {
    let mut fields: Vec<_> = match outcome {
        Ok(_) => Vec::new(),
        Err(error) => error
            .violations()
            .iter()
            .map(|violation| violation.field.clone())
            .collect(),
    };
    fields.sort();
    fields
}

/// Whether an answer says that nothing is there.
pub fn is_not_found<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(error) if error.kind() == Kind::NotFound && error.reason() == Some("NOT_FOUND"))
}
