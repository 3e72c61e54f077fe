//! The sealer: gives entries their place in the hash tree and signs checkpoints.
//!
//! An entry is durable before it is sealed, so nothing in the path of a request waits for the tree. Several hubs may seal one log: they take turns
//! on the row of the log's head, within the transaction that moves it. A hub that freezes in its turn is ended by the database (see `store::writer`), and
//! when it comes back its transaction is gone: another has placed what it was about to place. The order of the tree is the order of arrival in the queue, so
//! a clock that steps back neither loses an entry nor moves one.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use delt_ledger::{
    Checkpoint, Hash, Note,
    merkle::{Appender, Tile, TileId, TileMap, tiles_for_append},
};
use futures_util::future::BoxFuture;

use super::log_rows;
use crate::{
    Error, Kind, Result,
    clock::Micros,
    perform::Shared,
    store::{AsyncWork, Tx},
};

/// How many entries one turn takes. A turn that does not end within the store's time limit is lost, and the next would be no smaller: so few that even a
/// slow database is done in time.
const TURN: i64 = 4_096;

/// So often a hub that starts asks for the log's turn, and after such a pause again.
const BEGINNINGS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// Seals until the hub stops, and once more then.
pub(crate) fn start(shared: &Arc<Shared>) {
    let mut stop = shared.background.stop();
    let weak = Arc::downgrade(shared);
    let pause = Duration::from_millis(shared.settings.checkpoint_interval_ms);
    shared.background.start(async move {
        loop {
            let stopping = tokio::select! {
                () = tokio::time::sleep(pause) => false,
                () = stop.requested() => true,
            };
            let Some(shared) = weak.upgrade() else { break };
            let sealed = seal_all(&shared).await;
            // It writes in every turn, so it is the first to find a full disk.
            shared.writable.store(sealed.is_ok(), Ordering::Relaxed);
            if let Err(error) = sealed {
                tracing::warn!(%error, "the log could not be sealed; it is tried again");
            }
            if stopping {
                break;
            }
        }
    });
}

/// Seals everything that waits.
pub(crate) async fn seal_all(shared: &Arc<Shared>) -> Result<()> {
    while shared
        .store
        .write(Turn {
            shared: shared.clone(),
        })
        .await?
        >= TURN
    {}
    Ok(())
}

/// Seals what waits when a hub starts. Others may hold the log's turn for longer than the store has patience, so it is asked for more than once.
pub(crate) async fn begin(shared: &Arc<Shared>) -> Result<()> {
    for _ in 1..BEGINNINGS {
        match seal_all(shared).await {
            Err(error) if error.kind() == Kind::Unavailable => tokio::time::sleep(PAUSE).await,
            sealed => return sealed,
        }
    }
    seal_all(shared).await
}

/// One turn: how many entries were sealed.
struct Turn {
    shared: Arc<Shared>,
}

impl AsyncWork<i64> for Turn {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<i64>> {
        Box::pin(self.seal(tx))
    }
}

impl Turn {
    async fn seal(&self, tx: &mut Tx<'_>) -> Result<i64> {
        let size = log_rows::take_turn(tx).await?;
        let waiting = log_rows::unsealed(tx, TURN).await?;
        if waiting.is_empty() && (size > 0 || log_rows::has_checkpoint(tx).await?) {
            return Ok(0);
        }
        let leaves = waiting
            .iter()
            .map(|entry| entry.commitment.leaf())
            .collect::<Vec<_>>();
        let tree = resume(tx, size).await?;
        self.check(tx, &tree).await?;
        let appended = tree.append(&leaves).map_err(Error::internal)?;
        log_rows::place(tx, size, &waiting).await?;
        log_rows::put_tiles(tx, &appended.tiles).await?;
        let size = appended.appender.size();
        log_rows::move_head(tx, size).await?;
        let note = self.sign(size, appended.root)?;
        log_rows::insert_checkpoint(tx, size, self.now(), &note).await?;
        i64::try_from(waiting.len()).map_err(Error::internal)
    }

    fn now(&self) -> Micros {
        self.shared.clock.now()
    }

    /// The tree must be the one that was signed last: whoever changed a tile or took the head back would otherwise get a fork of the log signed.
    async fn check(&self, tx: &mut Tx<'_>, tree: &Appender) -> Result<()> {
        let Some(newest) = log_rows::newest_checkpoint(tx).await? else {
            return match tree.size() {
                0 => Ok(()),
                _ => Err(Error::internal("a tree without a checkpoint")),
            };
        };
        let signed = self.read(&newest.note)?;
        if (signed.size, signed.root) == (tree.size(), tree.root()) {
            Ok(())
        } else {
            Err(Error::internal(
                "the stored tree is not the one that was signed",
            ))
        }
    }

    /// A checkpoint of this log with its signature verified. One of another name was signed before the log was given this one.
    fn read(&self, note: &str) -> Result<Checkpoint> {
        let verifier = self.shared.signer.verifier();
        Checkpoint::open(note, verifier).or_else(|error| {
            let parsed = Note::parse(note).map_err(Error::internal)?;
            let unverified = Checkpoint::from_text(parsed.text()).map_err(Error::internal)?;
            if unverified.origin == verifier.name() {
                Err(Error::internal(error))
            } else {
                Ok(unverified)
            }
        })
    }

    fn sign(&self, size: u64, root: Hash) -> Result<String> {
        let checkpoint = Checkpoint::new(&self.shared.settings.log_origin, size, root);
        let note = checkpoint
            .sign(&self.shared.signer)
            .map_err(Error::internal)?;
        Ok(note.to_string())
    }
}

/// The tree as it is stored.
async fn resume(tx: &mut Tx<'_>, size: u64) -> Result<Appender> {
    let needed = tiles_for_append(size).map_err(Error::internal)?;
    let tiles = load_tiles(tx, &needed).await?;
    Appender::resume(&tiles, size).map_err(Error::internal)
}

/// The tiles with these ids, for proofs and appends.
pub(crate) async fn load_tiles(tx: &mut Tx<'_>, ids: &[TileId]) -> Result<TileMap> {
    let mut tiles = TileMap::new();
    for id in ids {
        if let Some(bytes) = log_rows::tile(tx, *id).await? {
            tiles.extend([Tile { id: *id, bytes }]);
        }
    }
    Ok(tiles)
}
