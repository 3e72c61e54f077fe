//! `GetReviewCase`: one case, with its evidence and the work so far.

use delt_policy::{Action, Scope};

use crate::{
    Error, Result,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        ReviewCase,
        reach::{concerns, hidden, must_reach, reviewer},
        rows,
        work::Reviewer,
    },
    store::Tx,
};

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
        found(tx, cx, self.number).await.map(about)
    }
}

/// The case, where it is the caller's to follow up. Another organisation's, and one about the caller, cannot be told from none.
pub(super) async fn found(tx: &mut Tx<'_>, cx: &Context, number: u64) -> Result<ReviewCase> {
    let case = rows::one(tx, &cx.keys, number).await?;
    let case = case.ok_or_else(|| Error::new(code::NOT_FOUND))?;
    must_reach(&case.organisation, cx)?;
    let by = reviewer(cx)?;
    if concerns(&case, &by) || is_among(tx, &case, &by).await? {
        return Err(hidden());
    }
    Ok(case)
}

/// Whether a case about no single person is also about the reviewer.
async fn is_among(tx: &mut Tx<'_>, case: &ReviewCase, by: &Reviewer) -> Result<bool> {
    if case.person_id.is_some() {
        return Ok(false);
    }
    for entry in &case.evidence {
        if rows::is_actor(tx, *entry, by).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The case, with the patient whom its audit entry is about.
pub(super) fn about(case: ReviewCase) -> Found<ReviewCase> {
    let patient = case.patient;
    let found = Found::new(case);
    match patient {
        Some(patient) => found.about(patient),
        None => found,
    }
}
