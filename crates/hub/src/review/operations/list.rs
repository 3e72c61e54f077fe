//! `ListReviewCases`: cases by number.

use std::collections::BTreeMap;

use delt_policy::{Action, Scope};

use crate::{
    Result,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        CaseKind, CaseState, ReviewCase,
        reach::{Reach, reviewer},
        rows::{self, Asked},
    },
    store::Tx,
};

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
        let asked = Asked {
            after: self.after,
            kind: self.kind,
            state: self.state,
            reach: &Reach::of(cx)?,
            by: &reviewer(cx)?,
        };
        let cases = rows::select(tx, &cx.keys, &asked, self.page_size).await?;
        Ok(Found::new(cases))
    }
}
