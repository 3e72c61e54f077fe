//! Ids of requests: a UUID for each call, the same one for all its attempts.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Builder, Uuid};

/// Counts on from the session's UUID.
#[derive(Debug)]
pub(crate) struct RequestIds {
    session: Uuid,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new(session: Uuid) -> Self {
        Self {
            session,
            next: AtomicU64::new(0),
        }
    }

    /// A UUID version 8 (RFC 9562 §5.8): the session's bytes with the count added to the lower half.
    pub(crate) fn next(&self) -> Uuid {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let (high, low) = self.session.as_u64_pair();
        let counted = Uuid::from_u64_pair(high, low.wrapping_add(count));
        Builder::from_custom_bytes(counted.into_bytes()).into_uuid()
    }
}

/// What the jitter of a request's pauses is derived from.
pub(crate) fn seed(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    high ^ low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_are_uuids() {
        let ids = RequestIds::new(Uuid::from_u128(u128::MAX));
        let made: std::collections::HashSet<Uuid> = (0..1000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 1000);
        assert!(made.iter().all(|id| id.get_version_num() == 8));
    }
}
