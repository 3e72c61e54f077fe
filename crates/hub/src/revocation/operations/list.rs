//! `ListRevocations`: what is revoked, newest first.

use delt_policy::{Action, Scope};
use uuid::Uuid;

use super::revoke::{check_subject, noted};
use crate::{
    Error, Result,
    bulk::hex_array,
    clock::Micros,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    revocation::{AccessSubject, Revocation, rows},
    store::Tx,
};

/// Length of a page that is not asked for.
const PAGE_DEFAULT: u32 = 100;

/// Lists what is revoked.
#[derive(Debug, Clone, Default)]
pub struct ListRevocations {
    /// Only what stands against this one.
    pub of: Option<AccessSubject>,
    /// Lifted ones too, and those whose tokens have all ended.
    pub include_ended: bool,
    /// 0 for the default; more than the operator's largest page is read as that.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
}

/// A page of revocations.
#[derive(Debug, Clone)]
pub struct RevocationPage {
    pub revocations: Vec<Revocation>,
    /// None after the last page.
    pub next: Option<String>,
}

impl Sealed for ListRevocations {}

impl Operation for ListRevocations {
    type Outcome = RevocationPage;
    const ACTION: Action = Action::ListRevocations;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let of = self.of.as_ref();
        Subject {
            patient: of.and_then(AccessSubject::number).cloned(),
            filters: of.map(noted).unwrap_or_default(),
            ..Subject::default()
        }
    }

    async fn run(&self, _: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<RevocationPage>> {
        self.of.as_ref().map_or(Ok(()), check_subject)?;
        let size = if self.page_size == 0 {
            PAGE_DEFAULT
        } else {
            self.page_size
        };
        let size = size.min(cx.settings.page_size_max);
        // A person's stands under each number: the one that was asked for comes first.
        let marks = self
            .of
            .as_ref()
            .map(|of| of.marks(&cx.keys, &cx.patient_keys));
        let of = marks.and_then(|marks| marks.first().copied());
        let query = self.query(of.map(|mark| mark.as_bytes().to_vec()));
        let wanted = rows::PageQuery {
            of,
            include_ended: self.include_ended,
            now: cx.now,
            after: self.after(cx, &query)?,
            // One more than is shown tells whether there is another page.
            limit: i64::from(size) + 1,
        };
        let mut revocations = rows::page(tx, &cx.keys, &wanted).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = revocations.len() > size;
        revocations.truncate(size);
        let last = revocations.last().filter(|_| more);
        let next = last.map(|last| page::token(&cx.keys, &query, &cursor(last)));
        Ok(Found::new(RevocationPage { revocations, next }))
    }
}

impl ListRevocations {
    /// What must not change from page to page.
    fn query(&self, of: Option<Vec<u8>>) -> String {
        format!("revocations|{}|{}", hex_array(of), self.include_ended)
    }

    fn after(&self, cx: &Context, query: &str) -> Result<(Micros, Uuid)> {
        if self.page_token.is_empty() {
            return Ok((Micros::MAX, Uuid::max()));
        }
        let cursor = page::cursor(&cx.keys, query, &self.page_token)?;
        place(&cursor).ok_or(Error::new(code::PAGE_TOKEN_INVALID))
    }
}

fn cursor(last: &Revocation) -> Vec<u8> {
    let mut cursor = last.created_at.to_be_bytes().to_vec();
    cursor.extend_from_slice(last.revocation_id.as_bytes());
    cursor
}

fn place(cursor: &[u8]) -> Option<(Micros, Uuid)> {
    let (at, id) = cursor.split_first_chunk::<8>()?;
    Some((Micros::from_be_bytes(*at), Uuid::from_slice(id).ok()?))
}
