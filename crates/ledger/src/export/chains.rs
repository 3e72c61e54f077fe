//! Every patient's chain, as a complete export passes: numbers without a gap, each entry naming the head before it.

use std::collections::HashMap;

use super::ProblemKind;
use super::statements::{Statements, Step};
use crate::chain::{Chain, ChainKey, ChainLink, ChainSalt};
use crate::entry::Entry;
use crate::hash::{Hash, sha256};

/// Most patients whose chains are followed, about 1 GiB: more than live in Denmark.
const MAX_PATIENTS: usize = 1 << 23;

/// Since this version of the entry, each that names a patient has a place in the patient's chain.
const NUMBERED_SINCE: u32 = 2;

/// How far one patient's chain has come.
struct Followed {
    chain: Chain,
    /// How many leaves before its last entry showed no entry.
    hidden: u64,
}

/// All chains of a log.
pub(super) struct Chains {
    key: ChainKey,
    /// By the hash of the patient key, which has a fixed length whatever a hostile export writes.
    followed: HashMap<Hash, Followed>,
    /// Numbers that no entry showed.
    missing: u64,
    /// An entry of a version that numbers has been seen. What stands behind it is numbered too, whatever version it gives itself.
    numbered: bool,
    full: bool,
}

/// A leaf that was proved to stand in the log, with its entry.
pub(super) struct Placed<'a> {
    pub(super) index: u64,
    pub(super) leaf: Hash,
    pub(super) entry: &'a Entry,
    /// How many leaves before this one showed no entry: erased, or already a problem.
    pub(super) hidden: u64,
}

impl Chains {
    pub(super) fn new(key: ChainKey) -> Self {
        Self {
            key,
            followed: HashMap::new(),
            missing: 0,
            numbered: false,
            full: false,
        }
    }

    pub(super) fn patients(&self) -> u64 {
        self.followed.len() as u64
    }

    pub(super) fn salt(&self, patient: &str) -> ChainSalt {
        ChainSalt::derive(&self.key, patient)
    }

    /// The number of the patient's last entry; 0 where there is none.
    pub(super) fn last(&self, patient: &str) -> u64 {
        let followed = self.followed.get(&name(patient));
        followed.map_or(0, |followed| followed.chain.number)
    }

    /// Follows the chain through one entry, and tells what is wrong with it.
    pub(super) fn take(
        &mut self,
        placed: &Placed<'_>,
        statements: &mut Statements,
    ) -> Option<ProblemKind> {
        self.numbered |= placed.entry.version >= NUMBERED_SINCE;
        let patient = placed.entry.patient.as_deref()?;
        let Some(link) = placed.entry.patient_chain else {
            return self.numbered.then_some(ProblemKind::ChainMissing);
        };
        let patient_name = name(patient);
        if self.followed.len() >= MAX_PATIENTS && !self.followed.contains_key(&patient_name) {
            let first = !std::mem::replace(&mut self.full, true);
            return first.then_some(ProblemKind::TooManyPatients);
        }
        let salt = self.salt(patient);
        let before = self.followed.get(&patient_name);
        let problem = self.fault(before, &salt, link, placed.hidden);
        let known = before.map_or(0, |followed| followed.chain.number);
        if let Some(ProblemKind::ChainRepeated { .. }) = problem {
            return problem;
        }
        let gap = link.number.saturating_sub(known).saturating_sub(1);
        self.missing = self.missing.saturating_add(gap);
        let chain = Chain {
            number: link.number.saturating_sub(1),
            head: link.previous,
        };
        let after = chain.with(&salt, &placed.leaf);
        statements.follow(&Step {
            patient,
            before: chain,
            after,
            index: placed.index,
        });
        let hidden = placed.hidden;
        self.followed.insert(
            patient_name,
            Followed {
                chain: after,
                hidden,
            },
        );
        problem
    }

    fn fault(
        &self,
        before: Option<&Followed>,
        salt: &ChainSalt,
        link: ChainLink,
        hidden: u64,
    ) -> Option<ProblemKind> {
        let begun = Followed {
            chain: Chain::begin(salt),
            hidden: 0,
        };
        let before = before.unwrap_or(&begun);
        let next = before.chain.next_link();
        let number = link.number;
        if number < next.number {
            return Some(ProblemKind::ChainRepeated { number });
        }
        if number == next.number {
            let broken = link.previous != next.previous;
            return broken.then_some(ProblemKind::ChainBroken { number });
        }
        // Where payloads were erased, or entries are missing from the export, their numbers are missing with them; but no more than that.
        let gap = number - next.number;
        let explained = gap <= hidden.saturating_sub(before.hidden)
            && self.missing.saturating_add(gap) <= hidden;
        (!explained).then_some(ProblemKind::ChainGap {
            from: next.number,
            through: number - 1,
        })
    }
}

fn name(patient: &str) -> Hash {
    sha256(&[patient.as_bytes()])
}
