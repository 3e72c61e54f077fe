//! The roots that a complete export itself gives, recomputed from its leaves as they pass.

use std::collections::BTreeMap;

use crate::hash::Hash;
use crate::merkle::Frontier;

/// Recomputes the tree for as long as the leaves come in order without a gap.
pub(super) struct Roots {
    frontier: Frontier,
    /// Sizes whose root is wanted, and the root once the tree has reached the size.
    wanted: BTreeMap<u64, Option<Hash>>,
    broken: bool,
}

impl Roots {
    pub(super) fn wanting(sizes: impl IntoIterator<Item = u64>) -> Self {
        let wanted = sizes.into_iter().map(|size| (size, None)).collect();
        let mut roots = Self {
            frontier: Frontier::new(),
            wanted,
            broken: false,
        };
        roots.keep();
        roots
    }

    /// Takes the next leaf, if it is the next.
    pub(super) fn push(&mut self, index: u64, leaf: Hash) {
        if self.broken || index != self.frontier.size() || self.frontier.push(leaf).is_err() {
            self.broken = true;
            return;
        }
        self.keep();
    }

    fn keep(&mut self) {
        let root = &self.frontier;
        if let Some(wanted) = self.wanted.get_mut(&root.size()) {
            *wanted = Some(root.root());
        }
    }

    /// The recomputed root at a wanted size, unless the leaves did not come that far in order.
    pub(super) fn at(&self, size: u64) -> Option<Hash> {
        self.wanted.get(&size).copied().flatten()
    }
}
