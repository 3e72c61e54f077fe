//! What is remembered of the days so far, as much of it as a batch of entries needs, and what the batch adds.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use delt_policy::{OrganisationId, PatientKey};
use uuid::Uuid;

use super::danish_time::DAY;
use crate::{
    clock::Micros,
    patient::demographics::{Tag, Tags},
    review::CaseKind,
};

/// What is counted: by a rule, of a person or a patient, on a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Window {
    pub(super) rule: CaseKind,
    pub(super) subject: String,
    /// As [`super::danish_time::Local::day`] numbers it.
    pub(super) day: Micros,
}

/// One that was counted, with the entry that showed it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) window: Window,
    pub(super) member: Vec<u8>,
    pub(super) entry: Uuid,
}

/// Somebody was seen at work somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) person: PatientKey,
    pub(super) organisation: OrganisationId,
    pub(super) at: Micros,
}

/// What is remembered. What could not be read is none, and its rules rest for the batch.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The other numbers of those patients who have several.
    pub(super) linked: HashMap<PatientKey, Vec<PatientKey>>,
    pub(super) tags: Option<HashMap<PatientKey, Tags>>,
    /// When somebody was last seen at work somewhere.
    pub(super) work: Option<HashMap<PatientKey, HashMap<OrganisationId, Micros>>>,
    tallies: HashMap<Window, HashMap<Vec<u8>, Uuid>>,
    /// What the batch has added.
    pub(super) counted: Vec<Counted>,
    pub(super) seen: Vec<Seen>,
}

impl Known {
    /// Takes in what was counted before.
    pub(super) fn recall(&mut self, counted: Counted) {
        let tally = self.tallies.entry(counted.window).or_default();
        tally.insert(counted.member, counted.entry);
    }

    /// Counts one, and tells the entries that show it once there are `enough`: all of them for the one that makes it enough, its own for each one after.
    ///
    /// More than enough are not remembered, so that a tally is never larger.
    pub(super) fn count(&mut self, counted: Counted, enough: usize) -> Option<Vec<Uuid>> {
        let tally = self.tallies.entry(counted.window.clone()).or_default();
        if tally.len() >= enough {
            return Some(vec![counted.entry]);
        }
        let Entry::Vacant(place) = tally.entry(counted.member.clone()) else {
            return None;
        };
        place.insert(counted.entry);
        // By their ids, so that it does not matter which of them were remembered and which are new.
        let all = || tally.values().copied().collect::<BTreeSet<_>>();
        let shown = (tally.len() >= enough).then(|| all().into_iter().collect());
        self.counted.push(counted);
        shown
    }

    /// All numbers of a patient, the asked one first.
    pub(super) fn numbers(&self, patient: PatientKey) -> impl Iterator<Item = PatientKey> {
        let others = self.linked.get(&patient).into_iter().flatten().copied();
        std::iter::once(patient).chain(others)
    }

    /// Whether a tag of one kind is among those of a patient's numbers.
    pub(super) fn has_tag(
        &self,
        patient: PatientKey,
        tag: Tag,
        kind: impl Fn(&Tags) -> Option<Tag>,
    ) -> bool {
        self.numbers(patient)
            .any(|number| self.tags_of(&number).and_then(&kind) == Some(tag))
    }

    pub(super) fn tags_of(&self, number: &PatientKey) -> Option<&Tags> {
        self.tags.as_ref()?.get(number)
    }

    /// When a person was last seen at work at an organisation.
    pub(super) fn at_work(
        &self,
        person: &PatientKey,
        organisation: &OrganisationId,
    ) -> Option<Micros> {
        let places = self.work.as_ref()?.get(person)?;
        places.get(organisation).copied()
    }

    /// Remembers that somebody works somewhere; to the day, so that not every entry writes a row.
    pub(super) fn learn(&mut self, person: PatientKey, organisation: &OrganisationId, at: Micros) {
        let fresh = self
            .at_work(&person, organisation)
            .is_some_and(|seen| at < seen.saturating_add(DAY));
        let Some(work) = self.work.as_mut().filter(|_| !fresh) else {
            return;
        };
        let places = work.entry(person).or_default();
        places.insert(organisation.clone(), at);
        self.seen.push(Seen {
            person,
            organisation: organisation.clone(),
            at,
        });
    }
}
