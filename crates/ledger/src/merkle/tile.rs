//! Tiles: 256 consecutive hashes of one level of the tree (C2SP tlog-tiles, "Merkle Tree").

use std::borrow::Cow;
use std::collections::HashMap;

use super::MerkleError;
use crate::hash::Hash;

/// Hashes in a full tile.
pub const TILE_WIDTH: u16 = 256;

/// Where a tile is: hashes at `level` are roots of subtrees of 256^level leaves; a tile holds those numbered
/// `index * 256` and the 255 after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    pub level: u8,
    pub index: u64,
}

impl TileId {
    /// How many hashes the tile has in a tree of `size` leaves: 0 (no such tile) to 256 (full).
    pub fn width_at(self, size: u64) -> u16 {
        let hashes = size.checked_shr(u32::from(self.level) * 8).unwrap_or(0);
        let before = self.index.saturating_mul(u64::from(TILE_WIDTH));
        let width = hashes.saturating_sub(before).min(u64::from(TILE_WIDTH));
        u16::try_from(width).unwrap_or(TILE_WIDTH)
    }

    /// The path of tlog-tiles, e.g. `tile/0/x001/067.p/70`. A `width` of 256 or more means the full tile.
    pub fn path(self, width: u16) -> String {
        let mut elements = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            elements.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        elements.reverse();
        let partial = if width < TILE_WIDTH {
            format!(".p/{width}")
        } else {
            String::new()
        };
        format!("tile/{}/{}{partial}", self.level, elements.join("/"))
    }

    /// Reads a path back into the tile and its width (256 where the path names a full tile). Only the one
    /// spelling that [`TileId::path`] writes is accepted.
    pub fn from_path(path: &str) -> Option<(Self, u16)> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, TILE_WIDTH),
        };
        let id = Self {
            level: level.parse().ok()?,
            index: parse_index(number)?,
        };
        (width > 0 && id.level < 64 && id.path(width) == path).then_some((id, width))
    }
}

fn parse_index(number: &str) -> Option<u64> {
    number.split('/').try_fold(0_u64, |index, element| {
        let digits: u64 = element.strip_prefix('x').unwrap_or(element).parse().ok()?;
        index.checked_mul(1000)?.checked_add(digits)
    })
}

/// A tile with its bytes: 32 for each of its 1 to 256 hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    pub id: TileId,
    pub bytes: Vec<u8>,
}

impl Tile {
    /// How many hashes the tile holds.
    pub fn width(&self) -> u16 {
        u16::try_from(self.bytes.len() / Hash::LENGTH).unwrap_or(TILE_WIDTH)
    }
}

/// Where tiles are read from. A tile may be wider than the tree at hand needs, since tiles only grow.
pub trait TileReader {
    /// Fails with [`MerkleError::MissingTile`] or [`MerkleError::Unreadable`].
    fn read_tile(&self, id: TileId) -> Result<Cow<'_, [u8]>, MerkleError>;
}

/// Tiles loaded beforehand. Inserting a tile again replaces it.
#[derive(Debug, Clone, Default)]
pub struct TileMap(HashMap<TileId, Vec<u8>>);

impl TileMap {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn insert(&mut self, id: TileId, bytes: Vec<u8>) {
        self.0.insert(id, bytes);
    }
}

impl Extend<Tile> for TileMap {
    fn extend<T: IntoIterator<Item = Tile>>(&mut self, tiles: T) {
        self.0
            .extend(tiles.into_iter().map(|tile| (tile.id, tile.bytes)));
    }
}

impl FromIterator<Tile> for TileMap {
    fn from_iter<T: IntoIterator<Item = Tile>>(tiles: T) -> Self {
        let mut map = Self::new();
        map.extend(tiles);
        map
    }
}

impl TileReader for TileMap {
    fn read_tile(&self, id: TileId) -> Result<Cow<'_, [u8]>, MerkleError> {
        let bytes = self.0.get(&id).ok_or(MerkleError::MissingTile(id))?;
        Ok(Cow::Borrowed(bytes))
    }
}

/// `count` hashes of a tile, from hash number `first` on.
pub(super) fn read_hashes(
    reader: &impl TileReader,
    id: TileId,
    first: usize,
    count: usize,
) -> Result<Vec<Hash>, MerkleError> {
    let malformed = || MerkleError::MalformedTile(id);
    let bytes = reader.read_tile(id)?;
    let end = (first + count) * Hash::LENGTH;
    let wanted = bytes.get(first * Hash::LENGTH..end).ok_or_else(malformed)?;
    if bytes.len() % Hash::LENGTH != 0 || bytes.len() > usize::from(TILE_WIDTH) * Hash::LENGTH {
        return Err(malformed());
    }
    wanted
        .chunks_exact(Hash::LENGTH)
        .map(|chunk| Hash::from_slice(chunk).map_err(|_| malformed()))
        .collect()
}
