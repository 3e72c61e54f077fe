//! What a verification found, for people and for programs.

use std::fmt;

use serde::Serialize;

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
    pub problems: Vec<Problem>,
    /// Problems beyond [`MAX_PROBLEMS`].
    pub problems_omitted: u64,
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line of the file, from 1; none where the problem is something absent or outside the file.
    pub line: Option<u64>,
    /// Index of the leaf.
    pub index: Option<u64>,
    #[serde(flatten)]
    pub kind: ProblemKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The first line is missing or not a header; nothing else could be checked.
    HeaderMalformed,
    /// The header's note is not a checkpoint; nothing else could be checked.
    CheckpointMalformed,
    /// The checkpoint is not signed by the expected key. The lines were checked against it all the same.
    CheckpointNotSigned,
    LineMalformed,
    LineTooLong,
    /// The file ends in the middle of a line.
    Truncated,
    /// The entry, its salt, its commitment, its index or its proof is not that of the log.
    EntryChanged,
    /// The index is beyond the checkpoint's size.
    IndexOutOfRange,
    Duplicate,
    /// The line stands behind one with a higher index.
    Reordered,
    /// A complete export lacks the entries from the problem's index up to and including `through`.
    Removed {
        through: u64,
    },
    /// The root recomputed from the leaves is not the checkpoint's.
    RootMismatch,
    /// An older checkpoint, by its position in the list given, is not signed by the expected key.
    TrustedNotSigned {
        position: usize,
    },
    /// The log does not extend an older checkpoint: its history was rewritten.
    HistoryRewritten {
        position: usize,
    },
    /// Neither a consistency proof nor a complete export in order was there to compare with an older checkpoint.
    HistoryUnproved {
        position: usize,
    },
}

impl Report {
    /// Whether nothing wrong was found.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty() && self.problems_omitted == 0
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
        self.problems
            .iter()
            .try_for_each(|problem| writeln!(f, "  - {problem}"))?;
        if self.problems_omitted > 0 {
            writeln!(f, "  - and {} more", self.problems_omitted)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(index) = self.index {
            write!(f, "entry {index}: ")?;
        }
        write!(f, "{}", self.kind)
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::HeaderMalformed => "not the header of an audit export; nothing could be checked",
            Self::CheckpointMalformed => "the checkpoint cannot be read; nothing could be checked",
            Self::CheckpointNotSigned => "the checkpoint is not signed by the expected key",
            Self::LineMalformed => "the line was altered: it is not in the form of an export line",
            Self::LineTooLong => "the line is too long",
            Self::Truncated => "the file ends in the middle of this line",
            Self::EntryChanged => "changed: this is not what the log holds at this position",
            Self::IndexOutOfRange => "the position is beyond the end of the log",
            Self::Duplicate => "repeated: the position was already shown",
            Self::Reordered => "out of order: it stands behind a later entry",
            Self::Removed { through } => return write!(f, "removed, up to entry {through}"),
            Self::RootMismatch => "the entries together do not give the checkpoint's root",
            Self::TrustedNotSigned { position } => {
                return write!(
                    f,
                    "older checkpoint {position}: not signed by the expected key"
                );
            }
            Self::HistoryRewritten { position } => {
                return write!(
                    f,
                    "older checkpoint {position}: the log's history was rewritten"
                );
            }
            Self::HistoryUnproved { position } => {
                return write!(
                    f,
                    "older checkpoint {position}: nothing proves that the log extends it"
                );
            }
        };
        f.write_str(text)
    }
}
