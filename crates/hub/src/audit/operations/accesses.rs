//! "Who looked at my data", call by call: the same looks as the visits are made of, over the same period.

use delt_formats::identifier::PersonNumber;
use delt_ledger::Entry;
use delt_policy::{Action, Scope};
use uuid::Uuid;

use super::visits::{Kinds, Looked, Place, Who, before, is_told, since};
use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};

const SCAN_STEP: i64 = 200;
/// Entries that a page looks at before it ends early with a token to go on.
const SCAN_MAX: usize = 5_000;

/// Looks at a citizen's data, refused ones too, newest first. The citizen's own are left out.
#[derive(Debug, Clone)]
pub struct ListAccesses {
    pub patient: PersonNumber,
    pub page_size: usize,
    pub page_token: String,
}

/// One look.
#[derive(Debug, Clone)]
pub struct Access {
    pub entry_id: Uuid,
    pub at: Micros,
    pub entry: Entry,
    pub who: Who,
    /// How many documents were shown that the caller may be told of.
    pub documents: usize,
}

impl Sealed for ListAccesses {}

impl Operation for ListAccesses {
    type Outcome = (Vec<Access>, String);
    const ACTION: Action = Action::ListOwnAccesses;
    const EFFECT: Effect = Effect::Reads;
    const ON_STANDBY: bool = true;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Self::Outcome>> {
        let query = query(scope);
        let start = if self.page_token.is_empty() {
            Place::END
        } else {
            let cursor = page::cursor(&cx.keys, &query, &self.page_token)?;
            let place = Place::split(&cursor).filter(|(_, rest)| rest.is_empty());
            place.ok_or(Error::new(code::PAGE_TOKEN_INVALID))?.0
        };
        let (mut accesses, next) = self.page(scope, tx, cx, start).await?;
        if cx.caller.party().on_behalf.is_some() {
            count_what_may_be_seen(&mut accesses, tx, scope, cx).await?;
        }
        let next = next.map(|next| page::token(&cx.keys, &query, &next.to_bytes()));
        Ok(Found::new((accesses, next.unwrap_or_default())))
    }
}

impl ListAccesses {
    async fn page(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
        mut last: Place,
    ) -> Result<(Vec<Access>, Option<Place>)> {
        let since = since(cx).unwrap_or(Micros::MIN);
        let mut accesses = Vec::new();
        let mut scanned = 0;
        while scanned < SCAN_MAX {
            let step = before(tx, scope.patients(), since, last, SCAN_STEP).await?;
            let found = step.len();
            scanned += found;
            for logged in step {
                last = logged.place;
                if Looked::of(&logged.entry, &cx.patient_keys) == Looked::Visit {
                    accesses.push(access(logged.place, logged.entry, cx));
                }
                if accesses.len() == self.page_size {
                    return Ok((accesses, Some(last)));
                }
            }
            if i64::try_from(found).is_ok_and(|found| found < SCAN_STEP) {
                return Ok((accesses, None));
            }
        }
        Ok((accesses, Some(last)))
    }
}

/// A look by somebody else at the record, or an attempt at one.
fn access(place: Place, mut entry: Entry, cx: &Context) -> Access {
    // The words are free, and may tell of what who acts for the citizen must not see.
    if cx.caller.party().on_behalf.is_some() {
        entry.override_reason = None;
        let outcome = entry.outcome;
        entry.grounds.retain(|ground| is_told(ground, outcome));
    }
    Access {
        entry_id: place.id,
        at: place.at,
        who: Who::of(&entry, cx),
        documents: entry.disclosed.len(),
        entry,
    }
}

/// Who acts for the citizen is not told how many documents there were that they may not see.
async fn count_what_may_be_seen(
    accesses: &mut [Access],
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
) -> Result<()> {
    let any = accesses.iter().any(|access| access.documents > 0);
    let kinds = Kinds::load(tx, scope, cx, any).await?;
    for access in accesses {
        let disclosed = access.entry.disclosed.iter();
        let shown = disclosed.filter_map(|uuid| Uuid::parse_str(uuid).ok());
        access.documents = shown.filter(|uuid| kinds.tells(*uuid)).count();
    }
    Ok(())
}

/// What a page token is bound to.
fn query(scope: &Scope) -> String {
    let keys = scope
        .patients()
        .iter()
        .map(delt_policy::PatientKey::hex)
        .collect::<String>();
    format!("accesses|{keys}")
}
