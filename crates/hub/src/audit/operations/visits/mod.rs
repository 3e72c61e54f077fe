//! "Who looked at my data", by visit.
//!
//! A visit is what one person (or, without one, one system) did at one place for one purpose, all permitted or all refused, without a pause of
//! [`crate::Settings::visit_pause`] between two calls.

mod group;
mod kinds;
mod look;
mod period;
mod rows;
mod token;
mod visit;
mod why;

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Scope};

use crate::{
    Result,
    clock::Micros,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};
use group::{Next, Page};
use visit::Call;

pub(super) use kinds::Kinds;
pub use look::Looked;
pub(super) use period::since;
pub(super) use rows::{Place, before};
pub use visit::{PatientVisit, Who};
pub(super) use why::is_told;

/// Entries read at once.
const STEP: i64 = 200;
/// Entries that a page reads before what is under way is cut there, with a token to go on.
const SCAN_MAX: usize = 5_000;

/// Visits to a citizen's data by others, refused ones too, newest first by their ends.
#[derive(Debug, Clone)]
pub struct ListVisits {
    pub patient: PersonNumber,
    /// Visits in a page; already bounded by the edge's settings.
    pub page_size: usize,
    pub page_token: String,
}

/// A page of visits.
#[derive(Debug, Clone)]
pub struct VisitPage {
    pub visits: Vec<PatientVisit>,
    /// Empty when nothing follows.
    pub next_page_token: String,
    /// From when on visits are listed; none where all that was ever logged is.
    pub since: Option<Micros>,
}

impl Sealed for ListVisits {}

impl Operation for ListVisits {
    type Outcome = VisitPage;
    const ACTION: Action = Action::ListOwnAccesses;
    const EFFECT: Effect = Effect::Reads;
    const ON_STANDBY: bool = true;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<VisitPage>> {
        let query = query(scope);
        let from = if self.page_token.is_empty() {
            Next {
                before: Place::END,
                shown: Vec::new(),
            }
        } else {
            token::decode(&page::cursor(&cx.keys, &query, &self.page_token)?)?
        };
        let page = Page::new(self.page_size, cx.settings.visit_pause, from);
        let (visits, next) = read(tx, scope, cx, page).await?;
        let any = visits.iter().flat_map(|visit| &visit.calls);
        let any = any.into_iter().any(|call| !call.disclosed.is_empty());
        let kinds = Kinds::load(tx, scope, cx, any).await?;
        let next_page_token = next.map(|next| page::token(&cx.keys, &query, &token::encode(&next)));
        Ok(Found::new(VisitPage {
            visits: visits
                .iter()
                .map(|visit| PatientVisit::of(visit, &kinds, cx))
                .collect(),
            next_page_token: next_page_token.unwrap_or_default(),
            since: since(cx),
        }))
    }
}

/// Reads entries until the page is whole.
async fn read(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    mut page: Page<Call>,
) -> Result<(Vec<group::Visit<Call>>, Option<Next>)> {
    let since = since(cx).unwrap_or(Micros::MIN);
    let mut scanned = 0;
    loop {
        let last = page.last();
        let step = before(tx, scope.patients(), since, last, STEP).await?;
        let found = step.len();
        for logged in step {
            if scanned >= SCAN_MAX && logged.place.at != page.last().at {
                return Ok(page.finish(false));
            }
            scanned += 1;
            if Looked::of(&logged.entry, &cx.patient_keys) == Looked::Visit {
                let (key, call) = visit::call(logged, cx);
                page.add(key.0, key.1, call);
            } else {
                page.pass(logged.place);
            }
        }
        if i64::try_from(found).is_ok_and(|found| found < STEP) {
            return Ok(page.finish(true));
        }
        if page.is_done() {
            return Ok(page.finish(false));
        }
    }
}

/// What a page token is bound to.
fn query(scope: &Scope) -> String {
    let keys = scope
        .patients()
        .iter()
        .map(delt_policy::PatientKey::hex)
        .collect::<String>();
    format!("visits|{keys}")
}
