//! What can be wrong with an export, in words.

use std::fmt;

use serde::Serialize;

use super::receipts::Evidence;
use super::statements::StatementFault;

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
    /// The checkpoint does not satisfy the witness policy given.
    PolicyUnsatisfied {
        reason: String,
    },
    /// The entry is of a form that is not known here, so that its chain cannot be followed.
    EntryUnreadable,
    /// The entry names a patient and has no place in the patient's chain.
    ChainMissing,
    /// The patient's chain skips numbers that no erased entry accounts for.
    ChainGap {
        from: u64,
        through: u64,
    },
    /// A second entry with a number that the patient's chain has passed.
    ChainRepeated {
        number: u64,
    },
    /// The head that the entry names is not that of the entry before it in the patient's chain.
    ChainBroken {
        number: u64,
    },
    /// There are more patients than can be followed; the chains of the rest were not verified.
    TooManyPatients,
    /// A receipt, by its position in the list given, cannot be read or is not signed by the expected key.
    ReceiptNotSigned {
        position: usize,
    },
    /// The log broke the promise of a receipt that it signed.
    ReceiptBroken {
        position: usize,
        entry_id: String,
        promised_by: String,
        #[serde(flatten)]
        evidence: Evidence,
    },
    /// A statement, by its position in the list given, cannot be read or is not signed by the expected key.
    StatementNotSigned {
        position: usize,
    },
    /// The log is not what a statement that it signed says.
    StatementBroken {
        position: usize,
        number: u64,
        fault: StatementFault,
    },
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
    #[expect(
        clippy::too_many_lines,
        reason = "a sentence for each problem, read as a table"
    )]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Removed { through } => write!(f, "removed, up to entry {through}"),
            Self::TrustedNotSigned { position } => {
                write!(
                    f,
                    "older checkpoint {position}: not signed by the expected key"
                )
            }
            Self::HistoryRewritten { position } => {
                write!(
                    f,
                    "older checkpoint {position}: the log's history was rewritten"
                )
            }
            Self::HistoryUnproved { position } => {
                write!(
                    f,
                    "older checkpoint {position}: nothing proves that the log extends it"
                )
            }
            Self::PolicyUnsatisfied { reason } => {
                write!(f, "the witness policy is not satisfied: {reason}")
            }
            Self::ChainGap { from, through } => {
                write!(
                    f,
                    "MISBEHAVIOUR: the patient's chain skips numbers {from} to {through}, and no erased entry accounts for them"
                )
            }
            Self::ChainRepeated { number } => {
                write!(
                    f,
                    "MISBEHAVIOUR: the patient's chain had already passed number {number}"
                )
            }
            Self::ChainBroken { number } => {
                write!(
                    f,
                    "MISBEHAVIOUR: the patient's chain does not lead from the entry before to number {number}"
                )
            }
            Self::ReceiptNotSigned { position } => {
                write!(
                    f,
                    "receipt {position}: not a receipt signed by the expected key"
                )
            }
            Self::ReceiptBroken {
                position,
                entry_id,
                promised_by,
                evidence,
            } => {
                write!(
                    f,
                    "receipt {position}: MISBEHAVIOUR, proved: the log promised entry {entry_id} by {promised_by}; {evidence}"
                )
            }
            Self::StatementNotSigned { position } => {
                write!(
                    f,
                    "statement {position}: not a statement signed by the expected key"
                )
            }
            Self::StatementBroken {
                position,
                number,
                fault,
            } => {
                write!(
                    f,
                    "statement {position}: MISBEHAVIOUR, proved: the log signed that the patient's last number was {number}; {fault}"
                )
            }
            other => f.write_str(other.plainly()),
        }
    }
}

impl ProblemKind {
    /// In words, where no figure belongs to it.
    const fn plainly(&self) -> &'static str {
        match self {
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
            Self::RootMismatch => "the entries together do not give the checkpoint's root",
            Self::EntryUnreadable => {
                "of a form that is not known here; its patient's chain cannot be followed"
            }
            Self::ChainMissing => {
                "MISBEHAVIOUR: it names a patient and has no number in the patient's chain"
            }
            Self::TooManyPatients => {
                "more patients than can be followed; the chains of the rest were not verified"
            }
            // Those with figures are written by `Display`.
            _ => "",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LaterEntry { index, recorded_at } => {
                write!(
                    f,
                    "it is not there, and the log went on: its entry {index} was recorded at {recorded_at}"
                )
            }
            Self::LaterCosignature { witness, time } => {
                write!(
                    f,
                    "it is not there, and witness {witness} cosigned the checkpoint at {time}"
                )
            }
            Self::OwnClock { time } => {
                write!(f, "it is not there, and by your own word it was {time}")
            }
            Self::OtherContent { index } => write!(
                f,
                "entry {index} of the log has the same id and other content"
            ),
        }
    }
}

impl fmt::Display for StatementFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Checkpoint => "the log's history before the statement was rewritten",
            Self::Salt => "the statement's salt is not that of the patient",
            Self::Missing => "the log lacks entries up to that number",
            Self::Head => "the entries up to that number are others now",
            Self::Late => "the entry with that number stands behind the statement's checkpoint",
            Self::Understated => "there was a later entry already, which the statement left out",
        })
    }
}
