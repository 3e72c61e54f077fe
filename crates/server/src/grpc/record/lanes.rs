//! Turns in one call for several documents.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Decisions at once in one call; each takes a snapshot of the store.
const DECISIONS: usize = 8;

/// Who may go on now. Each source has a lane of its own, so that a slow one holds up its own documents and no others.
#[derive(Debug)]
pub(super) struct Lanes {
    decisions: Arc<Semaphore>,
    sources: Mutex<HashMap<String, Arc<Semaphore>>>,
    width: usize,
}

impl Lanes {
    /// With `width` documents at once from each source.
    pub(super) fn new(width: usize) -> Self {
        Self {
            decisions: Arc::new(Semaphore::new(DECISIONS)),
            sources: Mutex::default(),
            width: width.max(1),
        }
    }

    /// A turn to be decided upon. Held until it is dropped.
    pub(super) async fn decision(&self) -> Option<OwnedSemaphorePermit> {
        turn(Arc::clone(&self.decisions)).await
    }

    /// A turn to ask this source. Held until it is dropped.
    pub(super) async fn source(&self, source: &str) -> Option<OwnedSemaphorePermit> {
        turn(self.lane(source)).await
    }

    fn lane(&self, source: &str) -> Arc<Semaphore> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Semaphore::new(self.width));
        Arc::clone(sources.entry(source.to_owned()).or_insert_with(new))
    }
}

/// The semaphores are never closed, so there always is a permit.
async fn turn(semaphore: Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    semaphore.acquire_owned().await.ok()
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[tokio::test]
    async fn a_full_lane_holds_up_only_its_own_source() {
        let lanes = Lanes::new(1);
        let first = lanes.source("slow").await;
        let mut second = pin!(lanes.source("slow"));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        assert!(lanes.source("other").await.is_some());
        drop(first);
        assert!(second.await.is_some());
    }
}
