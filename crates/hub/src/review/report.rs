//! A period in figures.

use delt_ledger::Hash;
use delt_policy::OrganisationId;

use super::{CaseKind, CaseState, ReviewDecision};
use crate::clock::Micros;

/// What happened in a period at an organisation, and what came of its cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodReport {
    /// With its units.
    pub organisation: OrganisationId,
    pub organisation_name: String,
    /// Half-open.
    pub from: Micros,
    pub to: Micros,
    pub accesses: Vec<AccessCount>,
    /// The cases that were opened in the period, as they stand now.
    pub cases: Vec<CaseCount>,
    /// From opening to decision, of the cases decided in the period; none where none was.
    pub median_to_decision: Option<Micros>,
    /// The checkpoint that the figures stand on: every entry that is counted lies under it.
    pub tree_size: u64,
    pub root: Hash,
}

/// How many accesses of one kind there were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessCount {
    pub organisation: OrganisationId,
    pub organisation_name: String,
    pub operation: String,
    /// Empty where none was said.
    pub purpose: String,
    pub outcome: String,
    pub accesses: u64,
    /// Different persons who acted, and patients.
    pub persons: u64,
    pub patients: u64,
}

/// How many cases of one kind and state there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseCount {
    pub kind: CaseKind,
    pub state: CaseState,
    pub decision: Option<ReviewDecision>,
    pub cases: u64,
}
