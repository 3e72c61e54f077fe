//! Rows of the hash tree: the head, tiles and checkpoints.

use std::sync::LazyLock;

use delt_ledger::{
    Commitment, Hash,
    merkle::{Tile, TileId},
};

use sqlx::SqliteConnection;

use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, Values, on, unavailable},
};

const TAKE_TURN: &str = "-- log_take_turn
UPDATE log_head SET turn = turn + 1 WHERE id = 1 RETURNING tree_size";

const MOVE_HEAD: &str = "-- log_move_head
UPDATE log_head SET tree_size = $1 WHERE id = 1";

const SELECT_UNSEALED: &str = "-- log_select_unsealed
SELECT position, commitment FROM log_queue ORDER BY position LIMIT $1";

const SELECT_OLDEST_UNSEALED: &str = "-- log_select_oldest_unsealed
SELECT MIN(recorded_at) FROM log_queue";

/// On PostgreSQL others add to the queue meanwhile, so it is told which entries; they leave the queue and enter the tree in one statement.
const PLACE_ENTRIES: &str = "-- log_place_entries
WITH placed AS (
    DELETE FROM log_queue USING unnest($2::BIGINT[]) WITH ORDINALITY AS turn (position, place)
    WHERE log_queue.position = turn.position
    RETURNING turn.place, log_queue.recorded_at, log_queue.entry_id, log_queue.commitment
)
INSERT INTO log_leaf (leaf_index, recorded_at, entry_id, commitment)
SELECT $1::BIGINT + place - 1, recorded_at, entry_id, commitment FROM placed";

/// On SQLite nobody else writes meanwhile, so the queue up to here is what was read of it. FAIL, because the turn is taken back whole where it fails.
const PLACE_QUEUE: &str = "-- log_place_queue
INSERT OR FAIL INTO log_leaf (leaf_index, recorded_at, entry_id, commitment)
SELECT $1 - 1 + ROW_NUMBER() OVER (ORDER BY position), recorded_at, entry_id, commitment FROM log_queue WHERE position <= $2
ORDER BY position";

const LEAVE_QUEUE: &str = "-- log_leave_queue
DELETE FROM log_queue WHERE position <= $1";

const PUT_TILES: &str = "-- log_put_tiles
INSERT INTO log_tile (level, tile_index, hashes) SELECT * FROM unnest($1::BIGINT[], $2::BIGINT[], $3::BYTEA[])
ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes";

static PUT_TILE: LazyLock<Values> = LazyLock::new(|| {
    Values::new(
        "-- log_put_tile
INSERT INTO log_tile (level, tile_index, hashes) VALUES ",
        3,
        " ON CONFLICT (level, tile_index) DO UPDATE SET hashes = excluded.hashes",
    )
});

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
    pub(super) commitment: Commitment,
}

/// Entries without a place, in the order of their arrival.
pub(super) async fn unsealed(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Waiting>> {
    let rows: Vec<(i64, Vec<u8>)> =
        on!(tx, c => sqlx::query_as(SELECT_UNSEALED).bind(limit).fetch_all(c).await)
            .map_err(unavailable)?;
    rows.into_iter()
        .map(|(position, commitment)| {
            Ok(Waiting {
                position,
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

/// Gives entries their places, one after the other from `first` on. Each leaves the queue as it enters the tree; that none does so twice is what the
/// count shows, and the primary keys of the leaves.
pub(super) async fn place(tx: &mut Tx<'_>, first: u64, entries: &[Waiting]) -> Result<()> {
    let Some(last) = entries.last() else {
        return Ok(());
    };
    let first = i64::try_from(first).map_err(Error::internal)?;
    let placed = match tx {
        Tx::Postgres(tx) => {
            let positions: Vec<_> = entries.iter().map(|entry| entry.position).collect();
            let place = sqlx::query(PLACE_ENTRIES).bind(first).bind(positions);
            place
                .execute(&mut **tx)
                .await
                .map_err(unavailable)?
                .rows_affected()
        }
        Tx::Sqlite(tx) => place_queue(tx, first, last.position).await?,
    };
    if usize::try_from(placed).is_ok_and(|placed| placed == entries.len()) {
        Ok(())
    } else {
        Err(Error::internal("the queue changed under the sealer"))
    }
}

async fn place_queue(connection: &mut SqliteConnection, first: i64, last: i64) -> Result<u64> {
    let place = sqlx::query(PLACE_QUEUE).bind(first).bind(last);
    place.execute(&mut *connection).await.map_err(unavailable)?;
    let leave = sqlx::query(LEAVE_QUEUE).bind(last);
    let left = leave.execute(connection).await.map_err(unavailable)?;
    Ok(left.rows_affected())
}

fn tile_key(id: TileId) -> Result<(i64, i64)> {
    Ok((
        i64::from(id.level),
        i64::try_from(id.index).map_err(Error::internal)?,
    ))
}

/// Stores tiles in place of the shorter ones that they grew from.
pub(super) async fn put_tiles(tx: &mut Tx<'_>, tiles: &[Tile]) -> Result<()> {
    let keys = tiles.iter().map(|tile| tile_key(tile.id));
    let keys: Vec<_> = keys.collect::<Result<_>>()?;
    match tx {
        Tx::Postgres(tx) => {
            let (levels, indices): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
            let hashes: Vec<_> = tiles.iter().map(|tile| tile.bytes.as_slice()).collect();
            let put = sqlx::query(PUT_TILES)
                .bind(levels)
                .bind(indices)
                .bind(hashes);
            put.execute(&mut **tx).await.map(drop).map_err(unavailable)
        }
        Tx::Sqlite(tx) => {
            let rows: Vec<_> = keys.into_iter().zip(tiles).collect();
            for (statement, rows) in PUT_TILE.pieces(&rows) {
                let put =
                    rows.iter()
                        .fold(sqlx::query(statement), |put, ((level, index), tile)| {
                            put.bind(level).bind(index).bind(tile.bytes.as_slice())
                        });
                put.execute(&mut **tx).await.map_err(unavailable)?;
            }
            Ok(())
        }
    }
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
