//! How busy the store is, for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Backend, Store};
use crate::Hub;

/// Upper bounds of the sizes of batches that are counted apart.
const BOUNDS: [u32; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// The store at a moment, and its batches since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreLoad {
    /// Open connections of the pool that reads use; on PostgreSQL the writers' are among them.
    pub connections: usize,
    pub connections_used: usize,
    /// On SQLite entries of the log too: there is one queue.
    pub commands_waiting: usize,
    pub entries_waiting: usize,
    /// How many batches had at most so many pieces, and more than the bound before.
    pub batches: Vec<(u32, u64)>,
    /// Pieces in all batches.
    pub batched: u64,
}

/// Sizes of batches, counted as they are written.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    counts: [AtomicU64; BOUNDS.len()],
    pieces: AtomicU64,
}

impl Sizes {
    pub(super) fn count(&self, size: usize) {
        let at = BOUNDS.iter().position(|bound| size <= *bound as usize);
        if let Some(count) = self.counts.get(at.unwrap_or(BOUNDS.len() - 1)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.pieces.fetch_add(size as u64, Ordering::Relaxed);
    }
}

impl Hub {
    /// How busy the store is. Asks nobody.
    pub fn store_load(&self) -> StoreLoad {
        self.shared.store.load()
    }
}

impl Store {
    fn load(&self) -> StoreLoad {
        let (connections, connections_used) = match &self.reads {
            Backend::Sqlite { readers, .. } => readers.used(),
            Backend::Postgres { pool, .. } => {
                let open = pool.size() as usize;
                (open, open.saturating_sub(pool.num_idle()))
            }
        };
        let sizes = &self.writers.sizes;
        let counts = BOUNDS.iter().zip(&sizes.counts);
        StoreLoad {
            connections,
            connections_used,
            commands_waiting: self.writers.commands.waiting(),
            entries_waiting: self.writers.appends.waiting(),
            batches: counts
                .map(|(bound, count)| (*bound, count.load(Ordering::Relaxed)))
                .collect(),
            batched: sizes.pieces.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_batch_counts_once() {
        let sizes = Sizes::default();
        for size in [1, 2, 3, 256, 1_000] {
            sizes.count(size);
        }
        let counts: Vec<u64> = sizes
            .counts
            .iter()
            .map(|c| c.load(Ordering::Relaxed))
            .collect();
        assert_eq!(counts, [1, 1, 1, 0, 0, 0, 0, 0, 2]);
        assert_eq!(sizes.pieces.load(Ordering::Relaxed), 1_262);
    }
}
