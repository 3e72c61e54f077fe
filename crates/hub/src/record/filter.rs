//! Which entries a search is for. Pure: an entry's columns in, a yes or no out.

use std::collections::BTreeMap;

use delt_policy::{OrganisationId, OrganisationTree};

use crate::{
    clock::{Micros, rfc3339},
    document::{
        AvailabilityStatus, Code, EntryType,
        rows::{FilterColumns, RecordRow},
    },
};

/// A half-open period [start, end). A missing bound is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub start: Option<Micros>,
    pub end: Option<Micros>,
}

/// What must hold of an entry. All given parts hold together; within a list one match is enough; an empty list asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Codes match on system and code; an empty system here stands for any.
    pub type_codes: Vec<Code>,
    pub class_codes: Vec<Code>,
    pub format_codes: Vec<Code>,
    pub healthcare_facility_type_codes: Vec<Code>,
    pub practice_setting_codes: Vec<Code>,
    /// Any of an entry's event codes.
    pub event_codes: Vec<Code>,
    /// Each with its underlying units.
    pub author_organisations: Vec<OrganisationId>,
    pub creation: Span,
    /// Overlaps the time of the service. An entry without one does not match.
    pub service: Span,
    /// Approved where empty. Withdrawn entries never match.
    pub statuses: Vec<AvailabilityStatus>,
    pub entry_types: Vec<EntryType>,
    /// The value alone, or `system|value`.
    pub reference_ids: Vec<String>,
}

impl Span {
    /// Whether it asks anything.
    const fn is_given(self) -> bool {
        self.start.is_some() || self.end.is_some()
    }

    const fn contains(self, at: Micros) -> bool {
        self.overlaps(Some(at), Some(at))
    }

    /// Whether it has a moment in common with [first, last], where a missing bound is open.
    const fn overlaps(self, first: Option<Micros>, last: Option<Micros>) -> bool {
        let begins_in_time = match (first, self.end) {
            (Some(first), Some(end)) => first < end,
            _ => true,
        };
        let ends_late_enough = match (last, self.start) {
            (Some(last), Some(start)) => last >= start,
            _ => true,
        };
        begins_in_time && ends_late_enough
    }

    fn named(self) -> Option<String> {
        let bound = |at: Option<Micros>| at.map(rfc3339).unwrap_or_default();
        self.is_given()
            .then(|| format!("{}/{}", bound(self.start), bound(self.end)))
    }
}

impl RecordFilter {
    pub(crate) fn matches(&self, row: &RecordRow, tree: &OrganisationTree) -> bool {
        self.asks_for_status(row.status)
            && self.matches_author(row.facts.author_organisation.as_ref(), tree)
            && self.creation.contains(row.facts.creation_time)
            && self.matches_service(row.facts.service_start, row.facts.service_stop)
            && match &row.codes {
                Some(codes) => self.matches_codes(codes),
                None => !self.asks_for_codes(),
            }
    }

    /// Whether it takes an entry's codes to tell if it matches.
    pub(crate) const fn asks_for_codes(&self) -> bool {
        let Self {
            type_codes,
            class_codes,
            format_codes,
            healthcare_facility_type_codes,
            practice_setting_codes,
            event_codes,
            author_organisations: _,
            creation: _,
            service: _,
            statuses: _,
            entry_types,
            reference_ids,
        } = self;
        !(type_codes.is_empty()
            && class_codes.is_empty()
            && format_codes.is_empty()
            && healthcare_facility_type_codes.is_empty()
            && practice_setting_codes.is_empty()
            && event_codes.is_empty()
            && entry_types.is_empty()
            && reference_ids.is_empty())
    }

    fn asks_for_status(&self, status: AvailabilityStatus) -> bool {
        match status {
            // What should never have been shared is for its source and for auditors.
            AvailabilityStatus::Withdrawn => false,
            AvailabilityStatus::Approved if self.statuses.is_empty() => true,
            status => self.statuses.contains(&status),
        }
    }

    fn matches_codes(&self, codes: &FilterColumns) -> bool {
        one_of(&self.type_codes, &codes.type_code)
            && one_of(&self.class_codes, &codes.class_code)
            && one_of(&self.format_codes, &codes.format_code)
            && one_of(&self.healthcare_facility_type_codes, &codes.facility_code)
            && one_of(&self.practice_setting_codes, &codes.practice_code)
            && (self.event_codes.is_empty()
                || codes
                    .event_codes
                    .lines()
                    .any(|code| one_of(&self.event_codes, code)))
            && self.matches_kind(codes.on_demand)
            && self.matches_reference(&codes.reference_ids)
    }

    fn matches_author(&self, author: Option<&OrganisationId>, tree: &OrganisationTree) -> bool {
        let roots = &self.author_organisations;
        roots.is_empty()
            || author.is_some_and(|author| roots.iter().any(|root| tree.is_within(author, root)))
    }

    fn matches_service(&self, start: Option<Micros>, stop: Option<Micros>) -> bool {
        let known = start.is_some() || stop.is_some();
        !self.service.is_given() || (known && self.service.overlaps(start, stop))
    }

    fn matches_kind(&self, on_demand: bool) -> bool {
        let kind = if on_demand {
            EntryType::OnDemand
        } else {
            EntryType::Stable
        };
        self.entry_types.is_empty() || self.entry_types.contains(&kind)
    }

    fn matches_reference(&self, kept: &str) -> bool {
        let asked = &self.reference_ids;
        let value = |item: &str| {
            item.split_once('|')
                .is_some_and(|(_, v)| asked.iter().any(|a| a == v))
        };
        asked.is_empty()
            || kept
                .lines()
                .any(|item| asked.iter().any(|a| a == item) || value(item))
    }

    /// The filter as the audit entry has it, and what a page token is bound to. Codes, times and ids only.
    pub(crate) fn named(&self) -> BTreeMap<String, String> {
        let codes = |codes: &[Code]| list(codes.iter().map(Code::to_row));
        let debug = |items: Vec<String>| list(items.into_iter().map(|item| item.to_lowercase()));
        let parts = [
            ("type_codes", codes(&self.type_codes)),
            ("class_codes", codes(&self.class_codes)),
            ("format_codes", codes(&self.format_codes)),
            (
                "healthcare_facility_type_codes",
                codes(&self.healthcare_facility_type_codes),
            ),
            (
                "practice_setting_codes",
                codes(&self.practice_setting_codes),
            ),
            ("event_codes", codes(&self.event_codes)),
            (
                "author_organisations",
                list(self.author_organisations.iter().map(ToString::to_string)),
            ),
            ("creation_period", self.creation.named()),
            ("service_period", self.service.named()),
            (
                "statuses",
                debug(self.statuses.iter().map(|s| format!("{s:?}")).collect()),
            ),
            (
                "document_entry_types",
                debug(self.entry_types.iter().map(|t| format!("{t:?}")).collect()),
            ),
            ("reference_ids", list(self.reference_ids.iter().cloned())),
        ];
        parts
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

fn list(items: impl Iterator<Item = String>) -> Option<String> {
    let text = items.collect::<Vec<_>>().join(",");
    (!text.is_empty()).then_some(text)
}

/// Whether a row's `system|code` is among the asked ones.
fn one_of(asked: &[Code], kept: &str) -> bool {
    let (system, code) = kept.split_once('|').unwrap_or(("", kept));
    asked.is_empty()
        || asked
            .iter()
            .any(|a| a.code == code && (a.system.is_empty() || a.system == system))
}
