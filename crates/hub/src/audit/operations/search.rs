//! Searching the log, newest first.

use delt_policy::{Action, PatientKey, Scope};
use uuid::Uuid;

use super::{
    filter::{EntryFilter, may_follow_up},
    narrow::narrowed,
};
use crate::{
    Error, Result,
    audit::{
        entry_rows::{self, EntryRow, KeptEntry},
        search_rows::{Before, Search},
    },
    clock::Micros,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};

/// Rows of an index that a page looks at before it ends early with a token to go on.
const SCAN_MAX: i64 = 20_000;
/// Rows that it looks at first: most pages are full by then.
const SCAN_FIRST: i64 = 1_000;
/// Rows that are read at least, so that a page which drops some of them does not ask for each of the others alone.
const READ_MIN: usize = 64;

/// Entries of the log that match, newest first.
#[derive(Debug, Clone)]
pub struct SearchEntries {
    pub filter: EntryFilter,
    /// Already bounded by the edge's settings.
    pub page_size: usize,
    /// Empty for the first page.
    pub page_token: String,
}

/// A page of entries.
#[derive(Debug, Clone)]
pub struct EntryPage {
    pub entries: Vec<KeptEntry>,
    /// Empty when nothing follows.
    pub next_page_token: String,
}

impl Sealed for SearchEntries {}

impl Operation for SearchEntries {
    type Outcome = EntryPage;
    const ACTION: Action = Action::SearchAuditEntries;
    const EFFECT: Effect = Effect::Reads;
    const ON_STANDBY: bool = true;

    fn subject(&self) -> Subject {
        Subject {
            patient: self.filter.patient.clone(),
            filters: self.filter.named(),
            ..Subject::default()
        }
    }

    async fn run(&self, _scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<EntryPage>> {
        let patient = cx.patient_keys.first().copied();
        let cursor = self.start(patient, cx)?;
        let (entries, next) = match narrowed(tx, &self.filter, cx, cursor).await? {
            Some(search) => self.page(tx, cx, &search, cursor).await?,
            None => (Vec::new(), None),
        };
        let next_page_token = match next {
            Some(next) => page::token(&cx.keys, &self.query(patient), &encode(next)),
            None => String::new(),
        };
        Ok(Found::new(EntryPage {
            entries,
            next_page_token,
        }))
    }
}

impl SearchEntries {
    fn start(&self, patient: Option<PatientKey>, cx: &Context) -> Result<Before> {
        if self.page_token.is_empty() {
            return Ok(Before::moment(self.filter.to.unwrap_or(Micros::MAX)));
        }
        decode(&page::cursor(
            &cx.keys,
            &self.query(patient),
            &self.page_token,
        )?)
    }

    /// The next matching entries, and where to go on.
    async fn page(
        &self,
        tx: &mut Tx<'_>,
        cx: &Context,
        search: &Search,
        mut before: Before,
    ) -> Result<(Vec<KeptEntry>, Option<Before>)> {
        let (mut entries, mut looked, mut look) = (Vec::new(), 0, SCAN_FIRST);
        while looked < SCAN_MAX {
            let limit = (self.page_size - entries.len()).max(READ_MIN);
            let step = search.step::<EntryRow>(tx, before, look, limit).await?;
            looked += look.max(i64::try_from(step.rows.len()).unwrap_or(look));
            look = look.saturating_mul(4).min(SCAN_MAX - looked);
            for row in step.rows {
                let kept = entry_rows::kept(row)?;
                before = Before::of(&kept);
                if admits(&self.filter, &kept, cx)? {
                    entries.push(kept);
                }
                if entries.len() == self.page_size {
                    return Ok((entries, Some(before)));
                }
            }
            match step.next {
                Some(next) => before = next,
                None => return Ok((entries, None)),
            }
        }
        Ok((entries, Some(before)))
    }

    /// What a page token is bound to.
    fn query(&self, patient: Option<PatientKey>) -> String {
        let patient = patient.map(|key| key.hex()).unwrap_or_default();
        format!("audit-search|{patient}|{:?}", self.filter.named())
    }
}

pub(super) fn encode(before: Before) -> Vec<u8> {
    [before.at.to_be_bytes().as_slice(), before.id.as_bytes()].concat()
}

pub(super) fn decode(cursor: &[u8]) -> Result<Before> {
    let wrong = || Error::new(code::PAGE_TOKEN_INVALID);
    let (at, id) = cursor.split_first_chunk::<8>().ok_or_else(wrong)?;
    Ok(Before {
        at: i64::from_be_bytes(*at),
        id: Uuid::from_slice(id).map_err(|_| wrong())?,
    })
}

/// Whether an entry that was found is one that was asked for and that the auditor may follow up: the statement said so, the entry itself decides.
fn admits(filter: &EntryFilter, kept: &KeptEntry, cx: &Context) -> Result<bool> {
    let tree = cx.directory.tree();
    Ok(kept
        .entry()?
        .is_some_and(|entry| filter.matches(&entry, &tree) && may_follow_up(&entry, cx)))
}

/// One entry by its id.
#[derive(Debug, Clone)]
pub struct GetEntry {
    pub id: Uuid,
}

impl Sealed for GetEntry {}

impl Operation for GetEntry {
    type Outcome = KeptEntry;
    const ACTION: Action = Action::SearchAuditEntries;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.id.to_string()),
            ..Subject::default()
        }
    }

    async fn run(&self, _scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<KeptEntry>> {
        let kept = entry_rows::one(tx, self.id)
            .await?
            .ok_or(Error::new(code::NOT_FOUND))?;
        let allowed = kept.entry()?.is_some_and(|entry| may_follow_up(&entry, cx));
        if allowed {
            Ok(Found::new(kept))
        } else {
            Err(Error::new(code::NOT_FOUND))
        }
    }
}
