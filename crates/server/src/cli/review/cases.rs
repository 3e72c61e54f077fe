//! `delt review list|show`

use clap::Args;
use delt_proto::review::v1::{
    GetReviewCaseRequest, ListReviewCasesRequest, ReviewCaseKind, ReviewCaseState,
};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::output::receipt_line;
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::text::{as_json, as_text, table};
use super::words::{Kind, State};

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only cases after this number
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    after: u64,
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Only those that nobody works on: short for --state open
    #[arg(long, conflicts_with = "state")]
    open: bool,
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl List {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let state = self.state.or(self.open.then_some(State::Open));
        let request = ListReviewCasesRequest {
            context: session.context,
            after_number: self.after,
            kind: self
                .kind
                .map_or(0, |kind| ReviewCaseKind::from(kind).into()),
            state: state.map_or(0, |state| ReviewCaseState::from(state).into()),
            page_size: self.limit,
        };
        let answer = session.hub.reviews().list(request).await?;
        session.output.answer(
            || {
                json!({
                    "cases": answer.cases.iter().map(as_json).collect::<Value>(),
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || table(&answer.cases) + &receipt_line(answer.receipt.as_ref()),
        )?;
        Ok(Done::All)
    }
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// From `delt review list`
    number: u64,
}

impl Show {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = GetReviewCaseRequest {
            context: session.context,
            number: self.number,
        };
        let answer = session.hub.reviews().get(request).await?;
        let case = answer.review_case.unwrap_or_default();
        session.output.answer(
            || json!({ "review_case": as_json(&case), "receipt": wire::receipt(answer.receipt.as_ref()) }),
            || as_text(&case) + &receipt_line(answer.receipt.as_ref()),
        )?;
        Ok(Done::All)
    }
}
