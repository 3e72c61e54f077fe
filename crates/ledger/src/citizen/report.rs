//! What a check of a citizen's chain came to.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::{ChainFault, CitizenChain};
use crate::statement::PatientStatement;

/// What a check of a citizen's chain came to. Its `Display` is for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    pub patient_key: String,
    /// The last number that the statement is about; none where the log did not sign it.
    pub number: Option<u64>,
    /// Leaves of the checkpoint that the statement is about.
    pub tree_size: Option<u64>,
    /// Entries up to this number were erased at the end of their retention, as the log says.
    pub erased: u64,
    /// How many entries the log says are of which kind.
    pub kinds: BTreeMap<String, u64>,
    /// Numbers that earlier statements count to, and that the log says were erased since: the list shows nothing to hold these statements against.
    pub uncompared: Vec<u64>,
    /// What is wrong, as sentences; nothing where all of it holds.
    pub faults: Vec<String>,
}

impl ChainReport {
    pub(super) fn new(
        chain: &CitizenChain,
        statement: Option<&PatientStatement>,
        faults: &[ChainFault],
        uncompared: Vec<u64>,
    ) -> Self {
        let mut kinds = BTreeMap::new();
        for entry in &chain.entries {
            *kinds.entry(entry.kind.clone()).or_default() += 1;
        }
        Self {
            patient_key: chain.patient_key.clone(),
            number: statement.map(|statement| statement.chain.number),
            tree_size: statement.map(|statement| statement.size),
            erased: chain.first_number,
            kinds,
            uncompared,
            faults: faults.iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether every entry that the log has is listed, and nothing was changed.
    pub fn is_complete(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for ChainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: String = self.patient_key.chars().take(12).collect();
        if !self.is_complete() {
            writeln!(
                f,
                "Patient key {key}…: the list is NOT complete and unchanged."
            )?;
            return self
                .faults
                .iter()
                .try_for_each(|fault| writeln!(f, "  - {fault}"));
        }
        let (number, size) = (self.number.unwrap_or(0), self.tree_size.unwrap_or(0));
        writeln!(
            f,
            "Patient key {key}…: complete. Every entry from number {} to {number} is listed and stands in the log of {size} leaves.",
            self.erased.saturating_add(1)
        )?;
        if self.erased > 0 {
            let erased = self.erased;
            writeln!(
                f,
                "  The log says that numbers 1 to {erased} were erased at the end of their retention."
            )?;
        }
        for number in &self.uncompared {
            writeln!(
                f,
                "  An earlier statement counts to {number}: it cannot be compared, because the log says that those entries were erased since."
            )?;
        }
        self.kinds
            .iter()
            .try_for_each(|(kind, count)| writeln!(f, "  {kind}: {count}"))
    }
}
