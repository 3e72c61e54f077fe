//! Fetching a document's content, at the moment of use, for the holder of a ticket.
//!
//! The audit entry of the retrieval is durable before the source is asked: without its receipt there is no [`Released`]. What goes wrong afterwards
//! leaves an entry of its own.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, stream};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{
    Patience,
    check::{Check, Registered},
    failure::{Attempt, Failure},
    retrieve::Ticket,
    stored,
};
use crate::{
    Error, Hub, Result,
    audit::Receipt,
    document::{Content, Locator},
    operation::Released,
    trace::Step,
};

/// Documents up to this size are checked before their first byte leaves, larger ones while they pass. Bytes.
const CHECKED_WHOLE: u64 = 4 << 20;
/// How much goes out at once. Bytes.
const CHUNK: usize = 128 << 10;

/// A document on its way: take [`Document::next`] until there is no more. Only then is it whole.
#[derive(Debug)]
pub struct Document {
    hub: Hub,
    ticket: Ticket,
    receipt: Receipt,
    pieces: Pieces,
    /// What ended it, if anything did: it stays ended.
    failed: Option<Error>,
}

/// Bytes that have come and not yet left.
struct Pieces {
    content: Content,
    patience: Patience,
    /// None once the end has come and was found good.
    check: Option<Check>,
    waiting: BytesMut,
    /// Nothing leaves before everything was checked.
    whole_first: bool,
    max_bytes: u64,
    size: u64,
    verified: bool,
}

impl Hub {
    /// Asks the source for a document. Returns once its first bytes may leave: those of a document up to 4 MiB have all been checked by then.
    /// The source has as long as `left` says, where the caller does not wait longer, and is told so.
    ///
    /// Fails with `SOURCE_GONE`, `SOURCE_UNAVAILABLE`, `CONTENT_MISMATCH` or `TOO_LARGE`; each leaves an audit entry, and the first and the third
    /// mark the pointer as dead.
    pub async fn fetch(
        &self,
        released: Released<Ticket>,
        left: Option<Duration>,
    ) -> Result<Document> {
        let Released {
            value: ticket,
            receipt,
        } = released;
        match self.open_document(&ticket, &receipt, left).await {
            Ok(pieces) => {
                let mut document = Document {
                    hub: self.clone(),
                    ticket,
                    receipt,
                    pieces,
                    failed: None,
                };
                document.fill().await?;
                Ok(document)
            }
            Err(failure) => Err(failure.settle(self, &ticket, &receipt).await),
        }
    }

    async fn open_document(
        &self,
        ticket: &Ticket,
        receipt: &Receipt,
        left: Option<Duration>,
    ) -> Attempt<Pieces> {
        let max_bytes = self.settings().document_bytes_max;
        // Registration refuses it too, but the limit may have been lowered since.
        if ticket.registered.size.is_some_and(|size| size > max_bytes) {
            return Err(Failure::TooLarge);
        }
        if let Some(content) = self.message_content(ticket).await.map_err(Failure::Store)? {
            let patience = Patience::new(Duration::ZERO);
            return Ok(Pieces::new(content, patience, ticket.registered, max_bytes));
        }
        let (content, patience) = self.ask_source(ticket, receipt, left).await?;
        Ok(Pieces::new(content, patience, ticket.registered, max_bytes))
    }

    async fn message_content(&self, ticket: &Ticket) -> Result<Option<Content>> {
        if ticket.message_id.is_none() {
            return Ok(None);
        }
        let mut tx = self.shared.store.snapshot().await?;
        let bytes = stored::content(&mut tx, ticket, &self.shared.keys).await?;
        Ok(bytes.map(|bytes| stream::once(std::future::ready(Ok(Bytes::from(bytes)))).boxed()))
    }

    async fn ask_source(
        &self,
        ticket: &Ticket,
        receipt: &Receipt,
        left: Option<Duration>,
    ) -> Attempt<(Content, Patience)> {
        let mut endpoint = ticket.endpoint.clone().ok_or(Failure::Unknown)?;
        if !self.shared.breakers.admits(&ticket.source_id, self.now()) {
            return Err(Failure::Paused);
        }
        let left = left.map_or(u64::MAX, |left| {
            u64::try_from(left.as_millis()).unwrap_or(u64::MAX)
        });
        endpoint.deadline_ms = endpoint
            .deadline_ms
            .min(self.settings().retrieve_deadline_ms)
            .min(left);
        let locator = Locator {
            repository_unique_id: ticket.repository_unique_id.clone(),
            unique_id: ticket.unique_id.clone(),
            audit_entry_id: receipt.entry_id(),
        };
        let mut patience = Patience::new(Duration::from_millis(endpoint.deadline_ms));
        let opened = patience
            .wait(self.shared.sources.open(&endpoint, &locator))
            .instrument(Step::Source.span())
            .await;
        let content = opened.and_then(|opened| opened).map_err(Failure::Source)?;
        Ok((content, patience))
    }
}

impl Document {
    pub const fn entry_uuid(&self) -> Uuid {
        self.ticket.entry_uuid
    }

    pub fn mime_type(&self) -> &str {
        &self.ticket.mime_type
    }

    /// Bytes, as registered; none for on-demand documents.
    pub const fn registered_size(&self) -> Option<u64> {
        self.ticket.registered.size
    }

    /// Of the audit entry of this retrieval.
    pub const fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Opened only because break-glass set a rule aside.
    pub const fn opened_by_override(&self) -> bool {
        self.ticket.opened_by_override
    }

    /// The next bytes, at most 128 KiB; none once the document is whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        self.fill().await?;
        Ok(self.pieces.take())
    }

    /// Whether size and hash agreed with what the source registered. Says nothing before [`Document::next`] gave none.
    pub const fn is_verified(&self) -> bool {
        self.pieces.verified
    }

    /// Bytes, counted. Says nothing before [`Document::next`] gave none.
    pub const fn size(&self) -> u64 {
        self.pieces.size
    }

    /// Reads on until something may leave, or the end has come.
    async fn fill(&mut self) -> Result<()> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        while !self.pieces.may_leave() {
            if let Err(failure) = self.pieces.pull().await {
                let error = failure.settle(&self.hub, &self.ticket, &self.receipt).await;
                self.failed = Some(error.clone());
                return Err(error);
            }
            if self.pieces.is_whole() {
                Failure::cleared(&self.hub, &self.ticket).await;
            }
        }
        Ok(())
    }
}

impl Pieces {
    fn new(content: Content, patience: Patience, registered: Registered, max_bytes: u64) -> Self {
        Self {
            content,
            patience,
            check: Some(Check::new(registered)),
            waiting: BytesMut::new(),
            whole_first: registered.size.is_some_and(|size| size <= CHECKED_WHOLE),
            max_bytes,
            size: 0,
            verified: false,
        }
    }

    /// Whether `take` may be called: at the end for anything, before it only while the last piece stays behind.
    fn may_leave(&self) -> bool {
        self.is_whole() || (!self.whole_first && self.waiting.len() > CHUNK)
    }

    fn take(&mut self) -> Option<Bytes> {
        let length = self.waiting.len().min(CHUNK);
        (length > 0).then(|| self.waiting.split_to(length).freeze())
    }

    const fn is_whole(&self) -> bool {
        self.check.is_none()
    }

    /// Takes the next piece from the source, or the end. Called until the end or a failure.
    async fn pull(&mut self) -> Attempt<()> {
        let next = self
            .patience
            .wait(self.content.next())
            .await
            .map_err(Failure::Source)?;
        let Some(check) = &mut self.check else {
            return Ok(());
        };
        let Some(piece) = next else {
            self.size = check.seen();
            let end = self.check.take().map(Check::finish);
            self.verified = end
                .transpose()
                .map_err(Failure::Mismatch)?
                .unwrap_or_default();
            return Ok(());
        };
        let piece = piece.map_err(Failure::Source)?;
        check.update(&piece).map_err(Failure::Mismatch)?;
        if check.seen() > self.max_bytes {
            return Err(Failure::TooLarge);
        }
        self.waiting.extend_from_slice(&piece);
        Ok(())
    }
}

impl std::fmt::Debug for Pieces {
    /// Without the bytes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pieces")
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}
