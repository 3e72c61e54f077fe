//! Against the published vectors, and against a naive tree written straight from RFC 6962's definitions.

mod append;
mod naive;
mod proofs;
mod tiles;
mod vectors;

use super::*;

/// Leaf hashes 0..n with distinct data.
fn leaves(n: u64) -> Vec<Hash> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

/// A tree grown in batches, with every tile stored, and its root after each batch.
fn grow(leaves: &[Hash], batches: &[usize]) -> (TileMap, Appender) {
    let mut map = TileMap::new();
    let mut appender = Appender::new();
    let mut rest = leaves;
    let mut sizes = batches.iter().cycle();
    while !rest.is_empty() {
        let (batch, after) = rest.split_at((*sizes.next().unwrap()).clamp(1, rest.len()));
        let grown = appender.append(batch).unwrap();
        assert_eq!(grown.root, grown.appender.root());
        map.extend(grown.tiles);
        appender = grown.appender;
        rest = after;
    }
    (map, appender)
}

/// Only the tiles that were asked for, so that a `tiles_for_…` that forgets one is noticed.
fn only(map: &TileMap, ids: &[TileId]) -> TileMap {
    ids.iter()
        .map(|id| Tile {
            id: *id,
            bytes: map.read_tile(*id).unwrap().into_owned(),
        })
        .collect()
}
