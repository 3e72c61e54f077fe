//! Inclusion proofs (RFC 9162 §2.1.3): this leaf is in the tree, at this index.

use super::subtree::{Range, hashes_of, tiles_of};
use super::{MAX_PROOF_LENGTH, MerkleError, TileId, TileReader, check_size, node_hash};
use crate::hash::Hash;

/// The tiles that [`prove_inclusion`] reads.
pub fn tiles_for_inclusion(index: u64, size: u64) -> Result<Vec<TileId>, MerkleError> {
    Ok(tiles_of(&plan(index, size)?))
}

/// The proof, from the leaf's sibling up. Fails where `index` is not in a tree of `size` leaves.
pub fn prove_inclusion(
    reader: &impl TileReader,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, MerkleError> {
    hashes_of(&plan(index, size)?, reader)
}

/// The ranges whose hashes are the proof: at each split, the half without the leaf (RFC 9162 §2.1.3.1).
fn plan(index: u64, size: u64) -> Result<Vec<Range>, MerkleError> {
    check_size(size)?;
    if index >= size {
        return Err(MerkleError::OutOfRange);
    }
    let mut range = Range {
        start: 0,
        end: size,
    };
    let mut siblings = Vec::new();
    while range.end - range.start > 1 {
        let (left, right) = range.split();
        let (inside, sibling) = if index < left.end {
            (left, right)
        } else {
            (right, left)
        };
        siblings.push(sibling);
        range = inside;
    }
    siblings.reverse();
    Ok(siblings)
}

/// Checks that the leaf with hash `leaf` is number `index` of the tree of `size` leaves with this root
/// (RFC 9162 §2.1.3.2). Fails with [`MerkleError::OutOfRange`] or [`MerkleError::ProofRejected`].
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), MerkleError> {
    check_size(size)?;
    if index >= size {
        return Err(MerkleError::OutOfRange);
    }
    if proof.len() > MAX_PROOF_LENGTH {
        return Err(MerkleError::ProofRejected);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError::ProofRejected);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // A node alone at the right edge has no sibling at these levels.
            let skipped = if node == 0 { 0 } else { node.trailing_zeros() };
            (node, last) = (node >> skipped, last >> skipped);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 && hash == *root {
        Ok(())
    } else {
        Err(MerkleError::ProofRejected)
    }
}
