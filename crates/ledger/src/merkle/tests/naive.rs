//! MTH, PATH and PROOF of RFC 6962 §2.1, recursive, over a slice of leaf hashes.

use crate::hash::Hash;
use crate::merkle::{empty_root, node_hash};

fn k(n: usize) -> usize {
    n.next_power_of_two() / 2
}

pub(super) fn mth(d: &[Hash]) -> Hash {
    match d {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = d.split_at(k(d.len()));
            node_hash(&mth(left), &mth(right))
        }
    }
}

pub(super) fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
    if d.len() == 1 {
        return Vec::new();
    }
    let (left, right) = d.split_at(k(d.len()));
    let (mut proof, other) = if m < left.len() {
        (path(m, left), mth(right))
    } else {
        (path(m - left.len(), right), mth(left))
    };
    proof.push(other);
    proof
}

pub(super) fn proof(m: usize, d: &[Hash]) -> Vec<Hash> {
    if m == 0 {
        Vec::new()
    } else {
        subproof(m, d, true)
    }
}

fn subproof(m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
    if m == d.len() {
        return if whole { Vec::new() } else { vec![mth(d)] };
    }
    let (left, right) = d.split_at(k(d.len()));
    let (mut proof, other) = if m <= left.len() {
        (subproof(m, left, whole), mth(right))
    } else {
        (subproof(m - left.len(), right, false), mth(left))
    };
    proof.push(other);
    proof
}
