//! `ListMessages`: what a system sent, or what came for its mailboxes.

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    message::{
        Mailbox, Message,
        rows::{self, Folder, MessageRow, PageQuery},
    },
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};

/// Length of a page that is not asked for.
const PAGE_DEFAULT: u32 = 100;

/// Lists the messages that the calling system sent, or those for the mailboxes that it empties; newest first.
#[derive(Debug, Clone, Default)]
pub struct ListMessages {
    pub sent: bool,
    /// 0 for the default; more than the operator's largest page is read as that.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
}

/// A page of messages.
#[derive(Debug, Clone)]
pub struct MessagePage {
    pub messages: Vec<Message>,
    /// None after the last page.
    pub next: Option<String>,
}

impl Sealed for ListMessages {}

impl Operation for ListMessages {
    type Outcome = MessagePage;
    const ACTION: Action = Action::ListMessages;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let filters = [("sent".to_owned(), self.sent.to_string())].into();
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
    ) -> Result<Found<MessagePage>> {
        let size = if self.page_size == 0 {
            PAGE_DEFAULT
        } else {
            self.page_size
        };
        let size = size.min(cx.settings.page_size_max);
        let after = self.after(cx)?;
        // One more than is shown tells whether there is another page.
        let limit = size.saturating_add(1);
        let rows = if self.sent {
            let of = Folder::Sent(&cx.caller.party().system.id);
            rows::page(tx, scope, &PageQuery { of, after, limit }).await?
        } else {
            let mailbox = Mailbox::of(cx, scope, None, 0)?;
            let of = Folder::Received(&mailbox);
            rows::page(tx, scope, &PageQuery { of, after, limit }).await?
        };
        Ok(Found::new(self.page(cx, rows, size)))
    }
}

impl ListMessages {
    /// What must not change from page to page.
    fn query(&self, cx: &Context) -> String {
        format!("messages|{}|{}", cx.caller.party().system.id, self.sent)
    }

    fn after(&self, cx: &Context) -> Result<(Micros, Uuid)> {
        if self.page_token.is_empty() {
            return Ok((Micros::MAX, Uuid::max()));
        }
        let cursor = page::cursor(&cx.keys, &self.query(cx), &self.page_token)?;
        place(&cursor).ok_or(Error::new(code::PAGE_TOKEN_INVALID))
    }

    fn page(&self, cx: &Context, mut rows: Vec<MessageRow>, size: u32) -> MessagePage {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| page::token(&cx.keys, &self.query(cx), &cursor(&row.message)));
        MessagePage {
            messages: rows.into_iter().map(|row| row.message).collect(),
            next,
        }
    }
}

fn cursor(message: &Message) -> Vec<u8> {
    let mut cursor = message.accepted_at.to_be_bytes().to_vec();
    cursor.extend_from_slice(message.message_id.as_bytes());
    cursor
}

fn place(cursor: &[u8]) -> Option<(Micros, Uuid)> {
    let (at, id) = cursor.split_first_chunk::<8>()?;
    Some((Micros::from_be_bytes(*at), Uuid::from_slice(id).ok()?))
}
