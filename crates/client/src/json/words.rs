//! The words of the enumerations.

use delt_proto::document::v1::{AvailabilityStatus, DocumentEntryType, RelationCode};

pub(super) const ENTRY_TYPES: [(i32, &str); 2] = [
    (DocumentEntryType::Stable as i32, "stable"),
    (DocumentEntryType::OnDemand as i32, "on-demand"),
];

pub(super) const RELATION_CODES: [(i32, &str); 4] = [
    (RelationCode::Replaces as i32, "replaces"),
    (RelationCode::Appends as i32, "appends"),
    (RelationCode::Transforms as i32, "transforms"),
    (RelationCode::Signs as i32, "signs"),
];

const STATUSES: [(i32, &str); 4] = [
    (AvailabilityStatus::Approved as i32, "approved"),
    (AvailabilityStatus::Superseded as i32, "superseded"),
    (AvailabilityStatus::Deprecated as i32, "deprecated"),
    (AvailabilityStatus::Withdrawn as i32, "withdrawn"),
];

/// The word of a number; empty for one that has none.
pub(super) fn word_of(number: i32, words: &[(i32, &'static str)]) -> &'static str {
    words
        .iter()
        .find(|(known, _)| *known == number)
        .map_or("", |(_, word)| word)
}

/// The word of an availability status; empty if it is not known.
pub fn status_word(status: i32) -> &'static str {
    word_of(status, &STATUSES)
}
