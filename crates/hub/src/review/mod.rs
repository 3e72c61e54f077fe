//! What somebody must look at afterwards, and the work of looking.
//!
//! A case is opened in the transaction that writes what it is about, so none is ever missing, and numbered without a gap, so a missing one would show.
//! Auditors then work on it step by step ([`ReviewCase::steps`]); steps are added and never changed.

mod case;
mod kind;
pub mod operations;
mod reach;
mod report;
pub(crate) mod rows;
pub mod rules;
mod sample;
mod text;
mod work;

pub use case::{ReviewCase, Step};
pub use kind::{CaseKind, CaseState, ReviewDecision, StepKind};
pub use report::{AccessCount, CaseCount, PeriodReport};
pub use sample::{ReviewSample, SAMPLE_MAX, Seed};
pub use text::{ASSIGNEE_MAX, Assignee, ReviewText, TEXT_MAX};

/// How cases come to be and how they are decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReviewSettings {
    /// What finds accesses that deserve a look.
    pub rules: rules::Rules,
    /// The kinds whose decision a second person must confirm.
    pub four_eyes: Vec<CaseKind>,
}
