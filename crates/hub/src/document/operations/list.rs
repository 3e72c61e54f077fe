//! `ListSourceDocuments`: what the index holds for the calling source, for reconciliation.

use std::collections::BTreeMap;

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    document::{
        IndexedEntry, check,
        rows::{self, EntryRow, SourceQuery},
    },
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};

/// Length of a page that is not asked for.
const PAGE_DEFAULT: u32 = 100;

/// Lists a source's own pointers by entryUUID, of any status.
#[derive(Debug, Clone, Default)]
pub struct ListSourceDocuments {
    /// 0 for the default; more than the operator's largest page is read as that.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
    /// Only pointers that a retrieval found dead.
    pub dead_only: bool,
    /// One XDS source of the system; empty for all.
    pub source_id: String,
}

/// A page of a source's pointers.
#[derive(Debug, Clone)]
pub struct DocumentPage {
    pub entries: Vec<IndexedEntry>,
    /// None after the last page.
    pub next: Option<String>,
}

impl Sealed for ListSourceDocuments {}

impl Operation for ListSourceDocuments {
    type Outcome = DocumentPage;
    const ACTION: Action = Action::ListSourceDocuments;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let mut filters = BTreeMap::new();
        filters.insert("dead_only".to_owned(), self.dead_only.to_string());
        if check::is_oid(&self.source_id) {
            filters.insert("source_id".to_owned(), self.source_id.clone());
        }
        Subject {
            filters,
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<DocumentPage>> {
        if !self.source_id.is_empty() && !check::is_oid(&self.source_id) {
            return Err(Error::invalid("source_id", "must be an OID without prefix"));
        }
        let size = if self.page_size == 0 {
            PAGE_DEFAULT
        } else {
            self.page_size
        };
        let size = size.min(cx.settings.page_size_max);
        let query = self.query(cx);
        let rows = rows::of_source(
            tx,
            scope,
            &SourceQuery {
                system: &cx.caller.party().system.id,
                source_id: &self.source_id,
                dead_only: self.dead_only,
                after: self.after(cx, &query)?,
                // One more than is shown tells whether there is another page.
                limit: size.saturating_add(1),
            },
        )
        .await?;
        let page = page(scope, cx, &query, rows, size)?;
        let disclosed: Vec<_> = page.entries.iter().map(|entry| entry.entry_uuid).collect();
        Ok(Found::new(page).disclosing(disclosed))
    }
}

impl ListSourceDocuments {
    /// What must not change from page to page.
    fn query(&self, cx: &Context) -> String {
        let system = &cx.caller.party().system.id;
        format!(
            "source-documents|{system}|{}|{}",
            self.source_id, self.dead_only
        )
    }

    fn after(&self, cx: &Context, query: &str) -> Result<Uuid> {
        if self.page_token.is_empty() {
            return Ok(Uuid::nil());
        }
        let cursor = page::cursor(&cx.keys, query, &self.page_token)?;
        Uuid::from_slice(&cursor).map_err(|_| Error::new(code::PAGE_TOKEN_INVALID))
    }
}

fn page(
    scope: &Scope,
    cx: &Context,
    query: &str,
    mut rows: Vec<EntryRow>,
    size: u32,
) -> Result<DocumentPage> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more).map(|row| row.facts.entry_uuid);
    let entries = rows
        .iter()
        .filter(|row| scope.admits(&row.facts).is_visible())
        .map(|row| row.indexed(&cx.keys, false))
        .collect::<Result<_>>()?;
    let next = last.map(|last| page::token(&cx.keys, query, last.as_bytes()));
    Ok(DocumentPage { entries, next })
}
