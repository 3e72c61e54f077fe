//! What anyone may read of the log: hashes and signatures, no entry. Needs no identity and leaves no entry.

use delt_ledger::{
    Hash,
    merkle::{prove_consistency, prove_inclusion, tiles_for_consistency, tiles_for_inclusion},
};

use uuid::Uuid;

use super::{leaf_rows, log_rows, sealer::load_tiles};
use crate::{Error, Hub, Result, clock::Micros, error::code};

/// The newest signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCheckpoint {
    /// C2SP signed note.
    pub note: String,
    pub tree_size: u64,
    pub signed_at: Micros,
}

/// Which leaf is to be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafProof {
    At(u64),
    /// That of an entry, by its id.
    Of(Uuid),
}

/// A leaf with its proof in the tree of `size`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedLeaf {
    pub leaf: Hash,
    pub index: u64,
    pub size: u64,
    /// From the leaf's sibling up.
    pub hashes: Vec<Hash>,
}

impl Hub {
    /// The key that checkpoints verify with (C2SP vkey).
    pub fn log_verifier_key(&self) -> String {
        self.shared.signer.verifier().to_string()
    }

    /// How long the oldest entry without a place has waited, in microseconds; 0 when all have one.
    pub async fn seal_lag(&self) -> Result<Micros> {
        let mut tx = self.shared.store.snapshot().await?;
        let oldest = log_rows::oldest_unsealed(&mut tx).await?;
        Ok(oldest.map_or(0, |since| (self.shared.clock.now() - since).max(0)))
    }

    pub async fn checkpoint(&self) -> Result<PublishedCheckpoint> {
        let mut tx = self.shared.store.snapshot().await?;
        let row = log_rows::newest_checkpoint(&mut tx)
            .await?
            .ok_or(Error::new(code::NOT_FOUND))?;
        Ok(PublishedCheckpoint {
            note: row.note,
            tree_size: row.size,
            signed_at: row.signed_at,
        })
    }

    /// A leaf and the hashes that prove it in a tree of `size`; 0 means the newest checkpoint's.
    ///
    /// An entry that has no place yet, or none in a tree of that size, is not found.
    pub async fn inclusion_proof(&self, leaf: LeafProof, size: u64) -> Result<ProvedLeaf> {
        let mut tx = self.shared.store.snapshot().await?;
        let newest = log_rows::newest_checkpoint(&mut tx).await?;
        let newest = newest.map_or(0, |newest| newest.size);
        let size = if size == 0 { newest } else { size };
        let outside = || {
            Error::invalid(
                "tree_size",
                "must be above leaf_index and at most the log's size",
            )
        };
        if size > newest {
            return Err(outside());
        }
        let index = match leaf {
            LeafProof::At(index) if index < size => index,
            LeafProof::At(_) => return Err(outside()),
            LeafProof::Of(entry) => leaf_rows::place(&mut tx, entry)
                .await?
                .filter(|index| *index < size)
                .ok_or(Error::new(code::NOT_FOUND))?,
        };
        let leaf = leaf_rows::commitments(&mut tx, index, index + 1).await?;
        let leaf = leaf.first().ok_or(Error::new(code::NOT_FOUND))?.leaf();
        let needed = tiles_for_inclusion(index, size).map_err(Error::internal)?;
        let tiles = load_tiles(&mut tx, &needed).await?;
        Ok(ProvedLeaf {
            leaf,
            index,
            size,
            hashes: prove_inclusion(&tiles, index, size).map_err(Error::internal)?,
        })
    }

    /// The hashes that prove that the tree of `first` leaves is a prefix of the one of `second`.
    pub async fn consistency_proof(&self, first: u64, second: u64) -> Result<Vec<Hash>> {
        let newest = self.checkpoint().await?.tree_size;
        if first > second || second > newest {
            return Err(Error::invalid(
                "second_tree_size",
                "must not be below first_tree_size nor above the log's size",
            ));
        }
        let mut tx = self.shared.store.snapshot().await?;
        let needed = tiles_for_consistency(first, second).map_err(Error::internal)?;
        let tiles = load_tiles(&mut tx, &needed).await?;
        prove_consistency(&tiles, first, second).map_err(Error::internal)
    }
}
