//! The tree as tiles (C2SP tlog-tiles), for whoever checks the log with tools of their own.

use delt_ledger::{
    Hash,
    merkle::{TILE_WIDTH, TileId},
};

use super::{leaf_rows, log_rows};
use crate::{Hub, Result, store::Tx};

/// Bytes of a bundle's entry: its length in two bytes, and a commitment.
const BUNDLED_BYTES: usize = 2 + Hash::LENGTH;

impl Hub {
    /// The first `width` hashes of a tile. None where the tree of the newest checkpoint has not that many there.
    ///
    /// Tiles only grow, so a narrower one is the beginning of the one that is stored.
    pub async fn log_tile(&self, id: TileId, width: u16) -> Result<Option<Vec<u8>>> {
        let mut tx = self.shared.store.snapshot().await?;
        if !holds(&mut tx, id, width).await? {
            return Ok(None);
        }
        let stored = log_rows::tile(&mut tx, id).await?;
        let wanted = usize::from(width) * Hash::LENGTH;
        Ok(stored.and_then(|bytes| bytes.get(..wanted).map(<[u8]>::to_vec)))
    }

    /// The first `width` leaves of a bundle, each as its length (big-endian, two bytes) and its data, the commitment. None as with [`Hub::log_tile`].
    pub async fn log_entries(&self, index: u64, width: u16) -> Result<Option<Vec<u8>>> {
        let id = TileId { level: 0, index };
        let mut tx = self.shared.store.snapshot().await?;
        if !holds(&mut tx, id, width).await? {
            return Ok(None);
        }
        let first = index.saturating_mul(u64::from(TILE_WIDTH));
        let leaves =
            leaf_rows::commitments(&mut tx, first, first.saturating_add(u64::from(width))).await?;
        if leaves.len() != usize::from(width) {
            return Ok(None);
        }
        let mut bundle = Vec::with_capacity(leaves.len() * BUNDLED_BYTES);
        for leaf in leaves {
            bundle.extend_from_slice(&[0, 32]);
            bundle.extend_from_slice(leaf.as_hash().as_bytes());
        }
        Ok(Some(bundle))
    }
}

/// Whether the tile is that wide in the tree of the newest checkpoint: what is beyond, no signature vouches for.
async fn holds(tx: &mut Tx<'_>, id: TileId, width: u16) -> Result<bool> {
    let newest = log_rows::newest_checkpoint(tx).await?;
    let size = newest.map_or(0, |newest| newest.size);
    Ok((1..=id.width_at(size)).contains(&width))
}
