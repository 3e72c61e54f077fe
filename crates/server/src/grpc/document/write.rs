//! Answers about documents on the wire.

use delt_hub::{
    Error, Released,
    document::{
        AvailabilityStatus, IndexedEntry,
        operations::{DocumentPage, FoundDocument, Registered},
    },
    error::FieldViolation,
};
use delt_proto::{document::v1, spliced::IndexedDocument};

use crate::grpc::{status, wire};

/// An entry as the index holds it, spliced from the bytes that were registered.
pub(crate) fn indexed(entry: IndexedEntry) -> IndexedDocument {
    IndexedDocument {
        entry: entry.encoded,
        status: availability(entry.status).into(),
        registered_time: Some(wire::timestamp(entry.registered_at)),
        status_time: entry.status_at.map(wire::timestamp),
        replaced_by_entry_uuid: entry
            .replaced_by
            .map(|id| id.to_string())
            .unwrap_or_default(),
        dead_since: entry.dead_since.map(wire::timestamp),
        opened_by_override: entry.opened_by_override,
    }
}

/// A status on the wire.
const fn availability(status: AvailabilityStatus) -> v1::AvailabilityStatus {
    match status {
        AvailabilityStatus::Approved => v1::AvailabilityStatus::Approved,
        AvailabilityStatus::Superseded => v1::AvailabilityStatus::Superseded,
        AvailabilityStatus::Deprecated => v1::AvailabilityStatus::Deprecated,
        AvailabilityStatus::Withdrawn => v1::AvailabilityStatus::Withdrawn,
    }
}

pub(super) fn registered(done: Released<Registered>) -> v1::RegisterDocumentResponse {
    let Released { value, receipt } = done;
    v1::RegisterDocumentResponse {
        entry_uuid: value.entry_uuid.to_string(),
        already_registered: value.already_registered,
        warnings: value.warnings.iter().map(warning).collect(),
        superseded_entry_uuids: value.superseded.iter().map(ToString::to_string).collect(),
        receipt: Some(wire::receipt(&receipt)),
    }
}

fn warning(violation: &FieldViolation) -> v1::Warning {
    v1::Warning {
        field: violation.field.clone(),
        description: violation.description.clone(),
    }
}

/// What would have been the status of a call with this one item.
pub(crate) fn item_error(error: &Error) -> v1::ItemError {
    v1::ItemError {
        status: status::code(error).into(),
        reason: error.code().name.to_owned(),
        message: error.message().to_owned(),
        violations: error.field_violations().iter().map(warning).collect(),
    }
}

pub(super) fn updated(done: Released<AvailabilityStatus>) -> v1::UpdateDocumentStatusResponse {
    v1::UpdateDocumentStatusResponse {
        status: availability(done.value).into(),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

pub(super) fn found(done: Released<FoundDocument>) -> v1::GetDocumentResponse {
    v1::GetDocumentResponse {
        patient: Some(wire::identifier(&done.value.patient)),
        document: Some(indexed(done.value.entry)),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

pub(super) fn listed(done: Released<DocumentPage>) -> v1::ListSourceDocumentsResponse {
    let Released { value, receipt } = done;
    v1::ListSourceDocumentsResponse {
        documents: value.entries.into_iter().map(indexed).collect(),
        next_page_token: value.next.unwrap_or_default(),
        receipt: Some(wire::receipt(&receipt)),
    }
}
