//! A search of the record on the wire.

use std::collections::BTreeMap;

use delt_formats::identifier;
use delt_hub::{
    Error, Released, Result,
    document::{AvailabilityStatus, Code, EntryType},
    record::{RecordFilter, RecordPage, SearchRecord, Span},
};
use delt_policy::{OrganisationId, WithheldReason};
use delt_proto::{common::v1 as common, document::v1 as document, record::v1};

use crate::grpc::{document::indexed, wire};

/// Items in one list of the filter.
const LIST_MAX: usize = 50;
/// Longest code system, code and reference id, in characters.
const SYSTEM_MAX: usize = 256;
const CODE_MAX: usize = 64;
const REFERENCE_MAX: usize = 256;

pub(super) fn read(message: v1::SearchRecordRequest, page_max: u32) -> Result<SearchRecord> {
    let page_size = wire::page_size(message.page_size, page_max)?;
    Ok(SearchRecord {
        patient: wire::person("patient", message.patient.as_ref())?,
        filter: filter(message.filter.unwrap_or_default())?,
        page_size: u32::try_from(page_size).unwrap_or(page_max),
        page_token: message.page_token,
    })
}

fn filter(filter: v1::RecordFilter) -> Result<RecordFilter> {
    Ok(RecordFilter {
        type_codes: codes("filter.type_codes", filter.type_codes)?,
        class_codes: codes("filter.class_codes", filter.class_codes)?,
        format_codes: codes("filter.format_codes", filter.format_codes)?,
        healthcare_facility_type_codes: codes(
            "filter.healthcare_facility_type_codes",
            filter.healthcare_facility_type_codes,
        )?,
        practice_setting_codes: codes(
            "filter.practice_setting_codes",
            filter.practice_setting_codes,
        )?,
        event_codes: codes("filter.event_codes", filter.event_codes)?,
        author_organisations: organisations(filter.author_organisations)?,
        creation: span("filter.creation_period", filter.creation_period.as_ref())?,
        service: span("filter.service_period", filter.service_period.as_ref())?,
        statuses: each("filter.statuses", filter.statuses, status)?,
        entry_types: each(
            "filter.document_entry_types",
            filter.document_entry_types,
            entry_type,
        )?,
        reference_ids: each("filter.reference_ids", filter.reference_ids, reference)?,
    })
}

/// Reads a bounded list, each item under its own path.
fn each<T, U>(field: &str, items: Vec<T>, read: impl Fn(&str, T) -> Result<U>) -> Result<Vec<U>> {
    let items = wire::at_most(field, items, LIST_MAX)?
        .into_iter()
        .enumerate();
    items
        .map(|(at, item)| read(&format!("{field}[{at}]"), item))
        .collect()
}

fn codes(field: &str, codes: Vec<common::Code>) -> Result<Vec<Code>> {
    each(field, codes, |field, code| {
        let system = token(&format!("{field}.system"), code.system, 0, SYSTEM_MAX)?;
        Ok(Code {
            // Columns have OIDs bare, however they were written.
            system: identifier::system::bare(&system).to_owned(),
            code: token(&format!("{field}.code"), code.code, 1, CODE_MAX)?,
        })
    })
}

/// Visible ASCII: what goes into the audit entry as a filter is a code and nothing else.
fn token(field: &str, text: String, shortest: usize, longest: usize) -> Result<String> {
    let fits = (shortest..=longest).contains(&text.len());
    if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text);
    }
    let wrong = format!("must be {shortest} to {longest} visible ASCII characters");
    Err(Error::invalid(field, wrong))
}

fn organisations(sors: Vec<String>) -> Result<Vec<OrganisationId>> {
    each("filter.author_organisations", sors, |field, sor| {
        wire::organisation(field, &sor)
    })
}

fn reference(field: &str, id: String) -> Result<String> {
    token(field, id, 1, REFERENCE_MAX)
}

fn span(field: &str, period: Option<&common::Period>) -> Result<Span> {
    let (start, end) = wire::period(field, period)?;
    Ok(Span { start, end })
}

fn status(field: &str, status: i32) -> Result<AvailabilityStatus> {
    use document::AvailabilityStatus as Wire;
    match Wire::try_from(status) {
        Ok(Wire::Approved) => Ok(AvailabilityStatus::Approved),
        Ok(Wire::Superseded) => Ok(AvailabilityStatus::Superseded),
        Ok(Wire::Deprecated) => Ok(AvailabilityStatus::Deprecated),
        // Asked for, it finds nothing: see `RecordFilter::statuses`.
        Ok(Wire::Withdrawn) => Ok(AvailabilityStatus::Withdrawn),
        Ok(Wire::Unspecified) | Err(_) => Err(Error::invalid(field, "is not a status")),
    }
}

fn entry_type(field: &str, kind: i32) -> Result<EntryType> {
    use document::DocumentEntryType as Wire;
    match Wire::try_from(kind) {
        Ok(Wire::Stable | Wire::Unspecified) => Ok(EntryType::Stable),
        Ok(Wire::OnDemand) => Ok(EntryType::OnDemand),
        Err(_) => Err(Error::invalid(field, "is not a kind of document entry")),
    }
}

pub(super) fn written(released: Released<RecordPage>) -> v1::SearchRecordResponse {
    let Released {
        value: page,
        receipt,
    } = released;
    v1::SearchRecordResponse {
        documents: page.documents.into_iter().map(indexed).collect(),
        next_page_token: page.next_page_token,
        total: page.total,
        withheld: withheld(&page.withheld),
        grounds: wire::grounds(&page.grounds),
        receipt: Some(wire::receipt(&receipt)),
    }
}

fn withheld(counts: &BTreeMap<WithheldReason, u32>) -> Vec<v1::Withheld> {
    let reason = |reason| match reason {
        WithheldReason::Consent => Some(v1::WithheldReason::Consent),
        WithheldReason::Role => Some(v1::WithheldReason::Role),
        WithheldReason::Purpose => Some(v1::WithheldReason::Purpose),
        WithheldReason::OutOfScope => None,
    };
    let one = |(why, count): (&WithheldReason, &u32)| {
        reason(*why).map(|reason| v1::Withheld {
            reason: reason.into(),
            count: *count,
        })
    };
    counts.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;

    fn field(wrong: v1::RecordFilter) -> String {
        let error = filter(wrong).unwrap_err();
        error.field_violations()[0].field.clone()
    }

    fn code(system: &str, code: &str) -> common::Code {
        common::Code {
            system: system.into(),
            code: code.into(),
            display: String::new(),
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let event_codes = vec![code("", "a"), code("s", "")];
        let wrong = v1::RecordFilter {
            event_codes,
            ..Default::default()
        };
        assert_eq!(field(wrong), "filter.event_codes[1].code");
        let wrong = v1::RecordFilter {
            type_codes: vec![code("s", "a"); 51],
            ..Default::default()
        };
        assert_eq!(field(wrong), "filter.type_codes");
        let wrong = v1::RecordFilter {
            statuses: vec![1, 9],
            ..Default::default()
        };
        assert_eq!(field(wrong), "filter.statuses[1]");
        let wrong = v1::RecordFilter {
            reference_ids: vec!["two words".into()],
            ..Default::default()
        };
        assert_eq!(field(wrong), "filter.reference_ids[0]");
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let period = common::Period {
            start: at(2),
            end: at(1),
        };
        let wrong = v1::RecordFilter {
            creation_period: Some(period),
            ..Default::default()
        };
        assert_eq!(field(wrong), "filter.creation_period");
    }

    #[test]
    fn an_empty_filter_asks_nothing() {
        assert_eq!(
            filter(v1::RecordFilter::default()).unwrap(),
            RecordFilter::default()
        );
    }
}
