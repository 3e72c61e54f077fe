//! Witnesses: others who saw the log grow, and say so (C2SP tlog-witness, tlog-cosignature, tlog-policy).
//!
//! ```text
//! newest checkpoint ─ [rounds] whom to ask, about which one ─ [ask] proof, question, answer ─ [rows] cosignatures, how each is doing
//!                                                                                     [published] the newest one that the policy is content with
//! ```
//!
//! One hub of several asks, whoever holds the [lease]. No request ever waits for a witness, and no witness for another.

mod ask;
mod keep;
pub(super) mod lease;
mod published;
mod rounds;
mod rows;
mod task;

use std::fmt::Debug;

use futures_util::future::BoxFuture;

use crate::clock::Micros;
use ask::Problem;

/// Longest time for one answer of a witness, in milliseconds.
pub const WITNESS_DEADLINE_MS: u64 = 10_000;

/// Largest answer of a witness that is read, in bytes.
pub const WITNESS_ANSWER_MAX: usize = 64 * 1024;

/// Asks witnesses. The edge implements it, because it owns the wire.
pub trait Witnesses: Debug + Send + Sync {
    /// Sends the body of an `add-checkpoint` request to the witness whose submission prefix is `url`. Ends on its own within [`WITNESS_DEADLINE_MS`].
    fn add_checkpoint(
        &self,
        url: &str,
        body: String,
    ) -> BoxFuture<'static, Result<WitnessAnswer, WitnessFault>>;
}

/// What a witness answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WitnessAnswer {
    /// 200: signature lines, not verified yet.
    Cosigned(String),
    /// 409: the size of the newest checkpoint that it has cosigned.
    Conflict(u64),
    /// Any other status.
    Refused(u16),
}

/// Why a witness did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WitnessFault {
    Unreachable,
    TimedOut,
    /// It answered what is not of the protocol.
    Unreadable,
}

/// How a witness is doing, for the operator and for anyone who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessState {
    /// What the policy calls it.
    pub name: String,
    /// C2SP vkey.
    pub verifier_key: String,
    /// The largest tree that it cosigned for this log; 0 where none.
    pub tree_size: u64,
    pub cosigned_at: Option<Micros>,
    /// How long the oldest checkpoint that it has not cosigned, nor a newer one, has waited, in microseconds; 0 where none has.
    pub lag: Micros,
    /// Why the last attempt failed, as a stable code.
    pub problem: Option<String>,
}

impl WitnessState {
    /// Whether it says that this log is not the one it has seen.
    pub fn contradicts(&self) -> bool {
        let about_the_log = [Problem::Ahead, Problem::Refused(422)].map(Problem::code);
        self.problem
            .as_deref()
            .is_some_and(|problem| about_the_log.contains(&problem))
    }
}

/// How the witnessing of the log is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Witnessing {
    /// The policy as written; none where nobody is asked.
    pub policy: Option<String>,
    pub witnesses: Vec<WitnessState>,
    /// Size of the newest checkpoint.
    pub tree_size: u64,
    /// Size of the newest one that the policy is content with; none where none is.
    pub published_size: Option<u64>,
    /// How long the oldest checkpoint that is newer than that has waited, in microseconds; 0 where none has.
    pub lag: Micros,
}
