//! Searching the log, newest first.

use delt_policy::{Action, PatientKey, Scope};
use uuid::Uuid;

use super::filter::{EntryFilter, may_follow_up};
use crate::{
    Error, Result,
    audit::entry_rows::{self, Before, KeptEntry, Way},
    clock::Micros,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};

/// Entries that a page looks at before it ends early with a token to go on.
const SCAN_MAX: usize = 20_000;
const SCAN_STEP: i64 = 500;

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
        let scan = Scan {
            filter: &self.filter,
            way: self.filter.way(&cx.patient_keys),
            cx,
        };
        let (entries, next) = scan.page(tx, cursor, self.page_size).await?;
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
            return Ok(Before {
                at: self.filter.to.unwrap_or(Micros::MAX),
                id: Uuid::nil(),
            });
        }
        decode(&page::cursor(
            &cx.keys,
            &self.query(patient),
            &self.page_token,
        )?)
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

/// One pass through the log.
pub(super) struct Scan<'a> {
    pub(super) filter: &'a EntryFilter,
    pub(super) way: Way,
    pub(super) cx: &'a Context,
}

impl Scan<'_> {
    /// The next matching entries, and where to go on.
    async fn page(
        &self,
        tx: &mut Tx<'_>,
        mut before: Before,
        size: usize,
    ) -> Result<(Vec<KeptEntry>, Option<Before>)> {
        let since = self.filter.from.unwrap_or(Micros::MIN);
        let mut entries = Vec::new();
        let mut scanned = 0;
        while scanned < SCAN_MAX {
            let step = entry_rows::newest_first(tx, &self.way, since, before, SCAN_STEP).await?;
            let found = step.len();
            for kept in step {
                before = Before {
                    at: kept.recorded_at,
                    id: kept.id,
                };
                if self.admits(&kept)? {
                    entries.push(kept);
                }
                if entries.len() == size {
                    return Ok((entries, Some(before)));
                }
            }
            scanned += found;
            if i64::try_from(found).is_ok_and(|found| found < SCAN_STEP) {
                return Ok((entries, None));
            }
        }
        Ok((entries, Some(before)))
    }

    fn admits(&self, kept: &KeptEntry) -> Result<bool> {
        let tree = self.cx.directory.tree();
        Ok(kept.entry()?.is_some_and(|entry| {
            self.filter.matches(&entry, &tree) && may_follow_up(&entry, self.cx)
        }))
    }
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
