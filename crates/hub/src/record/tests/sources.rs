//! Sources that do as they are told.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use uuid::Uuid;

use crate::{
    document::{Content, Locator, SourceFault, Sources},
    organisation::SourceEndpoint,
};

/// What a source does when it is asked for a document.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Pieces(Vec<Bytes>),
    /// Some bytes, then this.
    Broken(Vec<Bytes>, SourceFault),
    Refused(SourceFault),
    Hang,
    HangAfter(Vec<Bytes>),
}

/// Sources that answer by the book of the test, by unique id.
#[derive(Debug, Default)]
pub(super) struct Scripted {
    pub(super) book: Mutex<HashMap<String, Answer>>,
    pub(super) asked: AtomicUsize,
    /// The audit entry that the last question named.
    pub(super) audit_entry: Mutex<Option<Uuid>>,
    /// How long it was given to answer, in milliseconds.
    pub(super) deadline_ms: Mutex<Option<u64>>,
}

impl Sources for Scripted {
    fn open(
        &self,
        endpoint: &SourceEndpoint,
        document: &Locator,
    ) -> BoxFuture<'static, std::result::Result<Content, SourceFault>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.deadline_ms.lock().unwrap() = Some(endpoint.deadline_ms);
        *self.audit_entry.lock().unwrap() = Some(document.audit_entry_id);
        let answer = self.book.lock().unwrap().get(&document.unique_id).cloned();
        Box::pin(async move {
            let pieces = |pieces: Vec<Bytes>| stream::iter(pieces.into_iter().map(Ok));
            match answer.unwrap_or(Answer::Refused(SourceFault::Gone)) {
                Answer::Pieces(bytes) => Ok(pieces(bytes).boxed()),
                Answer::Broken(bytes, fault) => {
                    Ok(pieces(bytes).chain(stream::iter([Err(fault)])).boxed())
                }
                Answer::Refused(fault) => Err(fault),
                Answer::Hang => std::future::pending().await,
                Answer::HangAfter(bytes) => Ok(pieces(bytes).chain(stream::pending()).boxed()),
            }
        })
    }
}
