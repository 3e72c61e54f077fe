//! What the metadata of an entry say to a consent, read once and held against every one.

use uuid::Uuid;

use crate::organisation::Place;
use crate::{EntryFacts, Micros, OrganisationId, OrganisationTree};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'a> {
    pub(super) entry_uuid: Uuid,
    pub(super) type_code: &'a str,
    /// First and last moment that the data are about.
    pub(super) data: Option<(Micros, Micros)>,
    pub(super) author: Option<Spot<'a>>,
}

impl<'a> Label<'a> {
    pub(crate) fn of(entry: &'a EntryFacts, tree: &OrganisationTree) -> Self {
        let author = entry.author_organisation.as_ref();
        Self {
            entry_uuid: entry.entry_uuid,
            type_code: entry.type_code.trim(),
            data: service_time(entry),
            author: author.map(|id| Spot {
                id,
                place: tree.place(id),
            }),
        }
    }
}

/// When the data come from. The creation time alone does not tell: a letter of today may be about last year,
/// an appointment about next. It only bounds an open end.
fn service_time(entry: &EntryFacts) -> Option<(Micros, Micros)> {
    let start = entry.service_start.or(entry.service_stop)?;
    let stop = entry.service_stop.unwrap_or(start.max(entry.creation_time));
    // A stop before the start is a broken label and shows nothing. A stop alone leaves the start open.
    match entry.service_start {
        _ if stop < start => None,
        None => Some((Micros::MIN, stop)),
        Some(_) => Some((start, stop)),
    }
}

/// An organisation and where the tree keeps it, so that a review looks each up once and not once per consent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) id: &'a OrganisationId,
    pub(super) place: Option<Place>,
}

impl Spot<'_> {
    /// Whether both are one organisation. Only what the tree does not keep must be compared by name.
    pub(super) fn is(self, other: Self) -> bool {
        self.place == other.place && (self.place.is_some() || self.id == other.id)
    }
}
