//! What is wrong with a citizen's chain, in sentences that a person can act on.

use crate::checkpoint::CheckpointError;
use crate::statement::StatementError;

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    #[error("the log did not sign this statement: {0}")]
    Statement(StatementError),
    #[error("the log did not sign this checkpoint: {0}")]
    Checkpoint(CheckpointError),
    #[error("the statement is about another patient key than the list")]
    OtherPatient,
    #[error("the statement is about another checkpoint than the one beside it")]
    OtherCheckpoint,
    #[error("{}", missing(*.first, *.last))]
    Missing { first: u64, last: u64 },
    #[error("number {number} is listed twice")]
    Twice { number: u64 },
    #[error("number {number} is listed, but is none of those that the statement is about")]
    Beyond { number: u64 },
    #[error(
        "the entry under number {number} is not in the log as the checkpoint has it: it was changed, or another was put in its place"
    )]
    NotIncluded { number: u64 },
    #[error("the entry under number {number} is listed under another number too")]
    SamePlace { number: u64 },
    #[error("the list begins with number 1, but not where this patient's chain begins")]
    Beginning,
    #[error(
        "the listed entries do not lead to the head that the log signed: one was changed, put in another order, or comes from elsewhere"
    )]
    Head,
    #[error("the log did not sign the statement that was kept from earlier: {0}")]
    Earlier(StatementError),
    #[error(
        "an earlier statement has another secret of the patient's than this one: the chain has been written anew"
    )]
    Salt,
    #[error(
        "an earlier statement is about {then} leaves and this one about {now}: the log has been rolled back, or has two histories"
    )]
    Shrunk { then: u64, now: u64 },
    #[error(
        "an earlier statement counts to {then} and this one to {now}: entries have been taken out of the log"
    )]
    Fewer { then: u64, now: u64 },
    #[error(
        "the entries up to number {number} are not those of the earlier statement: the log has been written anew"
    )]
    Rewritten { number: u64 },
}

fn missing(first: u64, last: u64) -> String {
    if first == last {
        format!(
            "number {first} is missing: the log has an entry about the patient that is not listed"
        )
    } else {
        format!(
            "numbers {first} to {last} are missing: the log has entries about the patient that are not listed"
        )
    }
}
