//! Whether a consent covers an entry, in three values, because metadata can be silent.

use super::{Origin, Period, What, Who};
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

impl What {
    /// How `entry` lies to this; the limits hold together, so the least certain of them decides.
    pub fn coverage(&self, entry: &EntryFacts, tree: &OrganisationTree) -> Coverage {
        [
            self.by_entry(entry),
            self.by_type(entry),
            self.by_period(entry),
            self.by_origin(entry, tree),
        ]
        .into_iter()
        .min()
        .unwrap_or(Coverage::Unknown)
    }

    fn by_entry(&self, entry: &EntryFacts) -> Coverage {
        match self.entry {
            Some(uuid) if uuid != entry.entry_uuid => Coverage::Outside,
            _ => Coverage::Inside,
        }
    }

    fn by_type(&self, entry: &EntryFacts) -> Coverage {
        let code = entry.type_code.trim();
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

    fn by_period(&self, entry: &EntryFacts) -> Coverage {
        match (&self.period, service_time(entry)) {
            (None, _) => Coverage::Inside,
            (Some(_), None) => Coverage::Unknown,
            (Some(period), Some(data)) => period.coverage(data),
        }
    }

    fn by_origin(&self, entry: &EntryFacts, tree: &OrganisationTree) -> Coverage {
        match (&self.origin, &entry.author_organisation) {
            (None, _) => Coverage::Inside,
            (Some(_), None) => Coverage::Unknown,
            (Some(origin), Some(author)) => origin.of_data(author, tree),
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

impl Origin {
    /// How data labelled with `author` lie to this place. Data labelled only with a parent unit may come from the
    /// place itself, and of an organisation that the directory does not know nothing can be shown.
    fn of_data(&self, author: &OrganisationId, tree: &OrganisationTree) -> Coverage {
        if self.includes(author, tree) {
            return Coverage::Inside;
        }
        let is_parent = tree.is_within(&self.organisation, author);
        let known =
            tree.contains(&self.organisation) && (!self.with_underlying || tree.contains(author));
        if is_parent || !known {
            Coverage::Unknown
        } else {
            Coverage::Outside
        }
    }

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
