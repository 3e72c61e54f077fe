//! Remembers verified tokens, so that a signature is verified once a token and not once a request.
//!
//! What is remembered is the outcome of verification and nothing of the connection: the binding to a certificate, the time
//! and the directory are checked again on each use.

use super::claims::Claims;
use aws_lc_rs::digest::{SHA256, digest};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Few enough to be cheap, many enough that requests seldom wait for each other.
const SHARDS: usize = 16;

type Key = [u8; 32];

/// At most `capacity` tokens, in shards with a lock each. No background task: expired entries leave when room is needed.
pub(super) struct TokenCache {
    shards: [Mutex<Shard>; SHARDS],
    shard_capacity: usize,
}

#[derive(Default)]
struct Shard {
    claims: HashMap<Key, Arc<Claims>>,
    /// The same keys by expiry, so that the entry with the least life left is found at once.
    by_expiry: BTreeSet<(i64, Key)>,
}

impl TokenCache {
    /// `capacity` is rounded up to a multiple of the shards; zero turns the cache off.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            shards: Default::default(),
            shard_capacity: capacity.div_ceil(SHARDS),
        }
    }

    /// The claims of this very token, if it was verified before and `now_s` lies before its `exp`.
    pub(super) fn get(&self, token: &str, now_s: i64) -> Option<Arc<Claims>> {
        let key = key_of(token);
        let claims = self.shard(&key)?.claims.get(&key).cloned()?;
        (now_s < claims.expires).then_some(claims)
    }

    /// Remembers a verified token. One that has expired, if only within the clock skew, is not kept.
    pub(super) fn insert(&self, token: &str, claims: &Arc<Claims>, now_s: i64) {
        if self.shard_capacity == 0 || now_s >= claims.expires {
            return;
        }
        let key = key_of(token);
        if let Some(mut shard) = self.shard(&key) {
            shard.make_room(self.shard_capacity, now_s);
            shard.by_expiry.insert((claims.expires, key));
            shard.claims.insert(key, Arc::clone(claims));
        }
    }

    /// A lock poisoned by a panic elsewhere is still good: the worst a half-done change leaves behind is an entry less.
    fn shard(&self, key: &Key) -> Option<MutexGuard<'_, Shard>> {
        let [first, ..] = *key;
        let shard = self.shards.get(usize::from(first) % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|s| s.lock().unwrap().claims.len())
            .sum()
    }
}

impl Shard {
    /// Drops what has expired, and then those with the least life left until one more fits.
    fn make_room(&mut self, capacity: usize, now_s: i64) {
        while let Some((expires, key)) = self.by_expiry.first().copied() {
            if now_s < expires && self.claims.len() < capacity {
                break;
            }
            self.by_expiry.remove(&(expires, key));
            self.claims.remove(&key);
        }
    }
}

/// The digest stands for the token's bytes, signature included; the token itself is not kept.
fn key_of(token: &str) -> Key {
    let mut key = [0; 32];
    key.iter_mut()
        .zip(digest(&SHA256, token.as_bytes()).as_ref())
        .for_each(|(k, d)| *k = *d);
    key
}
