//! Random samples of the log that anybody with the log can draw again.
//!
//! A sample is determined by a seed that nobody knew when the period ended, and by the first checkpoint under which all of the period's look-ups
//! lie. Every look-up gets a ticket, SHA-256 over seed, root and leaf hash; the lowest tickets are the sample. The root and the leaves were fixed
//! before the seed was known, so neither who draws nor who runs the log chooses what is drawn.

mod redraw;

use std::collections::BTreeMap;

pub use redraw::{Moment, Plan, RedrawError, Redrawn, redraw};

use crate::entry::{Entry, Outcome, PersonKind};
use crate::hash::{Hash, sha256};

/// Separates these hashes from every other SHA-256 of the system. The terminating zero makes it prefix-free.
const DOMAIN: &[u8] = b"delt-review-sample/v1\0";

/// The operations that show somebody's record to a user: what samples are drawn from.
pub const LOOK_UPS: [&str; 3] = ["SearchRecord", "RetrieveDocument", "GetDocument"];

/// The number of a look-up in the draw, as 32 bytes.
pub fn ticket(seed: &str, root: &Hash, leaf: &Hash) -> Hash {
    let length = (seed.len() as u64).to_be_bytes();
    sha256(&[
        DOMAIN,
        &length,
        seed.as_bytes(),
        root.as_bytes(),
        leaf.as_bytes(),
    ])
}

/// Whether an entry is a look-up that a user was permitted: a person at work, not a citizen and not a system by itself.
pub fn is_look_up(entry: &Entry) -> bool {
    let person = entry.actor.person.as_ref();
    LOOK_UPS.contains(&entry.operation.as_str())
        && entry.outcome == Outcome::Permitted
        && person.is_some_and(|person| person.kind != PersonKind::Citizen)
}

/// Where an entry was made, as samples count it: at the user's organisation, or else at the system's.
pub fn place(entry: &Entry) -> Option<&str> {
    let person = entry.actor.person.as_ref();
    person
        .and_then(|person| person.organisation.as_deref())
        .or(entry.actor.system_organisation.as_deref())
}

/// A draw in memory that does not grow with what is drawn from.
#[derive(Debug)]
pub struct Draw<T> {
    seed: String,
    root: Hash,
    size: usize,
    population: u64,
    /// The lowest tickets so far. Leaves differ, so no two tickets are the same.
    lowest: BTreeMap<[u8; 32], T>,
}

impl<T> Draw<T> {
    /// A draw of `size` look-ups under this seed and the root of the checkpoint.
    pub fn new(seed: &str, root: Hash, size: usize) -> Self {
        Self {
            seed: seed.to_owned(),
            root,
            size,
            population: 0,
            lowest: BTreeMap::new(),
        }
    }

    /// Takes one more look-up into what is drawn from. Each once, in any order.
    pub fn enter(&mut self, leaf: &Hash, item: T) {
        self.population += 1;
        let ticket = *ticket(&self.seed, &self.root, leaf).as_bytes();
        let highest = self.lowest.last_key_value().map(|(ticket, _)| *ticket);
        if self.lowest.len() < self.size || highest.is_some_and(|highest| ticket < highest) {
            self.lowest.insert(ticket, item);
        }
        if self.lowest.len() > self.size {
            self.lowest.pop_last();
        }
    }

    /// How many it is drawn from.
    pub const fn population(&self) -> u64 {
        self.population
    }

    /// The sample, lowest ticket first.
    pub fn drawn(self) -> Vec<T> {
        self.lowest.into_values().collect()
    }
}

#[cfg(test)]
mod tests;
