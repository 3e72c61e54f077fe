//! The task that asks the witnesses, for as long as this hub holds the lease.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use delt_ledger::{NoteSignature, PolicyWitness, WitnessPolicy};
use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};

use super::{
    WITNESS_DEADLINE_MS, Witnesses,
    ask::{Problem, ask},
    keep::{Forget, Keep, LEASE, Release, Take},
    lease::{self, Holder},
    rounds::Rounds,
    rows::{self, WitnessRow},
};
use crate::{
    Hub, Result,
    audit::log_rows::{self, CheckpointRow},
    clock::{Micros, SECOND},
    entropy,
    perform::Shared,
};

/// How long the lease lasts: a little longer than a question may take, so that a hub that died is followed soon.
const LEASE_TIME: Micros = 15 * SECOND;
/// A witness that fails is asked again after this at the latest, in milliseconds.
const LONGEST_WAIT_MS: u64 = 15_000;

impl Hub {
    /// Asks the witnesses of the policy about new checkpoints, until the hub stops. Does nothing where no policy is set.
    ///
    /// # Errors
    /// The operating system gives no randomness.
    pub fn ask_witnesses(&self, client: Arc<dyn Witnesses>) -> Result<()> {
        let Some(policy) = &self.shared.settings.witnesses else {
            return Ok(());
        };
        let asker = Asker::new(&self.shared, policy, client)?;
        self.shared.background.start(asker.run());
        Ok(())
    }
}

/// A question that was answered, or not.
struct Told {
    witness: usize,
    about: u64,
    outcome: std::result::Result<NoteSignature, Problem>,
}

struct Asker {
    hub: Weak<Shared>,
    client: Arc<dyn Witnesses>,
    policy: Arc<WitnessPolicy>,
    interval: Duration,
    holder: Holder,
    rounds: Rounds,
    target: Option<CheckpointRow>,
    /// What was last told the operator about each.
    told: Vec<Option<Problem>>,
    in_flight: FuturesUnordered<BoxFuture<'static, Told>>,
}

impl Asker {
    fn new(
        shared: &Arc<Shared>,
        policy: &WitnessPolicy,
        client: Arc<dyn Witnesses>,
    ) -> Result<Self> {
        let interval = shared.settings.witness_interval_ms.max(1);
        let witnesses = policy.witnesses().len();
        Ok(Self {
            hub: Arc::downgrade(shared),
            client,
            policy: Arc::new(policy.clone()),
            interval: Duration::from_millis(interval),
            holder: entropy::random(shared.entropy.as_ref())?,
            rounds: Rounds::new(witnesses, longest_wait(interval)),
            target: None,
            told: vec![None; witnesses],
            in_flight: FuturesUnordered::new(),
        })
    }

    async fn run(mut self) {
        let Some(mut stop) = self.hub.upgrade().map(|hub| hub.background.stop()) else {
            return;
        };
        let mut ticks = tokio::time::interval(self.interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let done = tokio::select! {
                () = stop.requested() => break,
                Some(told) = self.in_flight.next() => self.take(told).await,
                _ = ticks.tick() => self.tick().await,
            };
            match done {
                Some(Err(error)) => {
                    tracing::warn!(%error, "witnesses cannot be asked; it is tried again");
                }
                Some(Ok(())) => {}
                None => break,
            }
        }
        self.release().await;
    }

    /// `None` where the hub is gone.
    async fn tick(&mut self) -> Option<Result<()>> {
        let shared = self.hub.upgrade()?;
        Some(self.advance(&shared).await)
    }

    async fn advance(&mut self, shared: &Arc<Shared>) -> Result<()> {
        let now = shared.clock.now();
        let mut tx = shared.store.snapshot().await?;
        let lease = lease::of(&mut tx, LEASE).await?;
        if lease
            .as_ref()
            .is_some_and(|l| l.expires_at > now && l.holder != self.holder)
        {
            self.stand_down();
            return Ok(());
        }
        let Some(newest) = log_rows::newest_checkpoint(&mut tx).await? else {
            return Ok(());
        };
        let sizes = rows::witnesses(&mut tx).await?;
        drop(tx);
        let moved = self.rounds.tick(newest.size);
        let (due, size) = (self.rounds.due(), newest.size);
        if moved {
            self.target = Some(newest);
        }
        if due.is_empty() && self.in_flight.is_empty() {
            return Ok(());
        }
        let left = lease.map_or(0, |lease| lease.expires_at - now);
        if left < LEASE_TIME / 2 && !self.take_lease(shared, now).await? {
            self.stand_down();
            return Ok(());
        }
        if moved {
            self.forget_abandoned(shared, size).await?;
        }
        self.put_questions(shared, &due, &sizes);
        Ok(())
    }

    /// Another hub asks: what was begun here ends.
    fn stand_down(&mut self) {
        self.in_flight.clear();
        self.target = None;
        self.rounds = Rounds::new(
            self.policy.witnesses().len(),
            longest_wait(u64::try_from(self.interval.as_millis()).unwrap_or(1)),
        );
    }

    async fn take_lease(&mut self, shared: &Arc<Shared>, now: Micros) -> Result<bool> {
        let take = Take {
            holder: self.holder,
            now,
            until: now.saturating_add(LEASE_TIME),
        };
        shared.store.write(take).await
    }

    async fn release(&mut self) {
        let Some(shared) = self.hub.upgrade() else {
            return;
        };
        // It expires by itself where this fails.
        let _released = shared.store.write(Release(self.holder)).await;
    }

    /// Cosignatures of targets that were given up are of no use.
    async fn forget_abandoned(&mut self, shared: &Arc<Shared>, target: u64) -> Result<()> {
        let forget = Forget {
            policy: self.policy.clone(),
            target,
            now: shared.clock.now(),
        };
        shared.store.write(forget).await
    }

    fn put_questions(&mut self, shared: &Arc<Shared>, due: &[usize], sizes: &[WitnessRow]) {
        let Some(target) = &self.target else { return };
        for at in due {
            let Some(witness) = self.policy.witnesses().get(*at) else {
                continue;
            };
            let vkey = witness.verifier.to_string();
            let known = sizes.iter().find(|row| row.vkey == vkey);
            let question = Question {
                hub: Hub {
                    shared: shared.clone(),
                },
                client: self.client.clone(),
                witness: witness.clone(),
                at: *at,
                old: known.map_or(0, |row| row.tree_size),
                target: target.clone(),
            };
            self.rounds.asked(*at);
            self.in_flight.push(Box::pin(question.put()));
        }
    }

    /// Keeps what a witness said. `None` where the hub is gone.
    async fn take(&mut self, told: Told) -> Option<Result<()>> {
        let shared = self.hub.upgrade()?;
        self.rounds
            .done(told.witness, told.about, told.outcome.is_ok());
        let problem = told.outcome.as_ref().err().copied();
        self.tell(told.witness, told.about, problem);
        let keep = Keep {
            policy: self.policy.clone(),
            witness: told.witness,
            about: told.about,
            line: told.outcome.ok().map(|line| line.to_string()),
            problem,
            now: shared.clock.now(),
        };
        let published = shared.store.write(keep).await;
        Some(published.map(|published| {
            if let Some(size) = published {
                self.rounds.publish(size);
            }
        }))
    }

    /// One line when the state of a witness changes, so that a log of an hour's outage has two.
    fn tell(&mut self, at: usize, size: u64, problem: Option<Problem>) {
        let (Some(before), Some(witness)) =
            (self.told.get_mut(at), self.policy.witnesses().get(at))
        else {
            return;
        };
        if *before == problem {
            return;
        }
        *before = problem;
        let witness = witness.name.as_str();
        match problem {
            None => tracing::info!(witness, size, "a witness cosigns again"),
            Some(problem) if problem.is_about_the_log() => {
                tracing::error!(
                    witness,
                    size,
                    problem = problem.code(),
                    "a witness says that this log is not the one it has seen: was the database restored from a copy?"
                );
            }
            Some(problem) => {
                tracing::warn!(
                    witness,
                    size,
                    problem = problem.code(),
                    "a witness does not cosign"
                );
            }
        }
    }
}

/// How many ticks a witness that fails is left alone at most.
fn longest_wait(interval_ms: u64) -> u32 {
    u32::try_from(LONGEST_WAIT_MS / interval_ms.max(1)).unwrap_or(u32::MAX)
}

struct Question {
    hub: Hub,
    client: Arc<dyn Witnesses>,
    witness: PolicyWitness,
    at: usize,
    old: u64,
    target: CheckpointRow,
}

impl Question {
    async fn put(self) -> Told {
        // Both of its questions may use their time to the full; the store's own limit bounds the rest.
        let whole = Duration::from_millis(2 * WITNESS_DEADLINE_MS + 5_000);
        let asking = ask(
            &self.hub,
            &self.client,
            &self.witness,
            self.old,
            &self.target,
        );
        let outcome = tokio::time::timeout(whole, asking).await;
        Told {
            witness: self.at,
            about: self.target.size,
            outcome: outcome.unwrap_or(Err(Problem::Store)),
        }
    }
}
