//! What a figure is counted under: closed sets, and names that the operator chose.

use std::fmt;

use delt_hub::Kind;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) operation: &'static str,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OperationLabel {
    pub(super) operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct HandshakeLabel {
    pub(super) reason: HandshakeFailure,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReloadLabel {
    pub(super) outcome: ReloadOutcome,
}

/// The version is a hash that the operator chose by choosing the policies: one value at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PolicyLabel {
    pub(super) version: String,
}

/// A witness by the name that the operator gave it in the policy.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WitnessLabel {
    pub(super) witness: String,
}

/// The problem is a stable code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WitnessProblemLabels {
    pub(super) witness: String,
    pub(super) problem: String,
}

/// How a reload ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReloadOutcome {
    /// What was read is in force.
    Done,
    /// Something was wrong with the files: what was in force stays.
    Refused,
    /// The store did not take it: what was in force stays.
    Failed,
}

impl EncodeLabelValue for ReloadOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
        .encode(encoder)
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    Ok,
    /// The caller went away before it was answered.
    Abandoned,
    Failed(Kind),
}

/// Why a connection did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandshakeFailure {
    /// Longer than the limit.
    Timeout,
    /// No common version, a certificate of an unknown authority, or no TLS at all.
    Tls,
    /// Without a certificate, when as many such connections are open as may be.
    Crowded,
}

impl Outcome {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Abandoned => "abandoned",
            Self::Failed(Kind::Invalid) => "invalid",
            Self::Failed(Kind::Unauthenticated) => "unauthenticated",
            Self::Failed(Kind::Denied) => "denied",
            Self::Failed(Kind::NotFound) => "not_found",
            Self::Failed(Kind::Conflict) => "conflict",
            Self::Failed(Kind::Stale) => "stale",
            Self::Failed(Kind::Exhausted) => "exhausted",
            Self::Failed(Kind::Unavailable) => "unavailable",
            Self::Failed(Kind::Internal) => "internal",
        }
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.label().encode(encoder)
    }
}

impl EncodeLabelValue for HandshakeFailure {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        match self {
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Crowded => "crowded",
        }
        .encode(encoder)
    }
}
