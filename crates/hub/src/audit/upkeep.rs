//! What the hub does for the log from time to time: partitions ahead of their month, and the end of retention.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{partitions, retention, witnesses::lease::Holder};
use crate::{
    Hub, Result,
    clock::{HOUR, Micros},
    entropy::random,
    perform::Shared,
};

/// How often it is looked whether something is due. What is due goes by the hub's clock.
const PAUSE: Duration = Duration::from_secs(1);
/// How often each is done.
const INTERVAL: Micros = HOUR;

/// What upkeep has done since the hub started.
#[derive(Debug, Default)]
pub(crate) struct Upkeep {
    partitions_ready: AtomicU64,
    erased: AtomicU64,
    failures: AtomicU64,
}

/// What upkeep has done since the hub started, for those who run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogUpkeep {
    /// Of this month and the three to come, how many have a partition of their own. 0 on SQLite, which needs none.
    pub partitions_ready: u64,
    /// Entries that this hub erased at the end of their retention; those that went with a whole month are not counted.
    pub erased: u64,
    /// How often either could not be done.
    pub failures: u64,
}

impl Hub {
    /// What upkeep of the log has done.
    pub fn log_upkeep(&self) -> LogUpkeep {
        let upkeep = &self.shared.upkeep;
        LogUpkeep {
            partitions_ready: upkeep.partitions_ready.load(Ordering::Relaxed),
            erased: upkeep.erased.load(Ordering::Relaxed),
            failures: upkeep.failures.load(Ordering::Relaxed),
        }
    }
}

/// Does it until the hub stops.
pub(crate) fn start(shared: &Arc<Shared>) {
    let mut stop = shared.background.stop();
    let weak = Arc::downgrade(shared);
    shared.background.start(async move {
        let (mut holder, mut done_at) = (None, None);
        loop {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.requested() => break,
            }
            let Some(shared) = weak.upgrade() else { break };
            let now = shared.clock.now();
            let since = done_at.map(|done_at: Micros| now.saturating_sub(done_at));
            if since.is_some_and(|since| (0..INTERVAL).contains(&since)) {
                continue;
            }
            done_at = Some(now);
            provide_partitions(&shared).await;
            tokio::select! {
                () = erase_expired(&shared, &mut holder, now) => {}
                () = stop.requested() => break,
            }
        }
    });
}

/// Before entries are written, so that they find their month's partition.
pub(crate) async fn provide_partitions(shared: &Arc<Shared>) {
    let upkeep = &shared.upkeep;
    match partitions::provide(shared, shared.clock.now()).await {
        Ok(ready) => upkeep
            .partitions_ready
            .store(ready as u64, Ordering::Relaxed),
        Err(error) => {
            upkeep.failures.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%error, "a partition of the access log could not be made; entries go into the default one, and it is tried again");
        }
    }
}

async fn erase_expired(shared: &Arc<Shared>, holder: &mut Option<Holder>, now: Micros) {
    let erased: Result<_> = async {
        let holder = match *holder {
            Some(known) => known,
            None => *holder.insert(random(&*shared.entropy)?),
        };
        retention::erase_expired(shared, holder, now).await
    }
    .await;
    match erased {
        Ok(erased) => {
            shared
                .upkeep
                .erased
                .fetch_add(erased.entries, Ordering::Relaxed);
            if erased != retention::Erased::default() {
                tracing::info!(
                    entries = erased.entries,
                    months = erased.months,
                    "entries of the access log were erased at the end of their retention; their places in the tree stay"
                );
            }
        }
        Err(error) => {
            shared.upkeep.failures.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%error, "expired entries of the access log could not be erased; it is tried again");
        }
    }
}
