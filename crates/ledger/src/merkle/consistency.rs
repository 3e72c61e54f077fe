//! Consistency proofs (RFC 9162 §2.1.4): the older tree is a prefix of the newer one, so nothing was rewritten.

use super::subtree::{Range, hashes_of, tiles_of};
use super::{MAX_PROOF_LENGTH, MerkleError, TileId, TileReader, check_size, empty_root, node_hash};
use crate::hash::Hash;

/// The tiles that [`prove_consistency`] reads.
pub fn tiles_for_consistency(old: u64, new: u64) -> Result<Vec<TileId>, MerkleError> {
    Ok(tiles_of(&plan(old, new)?))
}

/// The proof that the tree of `old` leaves is a prefix of that of `new`. Empty where `old` is 0 or `new`.
pub fn prove_consistency(
    reader: &impl TileReader,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, MerkleError> {
    hashes_of(&plan(old, new)?, reader)
}

/// SUBPROOF of RFC 9162 §2.1.4.1, as the ranges to hash.
fn plan(old: u64, new: u64) -> Result<Vec<Range>, MerkleError> {
    check_size(new)?;
    if old > new {
        return Err(MerkleError::OutOfRange);
    }
    let mut range = Range { start: 0, end: new };
    let mut proof = Vec::new();
    if old == 0 {
        return Ok(proof);
    }
    while range.end > old {
        let (left, right) = range.split();
        let (inside, other) = if old <= left.end {
            (left, right)
        } else {
            (right, left)
        };
        proof.push(other);
        range = inside;
    }
    // What is left ends where the old tree ends; the verifier knows it only if it is the whole old tree.
    if range.start > 0 {
        proof.push(range);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks a consistency proof (RFC 9162 §2.1.4.2).
/// Fails with [`MerkleError::OutOfRange`] or [`MerkleError::ProofRejected`].
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), MerkleError> {
    check_size(new)?;
    if old > new {
        return Err(MerkleError::OutOfRange);
    }
    let holds = if old == 0 {
        proof.is_empty() && *old_root == empty_root() && (new > 0 || old_root == new_root)
    } else if old == new {
        proof.is_empty() && old_root == new_root
    } else {
        proof.len() <= MAX_PROOF_LENGTH
            && roots_from(old, old_root, new, proof) == Some((*old_root, *new_root))
    };
    if holds {
        Ok(())
    } else {
        Err(MerkleError::ProofRejected)
    }
}

/// The old and the new root that the proof leads to, for `0 < old < new`.
fn roots_from(old: u64, old_root: &Hash, new: u64, proof: &[Hash]) -> Option<(Hash, Hash)> {
    let known = if old.is_power_of_two() {
        Some(old_root)
    } else {
        None
    };
    let mut path = known.into_iter().chain(proof);
    let start = *path.next()?;
    let (mut old_hash, mut new_hash) = (start, start);
    let shift = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            let skipped = if node == 0 { 0 } else { node.trailing_zeros() };
            (node, last) = (node >> skipped, last >> skipped);
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some((old_hash, new_hash))
}
