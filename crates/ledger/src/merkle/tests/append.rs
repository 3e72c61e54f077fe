use proptest::prelude::*;

use super::*;

/// Sizes around which tiles fill at each level.
const BOUNDARIES: [u64; 12] = [
    1,
    2,
    255,
    256,
    257,
    511,
    512,
    513,
    65_535,
    65_536,
    65_537,
    65_536 + 257,
];

#[test]
fn batches_across_tile_boundaries_give_the_naive_root() {
    let all = leaves(*BOUNDARIES.last().unwrap());
    let (map, _) = grow(&all, &[1, 254, 2, 700, 3, 255, 256, 257]);
    for size in BOUNDARIES {
        let expected = naive::mth(&all[..usize::try_from(size).unwrap()]);
        let map = only(&map, &tiles_for_root(size).unwrap());
        assert_eq!(root(&map, size).unwrap(), expected, "size {size}");
    }
}

#[test]
fn an_appender_resumes_from_stored_tiles_at_each_boundary() {
    let all = leaves(65_536 + 258);
    for size in BOUNDARIES {
        let before = usize::try_from(size).unwrap();
        let (map, appender) = grow(&all[..before], &[100_000]);
        let edge = only(&map, &tiles_for_append(size).unwrap());
        let resumed = Appender::resume(&edge, size).unwrap();
        assert_eq!(resumed, appender, "size {size}");
        let grown = resumed.append(&all[before..=before]).unwrap();
        assert_eq!(grown.root, naive::mth(&all[..=before]), "size {size}");
        for tile in &grown.tiles {
            assert_eq!(tile.width(), tile.id.width_at(size + 1), "size {size}");
        }
    }
}

/// A stored edge that is wider than the size says is what a crash after the tiles' write leaves behind.
#[test]
fn an_appender_resumes_at_a_size_that_the_tiles_have_passed() {
    let all = leaves(300);
    let (map, _) = grow(&all, &[7]);
    let (_, at_280) = grow(&all[..280], &[280]);
    assert_eq!(Appender::resume(&map, 280).unwrap(), at_280);
}

#[test]
fn one_leaf_changes_one_tile_unless_it_fills_one() {
    let all = leaves(513);
    let changed = |size: usize| {
        let (_, appender) = grow(&all[..size], &[size]);
        appender.append(&all[size..=size]).unwrap().tiles.len()
    };
    assert_eq!([changed(1), changed(300), changed(256)], [1, 1, 1]);
    // The leaf that fills a tile changes it and the partial tile above.
    assert_eq!([changed(255), changed(511)], [2, 2]);
}

#[test]
fn appending_nothing_changes_nothing() {
    let (_, appender) = grow(&leaves(70), &[70]);
    let grown = appender.append(&[]).unwrap();
    assert!(grown.tiles.is_empty());
    assert_eq!(grown.root, appender.root());
    assert_eq!(Appender::new().root(), empty_root());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_batches_give_the_naive_root(
        n in 1_u64..1500,
        batches in prop::collection::vec(1_usize..400, 1..8),
    ) {
        let all = leaves(n);
        let (map, appender) = grow(&all, &batches);
        prop_assert_eq!(appender.root(), naive::mth(&all));
        prop_assert_eq!(root(&map, n).unwrap(), naive::mth(&all));
        for (level, index) in [(0, 0), (0, (n - 1) / 256), (1, 0)] {
            let id = TileId { level, index };
            let width = map.read_tile(id).map_or(0, |bytes| bytes.len() / 32);
            prop_assert_eq!(width, usize::from(id.width_at(n)));
        }
    }
}
