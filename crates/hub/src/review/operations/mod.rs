//! What an auditor can do: see the cases of the own organisation's users, as in the access log, and work on them.

mod get;
mod list;
mod report;
mod sample;
mod samples;
mod step;

pub use get::GetReviewCase;
pub use list::ListReviewCases;
pub use report::GetPeriodReport;
pub use sample::{DrawSample, Drawn, KeepSample};
pub use samples::{ListSamples, SamplePage};
pub use step::{AssignReviewCase, AssignTo, CommentReviewCase, DecideReviewCase};
