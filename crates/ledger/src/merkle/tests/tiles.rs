use proptest::prelude::*;

use super::*;

#[test]
fn paths_are_those_of_tlog_tiles() {
    for (level, index, width, path) in [
        (0, 0, 256, "tile/0/000"),
        (0, 1067, 70, "tile/0/x001/067.p/70"),
        (1, 1_234_067, 256, "tile/1/x001/x234/067"),
        (63, 999, 1, "tile/63/999.p/1"),
    ] {
        let id = TileId { level, index };
        assert_eq!(id.path(width), path);
        assert_eq!(TileId::from_path(path), Some((id, width)));
    }
    for path in [
        "",
        "tile/0/1",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/07",
        "tile/0/001/067",
        "tile/0/x000/067",
        "tile/0/x001/x067",
        "tile/0/+01",
        "tile/entries/001",
    ] {
        assert_eq!(TileId::from_path(path), None, "{path}");
    }
}

/// The example of tlog-tiles, "Partial Tiles".
#[test]
fn widths_of_a_tree_of_70000() {
    let width = |level, index| TileId { level, index }.width_at(70_000);
    assert_eq!([width(0, 272), width(0, 273), width(0, 274)], [256, 112, 0]);
    assert_eq!([width(1, 0), width(1, 1), width(1, 2)], [256, 17, 0]);
    assert_eq!([width(2, 0), width(2, 1), width(3, 0)], [1, 0, 0]);
    assert_eq!(
        TileId {
            level: 255,
            index: u64::MAX
        }
        .width_at(u64::MAX),
        0
    );
}

#[test]
fn missing_and_malformed_tiles_are_named() {
    let id = TileId { level: 0, index: 0 };
    let with = |length: usize| {
        TileMap::from_iter([Tile {
            id,
            bytes: vec![0; length],
        }])
    };
    assert_eq!(root(&TileMap::new(), 3), Err(MerkleError::MissingTile(id)));
    for length in [0, 95, 97, 257 * 32] {
        assert_eq!(
            root(&with(length), 3),
            Err(MerkleError::MalformedTile(id)),
            "{length}"
        );
        assert_eq!(
            Appender::resume(&with(length), 3),
            Err(MerkleError::MalformedTile(id))
        );
    }
    assert!(root(&with(128), 3).is_ok());
}

#[test]
fn sizes_and_indices_are_bounded() {
    let map = TileMap::new();
    let beyond = MAX_TREE_SIZE + 1;
    assert_eq!(root(&map, beyond), Err(MerkleError::OutOfRange));
    assert_eq!(tiles_for_append(u64::MAX), Err(MerkleError::OutOfRange));
    assert_eq!(tiles_for_inclusion(0, beyond), Err(MerkleError::OutOfRange));
    assert_eq!(tiles_for_inclusion(3, 3), Err(MerkleError::OutOfRange));
    assert_eq!(tiles_for_consistency(4, 3), Err(MerkleError::OutOfRange));
    assert_eq!(
        tiles_for_consistency(0, beyond),
        Err(MerkleError::OutOfRange)
    );
    let h = empty_root();
    assert_eq!(
        verify_inclusion(&h, 1, 1, &[], &h),
        Err(MerkleError::OutOfRange)
    );
    assert_eq!(
        verify_consistency(2, &h, 1, &h, &[]),
        Err(MerkleError::OutOfRange)
    );
    assert!(
        tiles_for_inclusion(MAX_TREE_SIZE - 1, MAX_TREE_SIZE)
            .unwrap()
            .len()
            <= 8
    );
    assert!(tiles_for_append(MAX_TREE_SIZE - 1).unwrap().len() <= 7);
}

proptest! {
    #[test]
    fn path_round_trip(level in 0_u8..64, index: u64, width in 1_u16..=256) {
        let id = TileId { level, index };
        prop_assert_eq!(TileId::from_path(&id.path(width)), Some((id, width)));
    }

    #[test]
    fn reading_paths_never_panics(path in "tile/[0-9x./p]{0,40}|.{0,40}") {
        let _ = TileId::from_path(&path);
    }

    /// Whatever size is asked for, the functions answer without overflow.
    #[test]
    fn plans_are_total(a: u64, b: u64) {
        let _ = (tiles_for_root(a), tiles_for_append(a), tiles_for_inclusion(a, b), tiles_for_consistency(a, b));
        let (a, b) = (a >> 11, b >> 11);
        let _ = (tiles_for_root(a), tiles_for_append(a), tiles_for_inclusion(a, b), tiles_for_consistency(a, b));
    }

    #[test]
    fn verification_is_total(a: u64, b: u64, n in 0_usize..70, seed: [u8; 32]) {
        let h = Hash::from_bytes(seed);
        let proof = vec![h; n];
        for (a, b) in [(a, b), (a >> 11, b >> 11), (a >> 58, b >> 58)] {
            prop_assert!(verify_inclusion(&h, a, b, &proof, &empty_root()).is_err());
            let _ = verify_consistency(a, &h, b, &empty_root(), &proof);
        }
    }
}
