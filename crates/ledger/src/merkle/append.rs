//! Appending leaves: from the right edge of the tree to the tiles that change and the new root.

use super::tile::read_hashes;
use super::{Frontier, MerkleError, TILE_WIDTH, Tile, TileId, TileReader, check_size};
use crate::hash::Hash;

/// Levels of tiles in a tree of 2^53 leaves, with one to spare.
const LEVELS: usize = 8;

const FULL_TILE_BYTES: usize = TILE_WIDTH as usize * Hash::LENGTH;

/// The tiles that [`Appender::resume`] reads: the partial tile of each level, at most seven.
pub fn tiles_for_append(size: u64) -> Result<Vec<TileId>, MerkleError> {
    check_size(size)?;
    Ok(right_edge(size).map(|(id, _)| id).collect())
}

/// The partial tiles of a tree, with their widths, from level 0 up.
fn right_edge(size: u64) -> impl Iterator<Item = (TileId, usize)> {
    (0..8_u8).filter_map(move |level| {
        let hashes = size >> (u32::from(level) * 8);
        let width = usize::from(hashes.to_le_bytes()[0]);
        (width > 0).then_some((
            TileId {
                level,
                index: hashes >> 8,
            },
            width,
        ))
    })
}

/// A tree that can grow: its size, its frontier and the bytes of its partial tiles (56 KiB at most).
/// A sealer keeps one between batches, and keeps the old one when the store did not take the new tiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appender {
    frontier: Frontier,
    /// By level; empty where the level has no partial tile.
    edge: [Vec<u8>; LEVELS],
}

/// What an append gives: store the tiles (each replaces the shorter one of its id), then go on from `appender`.
#[derive(Debug, Clone)]
pub struct Appended {
    pub appender: Appender,
    pub root: Hash,
    /// Every tile that changed, whole, in no particular order.
    pub tiles: Vec<Tile>,
}

impl Appender {
    /// Of the tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of a stored tree of `size` leaves. Compare [`Appender::root`] with the last checkpoint before going on.
    pub fn resume(reader: &impl TileReader, size: u64) -> Result<Self, MerkleError> {
        let frontier = Frontier::resume(reader, size)?;
        let mut edge: [Vec<u8>; LEVELS] = Default::default();
        for (id, width) in right_edge(size) {
            let hashes = read_hashes(reader, id, 0, width)?;
            if let Some(bytes) = edge.get_mut(usize::from(id.level)) {
                bytes.extend(hashes.iter().flat_map(|hash| *hash.as_bytes()));
            }
        }
        Ok(Self { frontier, edge })
    }

    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The tree with `leaves` (leaf hashes) after those it has. O(log size) hashes for one leaf.
    pub fn append(&self, leaves: &[Hash]) -> Result<Appended, MerkleError> {
        let mut next = self.clone();
        let mut tiles = Vec::new();
        for leaf in leaves {
            next.push(*leaf, &mut tiles)?;
        }
        tiles.extend(next.partial_tiles_since(self.size()));
        Ok(Appended {
            root: next.root(),
            appender: next,
            tiles,
        })
    }

    fn push(&mut self, leaf: Hash, full: &mut Vec<Tile>) -> Result<(), MerkleError> {
        let number = self.size();
        let mut completed = Vec::new();
        self.frontier.push_observed(leaf, |height, hash| {
            if height.is_multiple_of(8) {
                completed.push(hash);
            }
        })?;
        for ((level, bytes), hash) in (0_u8..).zip(&mut self.edge).zip(completed) {
            bytes.extend_from_slice(hash.as_bytes());
            if bytes.len() >= FULL_TILE_BYTES {
                let index = number >> (u32::from(level) * 8) >> 8;
                full.push(Tile {
                    id: TileId { level, index },
                    bytes: std::mem::take(bytes),
                });
            }
        }
        Ok(())
    }

    /// The partial tiles that have grown since the tree had `old_size` leaves.
    fn partial_tiles_since(&self, old_size: u64) -> Vec<Tile> {
        right_edge(self.size())
            .filter(|(id, _)| {
                let shift = u32::from(id.level) * 8;
                old_size >> shift != self.size() >> shift
            })
            .filter_map(|(id, _)| {
                let bytes = self.edge.get(usize::from(id.level))?.clone();
                Some(Tile { id, bytes })
            })
            .collect()
    }
}
