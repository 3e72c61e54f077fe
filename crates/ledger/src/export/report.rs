//! What a verification found, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::problem::{Problem, ProblemKind};
use super::receipts::{ReceiptFinding, ReceiptVerdict};
use super::statements::{StatementFinding, StatementVerdict};
use crate::hash::Hash;

/// Most problems listed one by one; the rest are counted.
pub const MAX_PROBLEMS: usize = 1000;

/// The result of verifying an export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log's name, where the checkpoint could be read.
    pub origin: Option<String>,
    /// The checkpoint's tree size and root.
    pub size: u64,
    pub root: Option<Hash>,
    /// Whether the export claims to hold every leaf. A caller who was promised a complete one must look.
    pub complete: bool,
    /// Lines whose leaf was proved to be in the log at its index.
    pub proved: u64,
    /// How many of those hold only a commitment, their payload having been erased.
    pub erased: u64,
    /// Older checkpoints that the log was proved to extend.
    pub extended: u64,
    /// Patients whose chain was followed; none where the export does not show whole chains.
    pub chains: Option<u64>,
    /// Witnesses that cosigned the checkpoint, by the names of the policy given.
    pub cosigned: Vec<String>,
    /// What became of each receipt given, except those that the log never signed: these are problems.
    pub receipts: Vec<ReceiptFinding>,
    /// The same of each statement.
    pub statements: Vec<StatementFinding>,
    pub problems: Vec<Problem>,
    /// Problems beyond [`MAX_PROBLEMS`].
    pub problems_omitted: u64,
}

impl Report {
    /// Whether nothing wrong was found.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty() && self.problems_omitted == 0
    }

    /// Whether everything that was to be held against the export could be: a partial one leaves receipts and statements open.
    pub fn is_settled(&self) -> bool {
        let receipts = self.receipts.iter();
        let statements = self.statements.iter();
        receipts
            .map(|one| &one.verdict)
            .all(|verdict| *verdict != ReceiptVerdict::Unsettled)
            && statements
                .map(|one| &one.verdict)
                .all(|verdict| *verdict != StatementVerdict::Unsettled)
    }

    pub(super) fn add(&mut self, line: Option<u64>, index: Option<u64>, kind: ProblemKind) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { line, index, kind });
        } else {
            self.problems_omitted = self.problems_omitted.saturating_add(1);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin.as_deref().unwrap_or("unknown");
        if self.is_intact() {
            writeln!(f, "The export is intact.")?;
        } else {
            let count = self
                .problems_omitted
                .saturating_add(self.problems.len() as u64);
            let noun = if count == 1 { "problem" } else { "problems" };
            writeln!(f, "The export is NOT intact: {count} {noun}.")?;
        }
        writeln!(f, "  log         {origin}")?;
        if let Some(root) = self.root {
            writeln!(f, "  checkpoint  {} entries, root {root}", self.size)?;
        }
        let extent = if self.complete {
            "complete: every entry of the log"
        } else {
            "partial: cannot show that nothing was left out of it"
        };
        writeln!(f, "  export      {extent}")?;
        writeln!(
            f,
            "  proved      {} entries, {} of them erased",
            self.proved, self.erased
        )?;
        if self.extended > 0 {
            writeln!(f, "  extends     {} older checkpoints", self.extended)?;
        }
        self.show_held(f)?;
        self.problems
            .iter()
            .try_for_each(|problem| writeln!(f, "  - {problem}"))?;
        if self.problems_omitted > 0 {
            writeln!(f, "  - and {} more", self.problems_omitted)?;
        }
        Ok(())
    }
}

impl Report {
    /// What the export was held against.
    fn show_held(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(patients) = self.chains {
            writeln!(f, "  chains      {patients} patients")?;
        }
        if !self.cosigned.is_empty() {
            writeln!(f, "  cosigned    by {}", self.cosigned.join(", "))?;
        }
        for receipt in &self.receipts {
            writeln!(f, "  receipt {}   {}", receipt.position, receipt.verdict)?;
        }
        for one in &self.statements {
            writeln!(
                f,
                "  statement {} number {}: {}",
                one.position, one.number, one.verdict
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for ReceiptVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stands { index } => {
                write!(f, "kept: the entry stands in the log as number {index}")
            }
            Self::NotDue { promised_by } => {
                write!(
                    f,
                    "not yet due: promised by {promised_by}, and nothing here is from after that"
                )
            }
            Self::Broken { .. } => f.write_str("BROKEN: see below"),
            Self::Unsettled => {
                f.write_str("open: this export is partial and does not show what the log lacks")
            }
        }
    }
}

impl fmt::Display for StatementVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds => "holds: the log has the patient's entries as they were stated",
            Self::Broken { .. } => "BROKEN: see below",
            Self::Erased => "cannot be checked any more: entries of that time have been erased",
            Self::Unsettled => "open: this export does not show whole chains",
        })
    }
}
