//! `delt review take|assign|release|comment|decide`: the next step of the work on a case.

use clap::Args;
use delt_proto::common::v1::AuditReceipt;
use delt_proto::review::v1::{
    AssignReviewCaseRequest, CommentReviewCaseRequest, DecideReviewCaseRequest,
    GetReviewCaseRequest, ReviewCase, ReviewDecision,
};
use serde_json::json;

use super::super::arguments::HubArgs;
use super::super::connect::{Session, Usually};
use super::super::failure::Failure;
use super::super::output::receipt_line;
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::text::{as_json, as_text};
use super::words::Decision;

/// Which case, as it was seen.
#[derive(Debug, Args)]
struct Seen {
    /// From `delt review list`
    number: u64,
    /// As `delt review show` told it, so that nothing that came in between is passed over; whatever it is now when left out
    #[arg(long, value_name = "N")]
    revision: Option<u32>,
}

impl Seen {
    async fn revision(&self, session: &Session) -> Result<u32, Failure> {
        if let Some(revision) = self.revision {
            return Ok(revision);
        }
        let request = GetReviewCaseRequest {
            context: session.context.clone(),
            number: self.number,
        };
        let answer = session.hub.reviews().get(request).await?;
        Ok(answer.review_case.unwrap_or_default().revision)
    }
}

#[derive(Debug, Args)]
pub(super) struct Take {
    #[command(flatten)]
    seen: Seen,
}

#[derive(Debug, Args)]
pub(super) struct Assign {
    #[command(flatten)]
    seen: Seen,
    /// The colleague's id, as it stands in their token (`sub`)
    #[arg(long, value_name = "ID")]
    to: String,
}

#[derive(Debug, Args)]
pub(super) struct Release {
    #[command(flatten)]
    seen: Seen,
}

#[derive(Debug, Args)]
pub(super) struct Comment {
    #[command(flatten)]
    seen: Seen,
    /// At most 2000 characters
    text: String,
}

#[derive(Debug, Args)]
pub(super) struct Decide {
    /// From `delt review list`
    number: u64,
    #[arg(value_enum)]
    decision: Decision,
    /// Why; at most 2000 characters
    #[arg(long, value_name = "TEXT")]
    because: String,
    /// As `delt review show` told it, so that nobody decides on what they have not seen
    #[arg(long, value_name = "N")]
    revision: u32,
}

impl Take {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        assign(&self.seen, String::new(), false, hub, around).await
    }
}

impl Assign {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        if self.to.is_empty() {
            return Err(Failure::usage(
                "--to is empty; `delt review take` takes a case",
            ));
        }
        assign(&self.seen, self.to, false, hub, around).await
    }
}

impl Release {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        assign(&self.seen, String::new(), true, hub, around).await
    }
}

impl Comment {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let expected_revision = self.seen.revision(&session).await?;
        let request = CommentReviewCaseRequest {
            context: session.context.clone(),
            number: self.seen.number,
            text: self.text,
            expected_revision,
        };
        let answer = session.hub.reviews().comment(request).await?;
        tell(&session, answer.review_case, answer.receipt.as_ref())
    }
}

impl Decide {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = DecideReviewCaseRequest {
            context: session.context.clone(),
            number: self.number,
            decision: ReviewDecision::from(self.decision).into(),
            text: self.because,
            expected_revision: self.revision,
        };
        let answer = session.hub.reviews().decide(request).await?;
        tell(&session, answer.review_case, answer.receipt.as_ref())
    }
}

async fn assign(
    seen: &Seen,
    assignee: String,
    release: bool,
    hub: &HubArgs,
    around: &Surroundings<'_>,
) -> Outcome {
    let session = hub.connect(around, Usually::Auditor).await?;
    let request = AssignReviewCaseRequest {
        context: session.context.clone(),
        number: seen.number,
        assignee,
        release,
        expected_revision: seen.revision(&session).await?,
    };
    let answer = session.hub.reviews().assign(request).await?;
    tell(&session, answer.review_case, answer.receipt.as_ref())
}

fn tell(session: &Session, case: Option<ReviewCase>, receipt: Option<&AuditReceipt>) -> Outcome {
    let case = case.unwrap_or_default();
    session.output.answer(
        || json!({ "review_case": as_json(&case), "receipt": wire::receipt(receipt) }),
        || as_text(&case) + &receipt_line(receipt),
    )?;
    Ok(Done::All)
}
