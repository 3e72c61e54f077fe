//! The right edge of a growing tree: all that is needed to add leaves and to know the root.

use super::subtree::{Range, fold_right};
use super::{MAX_TREE_SIZE, MerkleError, TileReader, check_size, node_hash};
use crate::hash::Hash;

/// The roots of the complete subtrees of a tree, one for each bit set in its size: at most 53 hashes.
/// Adding a leaf costs O(log size) hashes at worst and one on average.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Largest subtree first.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// Of the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of a tree of `size` leaves; reads the tiles of [`super::tiles_for_append`].
    pub fn resume(reader: &impl TileReader, size: u64) -> Result<Self, MerkleError> {
        check_size(size)?;
        let subtrees = Range {
            start: 0,
            end: size,
        }
        .subtree_hashes(reader)?;
        Ok(Self { size, subtrees })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        fold_right(&self.subtrees)
    }

    /// Adds one leaf hash. Fails, and adds nothing, at [`MAX_TREE_SIZE`].
    pub fn push(&mut self, leaf: Hash) -> Result<(), MerkleError> {
        self.push_observed(leaf, |_, _| ())
    }

    /// Like [`Frontier::push`]; calls `completed(height, hash)` for the leaf and each subtree it completes.
    pub(super) fn push_observed(
        &mut self,
        leaf: Hash,
        mut completed: impl FnMut(u32, Hash),
    ) -> Result<(), MerkleError> {
        if self.size >= MAX_TREE_SIZE {
            return Err(MerkleError::OutOfRange);
        }
        let mut node = leaf;
        completed(0, node);
        for height in 1..=self.size.trailing_ones() {
            let left = self.subtrees.pop().ok_or(MerkleError::OutOfRange)?;
            node = node_hash(&left, &node);
            completed(height, node);
        }
        self.subtrees.push(node);
        self.size += 1;
        Ok(())
    }
}
