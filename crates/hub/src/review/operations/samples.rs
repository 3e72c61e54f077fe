//! `ListSamples`: all that was ever drawn, newest first, so that one that was drawn in vain shows too.

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    review::{
        ReviewSample,
        reach::{Reach, reviewer},
        rows,
    },
    store::Tx,
};

/// Samples of the own organisation's users.
#[derive(Debug, Clone)]
pub struct ListSamples {
    /// Already bounded by the edge's settings.
    pub page_size: usize,
    /// Empty for the first page.
    pub page_token: String,
}

/// A page of samples.
#[derive(Debug, Clone)]
pub struct SamplePage {
    pub samples: Vec<ReviewSample>,
    /// Empty when nothing follows.
    pub next_page_token: String,
}

impl Sealed for ListSamples {}

impl Operation for ListSamples {
    type Outcome = SamplePage;
    const ACTION: Action = Action::ListSamples;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::default()
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<SamplePage>> {
        let query = format!("review-samples|{}", reviewer(cx)?.id);
        let before = self.start(&query, cx)?;
        let samples =
            rows::samples_newest_first(tx, &Reach::of(cx)?, before, self.page_size).await?;
        let is_full = samples.len() == self.page_size;
        let next_page_token = match samples.last().filter(|_| is_full) {
            Some(last) => {
                let cursor = [&last.drawn_at.to_be_bytes()[..], last.id.as_bytes()].concat();
                page::token(&cx.keys, &query, &cursor)
            }
            None => String::new(),
        };
        Ok(Found::new(SamplePage {
            samples,
            next_page_token,
        }))
    }
}

impl ListSamples {
    fn start(&self, query: &str, cx: &Context) -> Result<(Micros, Uuid)> {
        if self.page_token.is_empty() {
            return Ok((Micros::MAX, Uuid::nil()));
        }
        let wrong = || Error::new(code::PAGE_TOKEN_INVALID);
        let cursor = page::cursor(&cx.keys, query, &self.page_token)?;
        let (at, id) = cursor.split_first_chunk::<8>().ok_or_else(wrong)?;
        let id = Uuid::from_slice(id).map_err(|_| wrong())?;
        Ok((Micros::from_be_bytes(*at), id))
    }
}
