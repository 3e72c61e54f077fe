//! Whether a consent covers an entry, in three values, because metadata can be silent.

use super::label::{Label, Spot};
use super::{Consent, Origin, Period};
use crate::organisation::Place;
use crate::{Micros, OrganisationTree};

/// How an entry lies to the WHAT of a consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coverage {
    /// The metadata show that the entry is outside.
    Outside,
    /// The metadata cannot show either. A block then covers the entry (the precautionary rule), a permit does not.
    Unknown,
    /// The metadata show that the entry is inside.
    Inside,
}

/// A consent made ready to be held against many entries.
#[derive(Debug)]
pub(crate) struct Clause {
    /// The record that it was made from.
    pub(crate) consent: Consent,
    /// Its document types without the space around them.
    types: Vec<String>,
    /// Where the tree keeps the organisation that the data must originate at.
    origin: Option<Place>,
}

impl Clause {
    pub(crate) fn new(consent: &Consent, tree: &OrganisationTree) -> Self {
        let what = &consent.what;
        let trimmed = |code: &String| code.trim().to_owned();
        let place = |origin: &Origin| tree.place(&origin.organisation);
        Self {
            consent: consent.clone(),
            types: what.document_types.iter().map(trimmed).collect(),
            origin: what.origin.as_ref().and_then(place),
        }
    }

    /// How the entry lies to the WHAT; its limits hold together, so the least certain of them decides.
    pub(crate) fn coverage(&self, label: &Label<'_>, tree: &OrganisationTree) -> Coverage {
        let sure = self.by_entry(label).min(self.by_type(label));
        if sure == Coverage::Outside {
            return sure;
        }
        sure.min(self.by_period(label))
            .min(self.by_origin(label, tree))
    }

    fn by_entry(&self, label: &Label<'_>) -> Coverage {
        match self.consent.what.entry {
            Some(uuid) if uuid != label.entry_uuid => Coverage::Outside,
            _ => Coverage::Inside,
        }
    }

    fn by_type(&self, label: &Label<'_>) -> Coverage {
        let code = label.type_code;
        let named = |named: &String| named.eq_ignore_ascii_case(code);
        if self.types.is_empty() || self.types.iter().any(named) {
            Coverage::Inside
        } else if code.is_empty() {
            Coverage::Unknown
        } else {
            Coverage::Outside
        }
    }

    fn by_period(&self, label: &Label<'_>) -> Coverage {
        match (&self.consent.what.period, label.data) {
            (None, _) => Coverage::Inside,
            (Some(_), None) => Coverage::Unknown,
            (Some(period), Some(data)) => period.coverage(data),
        }
    }

    fn by_origin(&self, label: &Label<'_>, tree: &OrganisationTree) -> Coverage {
        match (&self.consent.what.origin, label.author) {
            (None, _) => Coverage::Inside,
            (Some(_), None) => Coverage::Unknown,
            (Some(origin), Some(author)) => origin.of_data(self.origin, author, tree),
        }
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
    /// How data labelled with `author` lie to this organisation, which the tree keeps at `place`. Data labelled only
    /// with a parent unit may come from the organisation itself, and of one that the directory does not know nothing
    /// can be shown.
    fn of_data(&self, place: Option<Place>, author: Spot<'_>, tree: &OrganisationTree) -> Coverage {
        let id = &self.organisation;
        if author.is(Spot { id, place })
            || (self.with_underlying && tree.lies_within(author.place, place))
        {
            return Coverage::Inside;
        }
        let is_parent = tree.lies_within(place, author.place);
        let known = tree.lists(place) && (!self.with_underlying || tree.lists(author.place));
        if is_parent || !known {
            Coverage::Unknown
        } else {
            Coverage::Outside
        }
    }
}
