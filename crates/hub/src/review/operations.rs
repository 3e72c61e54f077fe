//! What an auditor can ask about cases: those of the own organisation's users, as in the access log.

use std::collections::BTreeMap;

use delt_policy::{Action, Scope};

use super::{
    CaseKind, CaseState, ReviewCase,
    rows::{self, Range},
};
use crate::{
    Error, Result,
    audit::operations::may_follow_up_at,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

const SCAN_STEP: i64 = 500;

/// Cases by number, from the last one that was seen.
#[derive(Debug, Clone)]
pub struct ListReviewCases {
    /// 0 from the beginning.
    pub after: u64,
    pub kind: Option<CaseKind>,
    pub state: Option<CaseState>,
    /// Already bounded by the edge's settings.
    pub page_size: usize,
}

impl Sealed for ListReviewCases {}

impl Operation for ListReviewCases {
    type Outcome = Vec<ReviewCase>;
    const ACTION: Action = Action::ListReviewCases;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let filters = [
            ("kind", self.kind.map(CaseKind::as_str)),
            ("state", self.state.map(CaseState::as_str)),
        ];
        let filters = filters
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        let after = ("after_number".to_owned(), self.after.to_string());
        Subject {
            filters: filters.chain([after]).collect::<BTreeMap<_, _>>(),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<ReviewCase>>> {
        let mut range = Range {
            // No number is larger.
            after: i64::try_from(self.after).unwrap_or(i64::MAX),
            to: i64::MAX,
            kind: self.kind,
            state: self.state,
        };
        let mut cases = Vec::new();
        loop {
            let step = rows::select(tx, &cx.keys, range, SCAN_STEP).await?;
            let is_last = i64::try_from(step.len()).is_ok_and(|found| found < SCAN_STEP);
            for case in step {
                range.after = i64::try_from(case.number).map_err(Error::internal)?;
                if may_follow_up_at(&case.organisation, cx) {
                    cases.push(rows::with_word(tx, &cx.keys, case).await?);
                }
                if cases.len() == self.page_size {
                    return Ok(Found::new(cases));
                }
            }
            if is_last {
                return Ok(Found::new(cases));
            }
        }
    }
}

/// One case by its number.
#[derive(Debug, Clone)]
pub struct GetReviewCase {
    pub number: u64,
}

impl Sealed for GetReviewCase {}

impl Operation for GetReviewCase {
    type Outcome = ReviewCase;
    const ACTION: Action = Action::GetReviewCase;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.number.to_string()),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ReviewCase>> {
        let missing = || Error::new(code::NOT_FOUND);
        let number = i64::try_from(self.number).map_err(|_| missing())?;
        let range = Range {
            after: number.checked_sub(1).ok_or_else(missing)?,
            to: number,
            kind: None,
            state: None,
        };
        let found = rows::select(tx, &cx.keys, range, 1).await?.pop();
        let case = found.ok_or_else(missing)?;
        if !may_follow_up_at(&case.organisation, cx) {
            // Another organisation's case cannot be told from none. The log can.
            return Err(missing().logged_as(code::ACCESS_DENIED, Vec::new()));
        }
        let patient = case.patient;
        let case = rows::with_word(tx, &cx.keys, case).await?;
        let found = Found::new(case);
        Ok(match patient {
            Some(patient) => found.about(patient),
            None => found,
        })
    }
}
