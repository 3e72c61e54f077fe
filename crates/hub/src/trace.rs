//! The steps of a request as spans, for whoever collects them.
//!
//! A step is a name of this list and has no field, so nothing of a person can get into one. Where nobody collects them they cost next to nothing.

use tracing::{Span, info_span};

/// The target of all spans that may leave the process; nothing else has it.
pub const TARGET: &str = "delt_trace";

/// A part of a request that takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Credentials become a caller.
    Authenticate,
    /// What the decision is made of is read.
    Facts,
    /// The rules are asked.
    Decide,
    /// The operation, within what was decided.
    Run,
    /// The entry of the log becomes durable, with the wait for the batch that it is in.
    Audit,
    /// A source is asked for a document.
    Source,
}

impl Step {
    pub(crate) fn span(self) -> Span {
        match self {
            Self::Authenticate => info_span!(target: TARGET, "authenticate"),
            Self::Facts => info_span!(target: TARGET, "facts"),
            Self::Decide => info_span!(target: TARGET, "decide"),
            Self::Run => info_span!(target: TARGET, "run"),
            Self::Audit => info_span!(target: TARGET, "audit"),
            Self::Source => info_span!(target: TARGET, "source"),
        }
    }
}
