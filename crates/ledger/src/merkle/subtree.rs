//! Ranges of leaves, the complete subtrees they fall into, and where tiles hold those.
//!
//! A proof is planned first, as a list of ranges; the plan names the tiles to load and is then hashed.

use std::collections::BTreeSet;

use super::tile::read_hashes;
use super::{MerkleError, TileId, TileReader, check_size, empty_root, node_hash};
use crate::hash::Hash;

/// Levels of the tree that one level of tiles covers.
const TILE_HEIGHT: u32 = 8;

/// A complete subtree: the leaves from `index << height` up to, not including, `(index + 1) << height`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subtree {
    height: u32,
    index: u64,
}

impl Subtree {
    /// The tile whose hashes span this subtree, the first of those hashes, and how many they are.
    fn place(self) -> (TileId, usize, usize) {
        let level = self.height / TILE_HEIGHT;
        let within = self.height % TILE_HEIGHT;
        let first = self.index << within;
        let id = TileId {
            level: u8::try_from(level).unwrap_or(u8::MAX),
            index: first >> 8,
        };
        (id, usize::from(first.to_le_bytes()[0]), 1 << within)
    }

    fn hash(self, reader: &impl TileReader) -> Result<Hash, MerkleError> {
        let (id, first, count) = self.place();
        let mut hashes = read_hashes(reader, id, first, count)?;
        while hashes.len() > 1 {
            hashes = hashes
                .chunks_exact(2)
                .filter_map(|pair| pair.first().zip(pair.last()))
                .map(|(left, right)| node_hash(left, right))
                .collect();
        }
        hashes.pop().ok_or(MerkleError::MalformedTile(id))
    }
}

/// The leaves from `start` up to, not including, `end`; one that RFC 9162's recursion splits off, so `start`
/// is aligned to the largest complete subtree in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Range {
    /// Where RFC 9162 splits the range: at the largest power of two smaller than its length, which is ≥ 2.
    pub(super) fn split(self) -> (Self, Self) {
        let last = (self.end - self.start).saturating_sub(1);
        let middle = self.start + (1 << last.checked_ilog2().unwrap_or(0));
        (
            Self {
                start: self.start,
                end: middle,
            },
            Self {
                start: middle,
                end: self.end,
            },
        )
    }

    /// The complete subtrees of the range, largest first.
    pub(super) fn subtrees(self) -> Vec<Subtree> {
        let mut start = self.start;
        let mut subtrees = Vec::new();
        while let Some(height) = self.end.saturating_sub(start).checked_ilog2() {
            subtrees.push(Subtree {
                height,
                index: start >> height,
            });
            start += 1 << height;
        }
        subtrees
    }

    fn hash(self, reader: &impl TileReader) -> Result<Hash, MerkleError> {
        let hashes = self.subtree_hashes(reader)?;
        Ok(fold_right(&hashes))
    }

    pub(super) fn subtree_hashes(self, reader: &impl TileReader) -> Result<Vec<Hash>, MerkleError> {
        self.subtrees()
            .into_iter()
            .map(|subtree| subtree.hash(reader))
            .collect()
    }
}

/// The root over complete subtrees, largest first: the smaller ones hang to the right.
pub(super) fn fold_right(hashes: &[Hash]) -> Hash {
    let folded = hashes
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(&left, &right));
    folded.unwrap_or_else(empty_root)
}

pub(super) fn tiles_of(plan: &[Range]) -> Vec<TileId> {
    let subtrees = plan.iter().flat_map(|range| range.subtrees());
    let ids: BTreeSet<TileId> = subtrees.map(|subtree| subtree.place().0).collect();
    ids.into_iter().collect()
}

pub(super) fn hashes_of(
    plan: &[Range],
    reader: &impl TileReader,
) -> Result<Vec<Hash>, MerkleError> {
    plan.iter().map(|range| range.hash(reader)).collect()
}

/// The tiles that [`root`] reads.
pub fn tiles_for_root(size: u64) -> Result<Vec<TileId>, MerkleError> {
    check_size(size)?;
    Ok(tiles_of(&[Range {
        start: 0,
        end: size,
    }]))
}

/// The root hash of the tree of the first `size` leaves.
pub fn root(reader: &impl TileReader, size: u64) -> Result<Hash, MerkleError> {
    check_size(size)?;
    Range {
        start: 0,
        end: size,
    }
    .hash(reader)
}
