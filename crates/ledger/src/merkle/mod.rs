//! The Merkle tree of RFC 6962 / RFC 9162 §2.1 with SHA-256, over the tiles of C2SP tlog-tiles.
//!
//! Nothing here reads a store. The caller asks which tiles it needs (`tiles_for_…`), loads them into a
//! [`TileMap`], and then computes. Every function is total; indices and sizes are checked.

mod append;
mod consistency;
mod frontier;
mod inclusion;
mod subtree;
mod tile;

pub use append::{Appended, Appender, tiles_for_append};
pub use consistency::{prove_consistency, tiles_for_consistency, verify_consistency};
pub use frontier::Frontier;
pub use inclusion::{prove_inclusion, tiles_for_inclusion, verify_inclusion};
pub use subtree::{root, tiles_for_root};
pub use tile::{TILE_WIDTH, Tile, TileId, TileMap, TileReader};

use crate::hash::{Hash, sha256};

/// Most leaves of a tree: an index must fit an integer of canonical JSON.
pub const MAX_TREE_SIZE: u64 = crate::canonical::MAX_INTEGER;

/// Longest proof that a tree of [`MAX_TREE_SIZE`] leaves can need, in hashes.
pub const MAX_PROOF_LENGTH: usize = 64;

/// Why a tree operation could not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    #[error("index or size is outside the tree")]
    OutOfRange,
    #[error("tile {}/{} is missing", .0.level, .0.index)]
    MissingTile(TileId),
    #[error("tile {}/{} is shorter than the tree needs, or not whole hashes", .0.level, .0.index)]
    MalformedTile(TileId),
    #[error("tile {}/{} cannot be read: {reason}", id.level, id.index)]
    Unreadable { id: TileId, reason: String },
    #[error("the proof does not lead to the root")]
    ProofRejected,
}

/// The root of the tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The hash of a leaf with this data (RFC 9162 §2.1.1).
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0x00], data])
}

/// The hash of an inner node (RFC 9162 §2.1.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[0x01], left.as_bytes(), right.as_bytes()])
}

fn check_size(size: u64) -> Result<(), MerkleError> {
    if size > MAX_TREE_SIZE {
        return Err(MerkleError::OutOfRange);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
