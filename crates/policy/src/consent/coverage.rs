//! Whether a consent covers an entry, in three values, because metadata can be silent.

use uuid::Uuid;

use super::{Origin, Period, What, Who};
use crate::organisation::Place;
use crate::{AuthorisationId, EntryFacts, Micros, OrganisationId, OrganisationTree};

/// How an entry lies to the WHAT of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// The metadata show that the entry is outside.
    Outside,
    /// The metadata cannot show either. A block then covers the entry (the precautionary rule), a permit does not.
    Unknown,
    /// The metadata show that the entry is inside.
    Inside,
}

/// What the metadata of an entry say, read once and held against every consent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label<'a> {
    entry_uuid: Uuid,
    type_code: &'a str,
    /// First and last moment that the data are about.
    data: Option<(Micros, Micros)>,
    author: Option<Spot<'a>>,
}

/// An organisation and where the tree keeps it, so that a review looks each up once and not once per consent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    id: &'a OrganisationId,
    place: Option<Place>,
}

impl<'a> Label<'a> {
    pub(crate) fn of(entry: &'a EntryFacts, tree: &OrganisationTree) -> Self {
        let author = entry.author_organisation.as_ref();
        Self {
            entry_uuid: entry.entry_uuid,
            type_code: entry.type_code.trim(),
            data: service_time(entry),
            author: author.map(|id| Spot::find(id, tree)),
        }
    }
}

impl<'a> Spot<'a> {
    fn find(id: &'a OrganisationId, tree: &OrganisationTree) -> Self {
        let place = tree.place(id);
        Self { id, place }
    }
}

impl What {
    /// How `entry` lies to this; the limits hold together, so the least certain of them decides.
    pub fn coverage(&self, entry: &EntryFacts, tree: &OrganisationTree) -> Coverage {
        self.covers(&Label::of(entry, tree), self.place_in(tree), tree)
    }

    /// Where the tree keeps the origin that this is limited to.
    pub(crate) fn place_in(&self, tree: &OrganisationTree) -> Option<Place> {
        tree.place(&self.origin.as_ref()?.organisation)
    }

    /// [`Self::coverage`] of an entry whose label was read before, with [`Self::place_in`] at hand.
    pub(crate) fn covers(
        &self,
        label: &Label<'_>,
        origin: Option<Place>,
        tree: &OrganisationTree,
    ) -> Coverage {
        let sure = self.by_entry(label).min(self.by_type(label));
        if sure == Coverage::Outside {
            return sure;
        }
        sure.min(self.by_period(label))
            .min(self.by_origin(label, origin, tree))
    }

    fn by_entry(&self, label: &Label<'_>) -> Coverage {
        match self.entry {
            Some(uuid) if uuid != label.entry_uuid => Coverage::Outside,
            _ => Coverage::Inside,
        }
    }

    fn by_type(&self, label: &Label<'_>) -> Coverage {
        let code = label.type_code;
        if self.document_types.is_empty()
            || self
                .document_types
                .iter()
                .any(|named| named.trim().eq_ignore_ascii_case(code))
        {
            Coverage::Inside
        } else if code.is_empty() {
            Coverage::Unknown
        } else {
            Coverage::Outside
        }
    }

    fn by_period(&self, label: &Label<'_>) -> Coverage {
        match (&self.period, label.data) {
            (None, _) => Coverage::Inside,
            (Some(_), None) => Coverage::Unknown,
            (Some(period), Some(data)) => period.coverage(data),
        }
    }

    fn by_origin(
        &self,
        label: &Label<'_>,
        place: Option<Place>,
        tree: &OrganisationTree,
    ) -> Coverage {
        match (&self.origin, label.author) {
            (None, _) => Coverage::Inside,
            (Some(_), None) => Coverage::Unknown,
            (Some(origin), Some(author)) => {
                let id = &origin.organisation;
                of_data(author, Spot { id, place }, origin.with_underlying, tree)
            }
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

impl Period {
    fn coverage(self, (start, stop): (Micros, Micros)) -> Coverage {
        let from = self.from.unwrap_or(Micros::MIN);
        let to = self.to.unwrap_or(Micros::MAX);
        if stop < from || to < start {
            Coverage::Outside
        } else if from <= start && stop <= to {
            Coverage::Inside
        } else {
            // Partly inside: blocked by a block, not opened by a permit.
            Coverage::Unknown
        }
    }
}

/// How data labelled with `author` lie to a place. Data labelled only with a parent unit may come from the
/// place itself, and of an organisation that the directory does not know nothing can be shown.
fn of_data(
    author: Spot<'_>,
    origin: Spot<'_>,
    with_underlying: bool,
    tree: &OrganisationTree,
) -> Coverage {
    // Names of places that the tree does not keep can only be compared as they are.
    if author.id == origin.id || (with_underlying && tree.lies_within(author.place, origin.place)) {
        return Coverage::Inside;
    }
    let is_parent = tree.lies_within(origin.place, author.place);
    let known = tree.lists(origin.place) && (!with_underlying || tree.lists(author.place));
    if is_parent || !known {
        Coverage::Unknown
    } else {
        Coverage::Outside
    }
}

impl Origin {
    fn includes(&self, organisation: &OrganisationId, tree: &OrganisationTree) -> bool {
        *organisation == self.organisation
            || (self.with_underlying && tree.is_within(organisation, &self.organisation))
    }
}

impl Who {
    /// Whether it names a professional with this authorisation who works at this organisation.
    pub fn names(
        &self,
        person: Option<&AuthorisationId>,
        organisation: &OrganisationId,
        tree: &OrganisationTree,
    ) -> bool {
        match self {
            Self::All => true,
            Self::Person(named) => Some(named) == person,
            Self::Organisation(place) => place.includes(organisation, tree),
        }
    }
}
