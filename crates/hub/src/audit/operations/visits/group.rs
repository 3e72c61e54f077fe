//! Calls into visits, read newest first.
//!
//! A page holds whole visits, although visits of several actors run into each other: the next page begins behind the newest call of the page's last
//! visit, and its token says down to which moment each visit that goes on there was shown. What is older than that belongs to another visit.

use std::collections::HashMap;

use super::rows::Place;
use crate::clock::{HOUR, Micros};

/// No visit lasts longer: what never pauses, as a system that polls, would be one visit for ever.
const LONGEST: Micros = 24 * HOUR;
/// Nor has more calls.
const MOST_CALLS: usize = 500;
/// Visits that a page's token can say to go on; another one is cut there, and the rest of it is a visit on the next page.
pub(super) const MOST_OPEN: usize = 20;

/// Who, for whom, where, for what, and whether it was allowed: calls alike in this are of one visit.
pub(super) type Key = [u8; 8];

/// One visit under way: `calls` are what `Call` keeps of each entry.
#[derive(Debug)]
pub(super) struct Visit<Call> {
    key: Key,
    /// Its newest entry.
    newest: Place,
    oldest: Place,
    pub(super) calls: Vec<Call>,
    /// The place of each call.
    places: Vec<Place>,
    /// A later entry of the same actor did not belong to it.
    ended: bool,
}

impl<Call> Visit<Call> {
    pub(super) const fn start(&self) -> Micros {
        self.oldest.at
    }

    pub(super) const fn end(&self) -> Micros {
        self.newest.at
    }

    fn takes(&self, at: Micros, pause: Micros) -> bool {
        !self.ended
            && self.oldest.at.saturating_sub(at) < pause
            && self.newest.at.saturating_sub(at) < LONGEST
            // Calls of one moment stay together: a page's token tells visits apart by their moments.
            && (self.calls.len() < MOST_CALLS || self.oldest.at == at)
    }
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) before: Place,
    /// Visits that were shown and reach below that place, each down to this moment.
    pub(super) shown: Vec<(Key, Micros)>,
}

/// A page in the making.
#[derive(Debug)]
pub(super) struct Page<Call> {
    pause: Micros,
    size: usize,
    shown: HashMap<Key, Micros>,
    visits: Vec<Visit<Call>>,
    open: HashMap<Key, usize>,
    /// The first entry that belongs to the next page was seen.
    more: bool,
    last: Place,
}

impl<Call> Page<Call> {
    pub(super) fn new(size: usize, pause: Micros, from: Next) -> Self {
        Self {
            pause,
            size: size.max(1),
            shown: from.shown.into_iter().collect(),
            visits: Vec::new(),
            open: HashMap::new(),
            more: false,
            last: from.before,
        }
    }

    /// The entry that was read last.
    pub(super) const fn last(&self) -> Place {
        self.last
    }

    /// The next older entry that is no look.
    pub(super) const fn pass(&mut self, place: Place) {
        self.last = place;
    }

    /// The next older look.
    pub(super) fn add(&mut self, place: Place, key: Key, call: Call) {
        self.last = place;
        if self.shown.get(&key).is_some_and(|until| place.at >= *until) {
            return;
        }
        let found = self.open.get(&key).copied();
        if let Some(visit) = found.and_then(|index| self.visits.get_mut(index)) {
            if visit.takes(place.at, self.pause) {
                visit.oldest = place;
                visit.calls.push(call);
                visit.places.push(place);
                return;
            }
            visit.ended = true;
        }
        if self.visits.len() == self.size {
            self.more = true;
            return;
        }
        self.open.insert(key, self.visits.len());
        self.visits.push(Visit {
            key,
            newest: place,
            oldest: place,
            calls: vec![call],
            places: vec![place],
            ended: false,
        });
    }

    /// Whether the page is full and none of its visits can go on.
    pub(super) fn is_done(&self) -> bool {
        let at = self.last.at;
        self.visits.len() == self.size && !self.visits.iter().any(|v| v.takes(at, self.pause))
    }

    /// The visits, and where the next page begins: nowhere where `exhausted` says that no entry is left and none was left over.
    pub(super) fn finish(mut self, exhausted: bool) -> (Vec<Visit<Call>>, Option<Next>) {
        if exhausted && !self.more {
            return (self.visits, None);
        }
        let full = self.visits.len() == self.size;
        let newest = self.visits.last().map(|visit| visit.newest);
        let before = newest.filter(|_| full).unwrap_or(self.last);
        let mut shown: Vec<(Key, Micros)> = self
            .shown
            .into_iter()
            .filter(|(_, until)| *until <= before.at)
            .collect();
        for visit in &mut self.visits {
            if visit.oldest >= before {
                continue;
            }
            // Where one actor has two visits on the page, the older one tells how far down they were shown.
            if let Some(earlier) = shown.iter_mut().find(|(key, _)| *key == visit.key) {
                earlier.1 = earlier.1.min(visit.oldest.at);
            } else if shown.len() < MOST_OPEN {
                shown.push((visit.key, visit.oldest.at));
            } else {
                visit.cut(before);
            }
        }
        (self.visits, Some(Next { before, shown }))
    }
}

impl<Call> Visit<Call> {
    /// Leaves what is older than a place to the next page.
    fn cut(&mut self, before: Place) {
        let kept = self.places.iter().filter(|place| **place >= before).count();
        self.calls.truncate(kept);
        self.places.truncate(kept);
        if let Some(oldest) = self.places.last() {
            self.oldest = *oldest;
        }
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
