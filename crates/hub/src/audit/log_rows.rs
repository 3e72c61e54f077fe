//! Rows of the hash tree: the head, tiles and checkpoints.

use delt_ledger::{
    Commitment, Hash,
    merkle::{Tile, TileId},
};

use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const TAKE_TURN: &str = "-- log_take_turn
UPDATE log_head SET turn = turn + 1 WHERE id = 1 RETURNING tree_size";

const MOVE_HEAD: &str = "-- log_move_head
UPDATE log_head SET tree_size = $1 WHERE id = 1";

const SELECT_UNSEALED: &str = "-- log_select_unsealed
SELECT position, recorded_at, entry_id, commitment FROM log_queue ORDER BY position LIMIT $1";

const SELECT_OLDEST_UNSEALED: &str = "-- log_select_oldest_unsealed
SELECT MIN(recorded_at) FROM log_queue";

const PLACE_ENTRY: &str = "-- log_place_entry
INSERT INTO log_leaf (leaf_index, recorded_at, entry_id, commitment) VALUES ($1, $2, $3, $4)";

const LEAVE_QUEUE: &str = "-- log_leave_queue
DELETE FROM log_queue WHERE position = $1";

const PUT_TILE: &str = "-- log_put_tile
INSERT INTO log_tile (level, tile_index, hashes) VALUES ($1, $2, $3)
ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes";

const SELECT_TILE: &str = "-- log_select_tile
SELECT hashes FROM log_tile WHERE level = $1 AND tile_index = $2";

const INSERT_CHECKPOINT: &str = "-- log_insert_checkpoint
INSERT INTO log_checkpoint (tree_size, signed_at, note) VALUES ($1, $2, $3)
ON CONFLICT (tree_size) DO NOTHING";

const SELECT_NEWEST_CHECKPOINT: &str = "-- log_select_newest_checkpoint
SELECT tree_size, signed_at, note FROM log_checkpoint ORDER BY tree_size DESC LIMIT 1";

/// Takes the sealer's turn, held until the transaction ends, and tells the tree's size.
pub(super) async fn take_turn(tx: &mut Tx<'_>) -> Result<u64> {
    let (size,): (i64,) =
        on!(tx, c => sqlx::query_as(TAKE_TURN).fetch_one(c).await).map_err(unavailable)?;
    u64::try_from(size).map_err(Error::internal)
}

pub(super) async fn move_head(tx: &mut Tx<'_>, size: u64) -> Result<()> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(MOVE_HEAD).bind(size).execute(c).await.map(drop)).map_err(unavailable)
}

/// An entry that waits for its place.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    position: i64,
    recorded_at: Micros,
    entry_id: Vec<u8>,
    pub(super) commitment: Commitment,
}

/// Entries without a place, oldest first.
pub(super) async fn unsealed(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Waiting>> {
    let rows: Vec<(i64, Micros, Vec<u8>, Vec<u8>)> =
        on!(tx, c => sqlx::query_as(SELECT_UNSEALED).bind(limit).fetch_all(c).await)
            .map_err(unavailable)?;
    rows.into_iter()
        .map(|(position, recorded_at, entry_id, commitment)| {
            Ok(Waiting {
                position,
                recorded_at,
                entry_id,
                commitment: Commitment::from_hash(hash(&commitment)?),
            })
        })
        .collect()
}

/// A hash as stored bytes.
pub(crate) fn hash(bytes: &[u8]) -> Result<Hash> {
    Hash::from_slice(bytes).map_err(Error::internal)
}

/// When the oldest entry without a place was recorded.
pub(super) async fn oldest_unsealed(tx: &mut Tx<'_>) -> Result<Option<Micros>> {
    let (oldest,): (Option<Micros>,) =
        on!(tx, c => sqlx::query_as(SELECT_OLDEST_UNSEALED).fetch_one(c).await)
            .map_err(unavailable)?;
    Ok(oldest)
}

/// Gives an entry its place.
pub(super) async fn place(tx: &mut Tx<'_>, entry: &Waiting, index: u64) -> Result<()> {
    let index = i64::try_from(index).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(PLACE_ENTRY)
        .bind(index)
        .bind(entry.recorded_at)
        .bind(entry.entry_id.as_slice())
        .bind(entry.commitment.as_hash().as_bytes().as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    let left = on!(tx, c => sqlx::query(LEAVE_QUEUE)
        .bind(entry.position)
        .execute(c).await
        .map(|done| done.rows_affected()))
    .map_err(unavailable)?;
    if left == 1 {
        Ok(())
    } else {
        Err(Error::internal("an entry was sealed twice"))
    }
}

fn tile_key(id: TileId) -> Result<(i64, i64)> {
    Ok((
        i64::from(id.level),
        i64::try_from(id.index).map_err(Error::internal)?,
    ))
}

pub(super) async fn put_tile(tx: &mut Tx<'_>, tile: &Tile) -> Result<()> {
    let (level, index) = tile_key(tile.id)?;
    on!(tx, c => sqlx::query(PUT_TILE).bind(level).bind(index).bind(tile.bytes.as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

pub(super) async fn tile(tx: &mut Tx<'_>, id: TileId) -> Result<Option<Vec<u8>>> {
    let (level, index) = tile_key(id)?;
    let row: Option<(Vec<u8>,)> =
        on!(tx, c => sqlx::query_as(SELECT_TILE).bind(level).bind(index).fetch_optional(c).await)
            .map_err(unavailable)?;
    Ok(row.map(|(hashes,)| hashes))
}

pub(super) async fn insert_checkpoint(
    tx: &mut Tx<'_>,
    size: u64,
    signed_at: Micros,
    note: &str,
) -> Result<()> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(INSERT_CHECKPOINT).bind(size).bind(signed_at).bind(note)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// A signed checkpoint as it was published.
#[derive(Debug, Clone)]
pub(crate) struct CheckpointRow {
    pub(crate) size: u64,
    pub(crate) signed_at: Micros,
    pub(crate) note: String,
}

pub(crate) async fn newest_checkpoint(tx: &mut Tx<'_>) -> Result<Option<CheckpointRow>> {
    let row: Option<(i64, Micros, String)> =
        on!(tx, c => sqlx::query_as(SELECT_NEWEST_CHECKPOINT).fetch_optional(c).await)
            .map_err(unavailable)?;
    row.map(|(size, signed_at, note)| {
        Ok(CheckpointRow {
            size: u64::try_from(size).map_err(Error::internal)?,
            signed_at,
            note,
        })
    })
    .transpose()
}

pub(super) async fn has_checkpoint(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(newest_checkpoint(tx).await?.is_some())
}
