//! A citizen's own check of the log: the numbers of all entries about one patient key, held against the log's signed statement.
//!
//! It needs nothing but what the citizen was given and the log's public key. No entry's content is in it.

mod fault;
mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chain::Chain;
use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::key::Verifier;
use crate::merkle::verify_inclusion;
use crate::statement::PatientStatement;

pub use fault::ChainFault;
pub use report::ChainReport;

/// The `format` that [`ChainFile`] has.
pub const CHAIN_FORMAT: &str = "delt-patient-chain/v1";

/// Faults that a report names before it only counts.
const MAX_FAULTS: usize = 20;

/// What a citizen keeps: a chain for each number that the log has them under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainFile {
    /// [`CHAIN_FORMAT`]
    pub format: String,
    pub chains: Vec<CitizenChain>,
}

/// All that the log has under one patient key, by hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitizenChain {
    /// Lower-case hexadecimal.
    pub patient_key: String,
    /// Signed note: see [`PatientStatement`].
    pub statement: String,
    /// Signed note: the checkpoint that the statement is about.
    pub checkpoint: String,
    /// Entries up to this number are not listed, because they were erased at the end of their retention.
    pub first_number: u64,
    /// The chain's head at that number.
    pub first_previous: Hash,
    pub entries: Vec<NumberedLeaf>,
}

/// One entry, by its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedLeaf {
    pub number: u64,
    pub leaf_hash: Hash,
    pub leaf_index: u64,
    /// Of the leaf in the tree of the statement.
    pub inclusion: Vec<Hash>,
    /// `visit`, `own`, `other`, `failed` or `older`: what the log says that it is.
    pub kind: String,
    /// RFC 3339, as the log says.
    pub recorded_at: String,
}

impl CitizenChain {
    /// Holds the list against the statement, and the statement against those that the citizen kept from earlier: signed notes, of which those about
    /// other patient keys are left aside.
    pub fn check(&self, verifier: &Verifier, earlier: &[String]) -> ChainReport {
        let mut check = Check {
            chain: self,
            faults: Vec::new(),
            uncompared: Vec::new(),
        };
        let statement = check.statement(verifier);
        if let Some(statement) = &statement {
            let leaves = check.numbers(statement);
            check.places(statement);
            let heads = check.heads(statement, &leaves);
            for note in earlier {
                check.kept(note, verifier, statement, heads.as_deref());
            }
        }
        ChainReport::new(self, statement.as_ref(), &check.faults, check.uncompared)
    }
}

/// A check under way.
struct Check<'a> {
    chain: &'a CitizenChain,
    faults: Vec<ChainFault>,
    /// Numbers of earlier statements that nothing in the list can be held against.
    uncompared: Vec<u64>,
}

impl Check<'_> {
    fn fault(&mut self, fault: ChainFault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }

    /// The statement, where the log signed it and it is about this patient and the checkpoint beside it.
    fn statement(&mut self, verifier: &Verifier) -> Option<PatientStatement> {
        let statement = match PatientStatement::open(&self.chain.statement, verifier) {
            Ok(statement) => statement,
            Err(error) => {
                self.fault(ChainFault::Statement(error));
                return None;
            }
        };
        if statement.patient != self.chain.patient_key {
            self.fault(ChainFault::OtherPatient);
        }
        match Checkpoint::open(&self.chain.checkpoint, verifier) {
            Err(error) => self.fault(ChainFault::Checkpoint(error)),
            Ok(signed) if (signed.size, signed.root) != (statement.size, statement.root) => {
                self.fault(ChainFault::OtherCheckpoint);
            }
            Ok(_) => {}
        }
        Some(statement)
    }

    /// The leaves by number. Each number of the statement must be there once, and no other; of those before the first, some may still be kept.
    fn numbers(&mut self, statement: &PatientStatement) -> BTreeMap<u64, Hash> {
        let mut leaves = BTreeMap::new();
        for entry in &self.chain.entries {
            let number = entry.number;
            if number == 0 || number > statement.chain.number {
                self.fault(ChainFault::Beyond { number });
            } else if number > self.chain.first_number
                && leaves.insert(number, entry.leaf_hash).is_some()
            {
                self.fault(ChainFault::Twice { number });
            }
        }
        let mut expected = self.chain.first_number.saturating_add(1);
        for number in leaves.keys().copied() {
            self.gap(expected, number);
            expected = number.saturating_add(1);
        }
        self.gap(expected, statement.chain.number.saturating_add(1));
        leaves
    }

    /// Reports the numbers from `first` up to before `next`, where there are any.
    fn gap(&mut self, first: u64, next: u64) {
        if first < next {
            let last = next.saturating_sub(1);
            self.fault(ChainFault::Missing { first, last });
        }
    }

    /// Every leaf must be in the tree of the checkpoint, each at a place of its own.
    fn places(&mut self, statement: &PatientStatement) {
        let mut taken = BTreeMap::new();
        for entry in &self.chain.entries {
            let number = entry.number;
            let included = verify_inclusion(
                &entry.leaf_hash,
                entry.leaf_index,
                statement.size,
                &entry.inclusion,
                &statement.root,
            );
            if included.is_err() {
                self.fault(ChainFault::NotIncluded { number });
            } else if taken.insert(entry.leaf_index, number).is_some() {
                self.fault(ChainFault::SamePlace { number });
            }
        }
    }

    /// The head after each number from `first_number` on, where they lead to the statement's.
    fn heads(
        &mut self,
        statement: &PatientStatement,
        leaves: &BTreeMap<u64, Hash>,
    ) -> Option<Vec<Hash>> {
        let begun = Chain::begin(&statement.salt);
        let mut chain = Chain {
            number: self.chain.first_number,
            head: self.chain.first_previous,
        };
        if chain.number == 0 && chain != begun {
            self.fault(ChainFault::Beginning);
        }
        let mut heads = vec![chain.head];
        for leaf in leaves.values() {
            chain = chain.with(&statement.salt, leaf);
            heads.push(chain.head);
        }
        if chain == statement.chain {
            return Some(heads);
        }
        // Where a number is missing the heads cannot meet, which is said already.
        if chain.number == statement.chain.number {
            self.fault(ChainFault::Head);
        }
        None
    }

    /// The chain must go on from where an earlier statement left it.
    fn kept(
        &mut self,
        note: &str,
        verifier: &Verifier,
        now: &PatientStatement,
        heads: Option<&[Hash]>,
    ) {
        let then = match PatientStatement::open(note, verifier) {
            Ok(then) if then.patient != now.patient => return,
            Ok(then) => then,
            Err(error) => return self.fault(ChainFault::Earlier(error)),
        };
        let number = then.chain.number;
        if then.salt != now.salt {
            self.fault(ChainFault::Salt);
        }
        if then.size > now.size || (then.size == now.size && then.root != now.root) {
            self.fault(ChainFault::Shrunk {
                then: then.size,
                now: now.size,
            });
        }
        if now.chain.number < number {
            return self.fault(ChainFault::Fewer {
                then: number,
                now: now.chain.number,
            });
        }
        let at = number.checked_sub(self.chain.first_number);
        let at = at.and_then(|at| usize::try_from(at).ok());
        if at.is_none() {
            self.uncompared.push(number);
        }
        let head = heads.zip(at).and_then(|(heads, at)| heads.get(at));
        if head.is_some_and(|head| *head != then.chain.head) {
            self.fault(ChainFault::Rewritten { number });
        }
    }
}
