//! The bytes of a document as the source gives them out, with what is made to go wrong.

use std::sync::{PoisonError, atomic::Ordering};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};

use super::{Fault, HUB, State};
use crate::tls::PeerCertificate;

/// Small, so that even the fixtures come in several pieces. The contract allows 256 KiB.
const CHUNK: usize = 4 * 1024;

/// The stream breaks off here.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the source broke off")]
pub(super) struct BrokenOff;

pub(super) type Pieces = BoxStream<'static, Result<Bytes, BrokenOff>>;

/// Why there is no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    NotTheHub,
    NotHere,
}

impl State {
    /// Keeps what a request says of the trace that it is part of.
    pub(super) fn hear(&self, headers: &http::HeaderMap) {
        let traceparent = headers
            .get("traceparent")
            .and_then(|text| text.to_str().ok());
        if let Some(traceparent) = traceparent {
            let mut heard = self
                .0
                .traceparent
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *heard = Some(traceparent.to_owned());
        }
    }

    /// The document, for the hub. An on-demand one is made now; the sample's is always the same.
    pub(super) async fn open(
        &self,
        caller: Option<&PeerCertificate>,
        repository: &str,
        unique_id: &str,
    ) -> Result<Pieces, Refusal> {
        if !is_hub(caller) {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refusal::NotTheHub);
        }
        let key = (repository.to_owned(), unique_id.to_owned());
        let bytes = *self.0.documents.get(&key).ok_or(Refusal::NotHere)?;
        let fault = self.fault_of(unique_id);
        match fault {
            Some(Fault::Gone) => return Err(Refusal::NotHere),
            Some(Fault::Hang) => std::future::pending::<()>().await,
            Some(Fault::Slow(time)) => tokio::time::sleep(time).await,
            Some(Fault::WrongBytes | Fault::DiesMidway) | None => {}
        }
        self.0.served.fetch_add(1, Ordering::Relaxed);
        Ok(pieces(bytes, fault))
    }
}

fn is_hub(caller: Option<&PeerCertificate>) -> bool {
    let certificate = caller.and_then(|caller| caller.0.as_deref());
    certificate.is_some_and(|shown| shown.names.iter().any(|name| name == HUB))
}

fn pieces(bytes: &'static [u8], fault: Option<Fault>) -> Pieces {
    match fault {
        Some(Fault::DiesMidway) => {
            let (first, _) = bytes.split_at(bytes.len() / 2);
            let sent = chunks(Bytes::from_static(first));
            sent.chain(stream::iter([Err(BrokenOff)])).boxed()
        }
        Some(Fault::WrongBytes) => {
            let mut wrong = bytes.to_vec();
            let middle = wrong.len() / 2;
            wrong
                .get_mut(middle)
                .into_iter()
                .for_each(|byte| *byte ^= 1);
            chunks(wrong.into())
        }
        _ => chunks(Bytes::from_static(bytes)),
    }
}

fn chunks(mut left: Bytes) -> Pieces {
    let next = std::iter::from_fn(move || {
        let size = left.len().min(CHUNK);
        (size > 0).then(|| Ok(left.split_to(size)))
    });
    stream::iter(next).boxed()
}
