//! What can go wrong between the permission and the last byte, and what each of it leaves behind.

use std::collections::BTreeMap;

use delt_policy::PatientKey;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::{
    breaker,
    check::Mismatch,
    retrieve::{RetrieveDocument, Ticket},
};
use crate::{
    Error, Hub, Result,
    audit::Receipt,
    clock::{Micros, SECOND},
    document::{SourceFault, rows},
    error::code,
    operation::{Operation as _, Subject},
    store::{AsyncWork, Tx},
};

/// When a retry makes sense after a source did not answer, in milliseconds.
const RETRY_MS: u64 = 5_000;

pub(super) type Attempt<T> = std::result::Result<T, Failure>;

/// Why a permitted retrieval did not give the document.
#[derive(Debug)]
pub(super) enum Failure {
    /// The directory knows no system that holds the repository.
    Unknown,
    /// The source failed so often lately that it is not asked now.
    Paused,
    Source(SourceFault),
    Mismatch(Mismatch),
    TooLarge,
    /// The hub's own store.
    Store(Error),
}

impl Failure {
    /// Does what follows from a failure: notes how the source answers, marks the pointer, and leaves an audit entry. Gives what the caller is told.
    pub(super) async fn settle(self, hub: &Hub, ticket: &Ticket, receipt: &Receipt) -> Error {
        let now = hub.now();
        self.note(hub, ticket, now);
        if self.shows_a_dead_pointer() {
            mark(hub, ticket, Some(now)).await;
        }
        let reason = self.reason();
        let error = self.error();
        match log(hub, ticket, receipt, reason, &error).await {
            Ok(()) => error,
            Err(unlogged) => unlogged,
        }
    }

    /// The document came whole: the source answers, and the pointer is good (again).
    pub(super) async fn cleared(hub: &Hub, ticket: &Ticket) {
        if ticket.message_id.is_none() {
            hub.shared.breakers.answered(&ticket.source_id);
        }
        if ticket.dead_since.is_some() {
            mark(hub, ticket, None).await;
        }
    }

    fn note(&self, hub: &Hub, ticket: &Ticket, now: Micros) {
        let breakers = &hub.shared.breakers;
        match self {
            Self::Source(SourceFault::Unavailable | SourceFault::DeadlineExceeded) => {
                breakers.failed(&ticket.source_id, now);
            }
            Self::Source(_) | Self::Mismatch(_) => breakers.answered(&ticket.source_id),
            _ => {}
        }
    }

    /// Whether the source can no longer give what it registered, as far as it can be seen.
    const fn shows_a_dead_pointer(&self) -> bool {
        matches!(self, Self::Source(SourceFault::Gone) | Self::Mismatch(_))
    }

    /// For the audit entry.
    const fn reason(&self) -> &'static str {
        match self {
            Self::Unknown => "the directory knows no source for the repository",
            Self::Paused => "the source failed repeatedly and was not asked",
            Self::Source(SourceFault::Gone) => "the source no longer has the document",
            Self::Source(SourceFault::Unavailable) => {
                "the source could not be reached or broke off"
            }
            Self::Source(SourceFault::DeadlineExceeded) => "the source was too slow",
            Self::Source(SourceFault::TooLarge) | Self::TooLarge => {
                "the document is larger than the hub passes on"
            }
            Self::Mismatch(Mismatch::Longer) => "the source sent more bytes than it registered",
            Self::Mismatch(Mismatch::Shorter) => "the source sent fewer bytes than it registered",
            Self::Mismatch(Mismatch::Hash) => "the source sent bytes with another hash",
            Self::Store(_) => "the store could not be read",
        }
    }

    /// For the caller.
    fn error(self) -> Error {
        match self {
            Self::Source(SourceFault::Gone) => Error::new(code::SOURCE_GONE),
            Self::Mismatch(_) => Error::new(code::CONTENT_MISMATCH),
            Self::Source(SourceFault::TooLarge) | Self::TooLarge => Error::new(code::TOO_LARGE),
            Self::Store(error) => error,
            Self::Paused => {
                let pause = u64::try_from(breaker::PAUSE / (SECOND / 1_000)).unwrap_or(RETRY_MS);
                Error::new(code::SOURCE_UNAVAILABLE).retry_after_ms(pause)
            }
            Self::Unknown | Self::Source(_) => {
                Error::new(code::SOURCE_UNAVAILABLE).retry_after_ms(RETRY_MS)
            }
        }
    }
}

/// The second audit entry of a retrieval, which tells that it was permitted and yet gave nothing. It names the first.
async fn log(
    hub: &Hub,
    ticket: &Ticket,
    receipt: &Receipt,
    reason: &'static str,
    error: &Error,
) -> Result<()> {
    let operation = RetrieveDocument::ACTION;
    let mut draft = hub.draft(&ticket.caller, operation.as_str(), hub.now())?;
    let subject = Subject {
        target: Some(ticket.entry_uuid.to_string()),
        filters: BTreeMap::from([("retrieval".to_owned(), receipt.entry_id().to_string())]),
        ..Subject::default()
    };
    draft.about(subject, Some(ticket.asked));
    draft.ground("source", reason);
    draft.refused(error);
    hub.append(draft).await.map(drop)
}

/// Marks the pointer. Where that fails, the answer to the caller is the same: the mark is for the source, and the next retrieval sets it again.
async fn mark(hub: &Hub, ticket: &Ticket, dead_since: Option<Micros>) {
    let mark = Mark {
        patient: ticket.patient,
        entry: ticket.entry_uuid,
        dead_since,
    };
    if hub.shared.store.write(mark).await.is_err() {
        tracing::warn!(entry = %ticket.entry_uuid, "a pointer could not be marked");
    }
}

struct Mark {
    patient: PatientKey,
    entry: Uuid,
    dead_since: Option<Micros>,
}

impl AsyncWork<()> for Mark {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            match self.dead_since {
                Some(now) => rows::mark_dead(tx, &self.patient, self.entry, now).await,
                None => rows::mark_alive(tx, &self.patient, self.entry).await,
            }
        })
    }
}
