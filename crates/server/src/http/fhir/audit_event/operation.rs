//! What each operation of the hub is in BALP's terms.

use delt_formats::fhir::audit_event::{Happening, Identifier, Object};
use delt_ledger::{Entry, canonical};
use serde_json::json;

use super::describe;

/// An interaction, and the FHIR type that is nearest to what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Read(&'static str),
    Create(&'static str),
    Update(&'static str),
    /// Two numbers of one person: an event about each.
    Link,
    Import,
    Export,
    Unknown,
}

const DOCUMENT: &str = "DocumentReference";
const MESSAGE: &str = "MessageHeader";
const CONSENT: &str = "Consent";
const RELATION: &str = "EpisodeOfCare";
const PERMISSION: &str = "Contract";
const RIGHT: &str = "RelatedPerson";
const HELPER: &str = "PractitionerRole";
const PATIENT: &str = "Patient";
const CASE: &str = "Task";
const REVOCATION: &str = "Basic";

/// Nothing is deleted in Delt: what ends, is withdrawn or deprecated stays, and so is an update.
pub(super) fn kind(operation: &str) -> Kind {
    match operation {
        "SearchRecord"
        | "ListSourceDocuments"
        | "ListConsents"
        | "ExplainAccess"
        | "ListRelations"
        | "ListMessages"
        | "SearchAuditEntries"
        | "ExportAuditEntries"
        | "ReadLogProofs"
        | "ReadDirectory"
        | "ListOwnAccesses"
        | "ListNotifications"
        | "ListRelationAlerts"
        | "ListHelperDelegations"
        | "ListRepresentations"
        | "ListQualityPermissions"
        | "ListReviewCases"
        | "ListSamples"
        | "GetPeriodReport"
        | "ListRevocations" => Kind::Query,
        "GetDocument" | "RetrieveDocument" | "FetchDocument" => Kind::Read(DOCUMENT),
        "GetMessage" => Kind::Read(MESSAGE),
        "GetPatient" => Kind::Read(PATIENT),
        "GetReviewCase" => Kind::Read(CASE),
        "RegisterDocument" => Kind::Create(DOCUMENT),
        "CreateConsent" => Kind::Create(CONSENT),
        "RegisterRelation" | "AttestRelation" => Kind::Create(RELATION),
        "DelegateToHelper" => Kind::Create(HELPER),
        "RegisterRepresentation" => Kind::Create(RIGHT),
        "RegisterQualityPermission" => Kind::Create(PERMISSION),
        "DrawSample" => Kind::Create(CASE),
        "RevokeAccess" => Kind::Create(REVOCATION),
        "UpdateDocumentStatus" => Kind::Update(DOCUMENT),
        "EndConsent" => Kind::Update(CONSENT),
        "EndRelation" => Kind::Update(RELATION),
        "EndHelperDelegation" => Kind::Update(HELPER),
        "EndRepresentation" => Kind::Update(RIGHT),
        "EndQualityPermission" => Kind::Update(PERMISSION),
        "LiftRevocation" => Kind::Update(REVOCATION),
        "AssignReviewCase" | "CommentReviewCase" | "DecideReviewCase" => Kind::Update(CASE),
        "RegisterDemographics" => Kind::Update(PATIENT),
        "AcknowledgeMessage" => Kind::Update(MESSAGE),
        "LinkPatient" | "MergePatient" => Kind::Link,
        "SendMessage" => Kind::Import,
        "ReceiveMessages" => Kind::Export,
        _ => Kind::Unknown,
    }
}

type Told = (Happening, Option<Identifier>);

/// What happened, and about which patient: never empty.
pub(super) fn happenings(entry: &Entry) -> Vec<Told> {
    let patient = describe::patient(entry);
    let one = |happening| vec![(happening, patient.clone())];
    match kind(&entry.operation) {
        Kind::Query => one(query(entry)),
        // Whoever asks for messages and gets none has asked, and no more.
        Kind::Export if entry.target.is_none() => one(query(entry)),
        Kind::Read(DOCUMENT) => read_documents(entry, patient.as_ref()),
        Kind::Read(what) => one(Happening::Read(object(entry, what))),
        Kind::Create(what) => one(Happening::Create(object(entry, what))),
        Kind::Update(what) => one(Happening::Update(object(entry, what))),
        Kind::Import => one(Happening::Import(object(entry, MESSAGE))),
        Kind::Export => one(Happening::Export(object(entry, MESSAGE))),
        Kind::Link => link(entry, patient.as_ref()),
        Kind::Unknown => one(Happening::Other(object(entry, "Basic"))),
    }
}

/// BALP's read has one object, so that several documents are several events.
fn read_documents(entry: &Entry, patient: Option<&Identifier>) -> Vec<Told> {
    let told = |object| (Happening::Read(object), patient.cloned());
    if entry.disclosed.is_empty() {
        return vec![told(object(entry, DOCUMENT))];
    }
    let documents = describe::documents(entry).into_iter();
    documents
        .map(|id| told(Some(Object { kind: DOCUMENT, id })))
        .collect()
}

fn link(entry: &Entry, patient: Option<&Identifier>) -> Vec<Told> {
    let other = entry.target.as_deref().map(describe::patient_key);
    let event = |about: Option<&Identifier>, linked: Option<&Identifier>| {
        let object = linked.cloned().map(|id| Object { kind: PATIENT, id });
        (Happening::Update(object), about.cloned())
    };
    let mut events = vec![event(patient, other.as_ref())];
    if other.is_some() {
        events.push(event(other.as_ref(), patient));
    }
    events
}

/// What the operation names as its target; for the person's own data, the patient.
fn object(entry: &Entry, kind: &'static str) -> Option<Object> {
    let id = match (&entry.target, kind) {
        (Some(target), _) => Some(describe::target(target)),
        (None, PATIENT) => describe::patient(entry),
        (None, _) => None,
    };
    id.map(|id| Object { kind, id })
}

/// The question as the entry has it, in canonical JSON: the request itself is not kept.
fn query(entry: &Entry) -> Happening {
    let mut question = json!({"operation": entry.operation, "filters": entry.filters});
    if let (Some(target), Some(question)) = (&entry.target, question.as_object_mut()) {
        question.insert("target".to_owned(), json!(target));
    }
    let bytes = canonical::value_to_vec(&question).unwrap_or_default();
    Happening::Query {
        text: String::from_utf8(bytes).unwrap_or_default(),
    }
}
