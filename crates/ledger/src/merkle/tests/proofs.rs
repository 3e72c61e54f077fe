use proptest::prelude::*;

use super::*;

fn at(size: u64) -> usize {
    usize::try_from(size).unwrap()
}

fn check_inclusion(map: &TileMap, all: &[Hash], index: u64, size: u64) -> Vec<Hash> {
    let needed = only(map, &tiles_for_inclusion(index, size).unwrap());
    let proof = prove_inclusion(&needed, index, size).unwrap();
    assert_eq!(
        proof,
        naive::path(at(index), &all[..at(size)]),
        "{index} of {size}"
    );
    let root = naive::mth(&all[..at(size)]);
    verify_inclusion(&all[at(index)], index, size, &proof, &root).unwrap();
    proof
}

fn check_consistency(map: &TileMap, all: &[Hash], old: u64, new: u64) -> Vec<Hash> {
    let needed = only(map, &tiles_for_consistency(old, new).unwrap());
    let proof = prove_consistency(&needed, old, new).unwrap();
    assert_eq!(
        proof,
        naive::proof(at(old), &all[..at(new)]),
        "{old} to {new}"
    );
    let (old_root, new_root) = (naive::mth(&all[..at(old)]), naive::mth(&all[..at(new)]));
    verify_consistency(old, &old_root, new, &new_root, &proof).unwrap();
    proof
}

#[test]
fn every_proof_of_small_trees() {
    let all = leaves(35);
    let (map, _) = grow(&all, &[1]);
    for size in 0..=35 {
        (0..size).for_each(|index| drop(check_inclusion(&map, &all, index, size)));
        (0..=size).for_each(|old| drop(check_consistency(&map, &all, old, size)));
    }
}

#[test]
fn proofs_across_tile_boundaries() {
    let all = leaves(65_538);
    let (map, _) = grow(&all, &[999]);
    for size in [256, 257, 512, 65_535, 65_536, 65_537, 65_538] {
        for index in [0, 1, 254, 255, size - 2, size - 1] {
            check_inclusion(&map, &all, index, size);
        }
        for old in [1, 255, 256, size / 2, size - 1, size] {
            check_consistency(&map, &all, old, size);
        }
    }
}

fn flip(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

fn refused(result: &Result<(), MerkleError>) -> bool {
    *result == Err(MerkleError::ProofRejected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_flipped_bit_of_an_inclusion_is_found(size in 2_u64..700, pick: u64, bit in 0_usize..256, place: usize) {
        let all = leaves(size);
        let (map, appender) = grow(&all, &[250]);
        let (index, root) = (pick % size, appender.root());
        let leaf = all[at(index)];
        let mut proof = check_inclusion(&map, &all, index, size);
        prop_assert!(refused(&verify_inclusion(&flip(&leaf, bit), index, size, &proof, &root)));
        prop_assert!(refused(&verify_inclusion(&leaf, index, size, &proof, &flip(&root, bit))));
        let elsewhere = (index + 1 + pick % (size - 1)) % size;
        if elsewhere != index {
            prop_assert!(refused(&verify_inclusion(&leaf, elsewhere, size, &proof, &root)));
        }
        prop_assert!(refused(&verify_inclusion(&leaf, index, size, &proof[1..], &root)));
        proof.push(root);
        prop_assert!(refused(&verify_inclusion(&leaf, index, size, &proof, &root)));
        proof.pop();
        let place = place % proof.len();
        proof[place] = flip(&proof[place], bit);
        prop_assert!(refused(&verify_inclusion(&leaf, index, size, &proof, &root)));
    }

    #[test]
    fn any_flipped_bit_of_a_consistency_is_found(new in 2_u64..700, pick: u64, bit in 0_usize..256, place: usize) {
        let all = leaves(new);
        let (map, appender) = grow(&all, &[250]);
        let old = 1 + pick % (new - 1);
        let (old_root, new_root) = (root(&map, old).unwrap(), appender.root());
        let mut proof = check_consistency(&map, &all, old, new);
        let verify = |a: &Hash, b: &Hash, proof: &[Hash]| verify_consistency(old, a, new, b, proof);
        prop_assert!(refused(&verify(&flip(&old_root, bit), &new_root, &proof)));
        prop_assert!(refused(&verify(&old_root, &flip(&new_root, bit), &proof)));
        prop_assert!(refused(&verify(&old_root, &new_root, &proof[1..])));
        let place = place % proof.len();
        proof[place] = flip(&proof[place], bit);
        prop_assert!(refused(&verify(&old_root, &new_root, &proof)));
    }
}

#[test]
fn trees_that_share_no_leaf_are_consistent_only_with_nothing() {
    let (root, other) = (empty_root(), leaf_hash(b"x"));
    assert!(verify_consistency(0, &root, 0, &root, &[]).is_ok());
    assert!(verify_consistency(0, &root, 1, &other, &[]).is_ok());
    assert!(refused(&verify_consistency(0, &root, 0, &other, &[])));
    assert!(refused(&verify_consistency(0, &other, 1, &other, &[])));
    assert!(refused(&verify_consistency(0, &root, 1, &other, &[root])));
    assert!(refused(&verify_consistency(1, &root, 1, &other, &[])));
    assert!(refused(&verify_consistency(1, &other, 2, &root, &[])));
}
