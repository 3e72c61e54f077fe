//! Whose cosignatures a checkpoint needs (C2SP tlog-policy).
//!
//! [`WitnessPolicy::parse`] reads the file, [`WitnessPolicy::open`] opens a signed checkpoint that the policy holds for valid. Bounded: a policy has no
//! more than [`MAX_POLICY_BYTES`] bytes, and no more than [`MAX_POLICY_ITEMS`] logs, witnesses and groups each.

mod parse;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;

pub use parse::{PolicyError, PolicyFault};
pub use verify::{Cosigned, PolicyRefusal, Witnessed};

use crate::cosignature::CosignatureVerifier;
use crate::key::Verifier;

/// Largest policy file, in bytes.
pub const MAX_POLICY_BYTES: usize = 256 * 1024;

/// Most logs of a policy; the same for witnesses and for groups. Below what a note has room for in signatures.
pub const MAX_POLICY_ITEMS: usize = 64;

/// A policy. Read one with [`WitnessPolicy::parse`]; its `Display` is the file as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessPolicy {
    text: String,
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Quorum,
}

/// A log that the policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its name is the log's origin.
    pub verifier: Verifier,
    pub url: Option<String>,
}

/// A witness that the policy knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// What the policy calls it. The name of its key may be another.
    pub name: String,
    pub verifier: CosignatureVerifier,
    /// The submission prefix of tlog-witness.
    pub url: Option<String>,
}

/// At least `threshold` of `members` must have witnessed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    threshold: usize,
    members: Vec<Member>,
}

/// A witness or a group, by its place in the policy. A group's members stand before it, so there are no circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// What the quorum line names; none for `quorum none`.
type Quorum = Option<Member>;

impl WitnessPolicy {
    /// The policy in its written form. Bytes that are no UTF-8 are shown as replacement characters.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The logs, in the order of the file. None where the log is known from elsewhere.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses, in the order of the file.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether any cosignature is needed at all: not so with `quorum none`.
    pub fn needs_witnesses(&self) -> bool {
        self.quorum.is_some()
    }

    /// The least number of witnesses that can satisfy the policy.
    pub fn fewest_witnesses(&self) -> usize {
        let mut needs = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let mut of_members: Vec<usize> = group
                .members
                .iter()
                .map(|member| fewest(*member, &needs))
                .collect();
            of_members.sort_unstable();
            needs.push(of_members.iter().take(group.threshold).sum());
        }
        self.quorum.map_or(0, |member| fewest(member, &needs))
    }

    /// Whether the quorum is reached where `cosigned(n)` says it of the witness at place `n` of [`WitnessPolicy::witnesses`].
    pub fn is_reached(&self, cosigned: impl Fn(usize) -> bool) -> bool {
        let mut groups = Vec::with_capacity(self.groups.len());
        let holds = |member: &Member, groups: &[bool]| match *member {
            Member::Witness(at) => cosigned(at),
            Member::Group(at) => groups.get(at).copied().unwrap_or(false),
        };
        for group in &self.groups {
            let count = group.members.iter().filter(|m| holds(m, &groups)).count();
            groups.push(count >= group.threshold);
        }
        self.quorum
            .as_ref()
            .is_none_or(|member| holds(member, &groups))
    }
}

fn fewest(member: Member, groups: &[usize]) -> usize {
    match member {
        Member::Witness(_) => 1,
        Member::Group(at) => groups.get(at).copied().unwrap_or(usize::MAX),
    }
}

impl fmt::Display for WitnessPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
