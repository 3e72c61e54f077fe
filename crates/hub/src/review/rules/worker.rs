//! Reads the log behind the requests, and never in the path of one.
//!
//! A turn reads and judges in a snapshot, and then writes in one short transaction that begins by moving `review_leaf` from where the snapshot found it:
//! where another hub was quicker, or a hub died before its transaction was durable, the row says so and nothing is counted twice or missed.
//! The transaction takes `review_leaf` first and the row that numbers cases last; requests never take the former, so the two cannot wait for each other.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use delt_ledger::Entry;
use delt_policy::{OrganisationTree, PatientKey};
use futures_util::future::BoxFuture;

use super::{
    Rules,
    danish_time::DAY,
    finding::Finding,
    judge::Bench,
    known::{Counted, Known, Seen},
    look::{Deed, deed},
    rows,
};
use crate::{
    Error, Hub, Kind, Result,
    clock::Micros,
    patient::demographics,
    perform::Shared,
    review::CaseKind,
    store::{AsyncWork, Tx},
};

/// How many leaves one turn takes, so that it ends within the store's time limit and what it writes holds nobody up.
const TURN: u64 = 512;
/// How many rows a turn forgets at most.
const FORGET: i64 = 1_024;
/// So many days after its own a tally is kept, for entries that a hub was late to write.
const GRACE_DAYS: Micros = 3;

impl Hub {
    /// How many sealed entries the rules have not looked at.
    pub async fn review_lag(&self) -> Result<u64> {
        let (place, head) = rows::place(&mut self.shared.store.snapshot().await?).await?;
        Ok(head.saturating_sub(place))
    }
}

/// Looks at new entries until the hub stops.
pub(crate) fn start(shared: &Arc<Shared>) {
    let mut stop = shared.background.stop();
    let weak = Arc::downgrade(shared);
    let interval = Duration::from_millis(shared.settings.review.rules.interval_ms);
    shared.background.start(async move {
        let mut pause = interval;
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.requested() => break,
            }
            let Some(shared) = weak.upgrade() else { break };
            let more = turn(&shared, TURN).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the rules of review could not look at new entries; it is tried again");
                false
            });
            // What has piled up is looked at without a pause, turn by turn.
            pause = if more { Duration::ZERO } else { interval };
        }
    });
}

/// Looks at so many leaves at most; whether there may be more.
pub(super) async fn turn(shared: &Arc<Shared>, leaves: u64) -> Result<bool> {
    let mut tx = shared.store.snapshot().await?;
    let (from, head) = rows::place(&mut tx).await?;
    let to = head.min(from.saturating_add(leaves));
    if to <= from {
        return Ok(false);
    }
    let rules = &shared.settings.review.rules;
    let deeds = deeds(&mut tx, from, to).await?;
    let mut known = recall(&mut tx, rules, &deeds).await?;
    drop(tx);
    let tree = tree(shared);
    let findings = Bench::new(rules, &shared.keys, &tree).judge(&deeds, &mut known);
    let oldest = deeds.iter().map(|deed| deed.at).min();
    let kept = Keep {
        span: (from, to),
        counted: known.counted,
        seen: known.seen,
        findings,
        oldest,
        memory: rules.colleague.memory(),
        now: shared.clock.now(),
    };
    let opened = shared.store.write(kept).await?;
    if opened > 0 {
        tracing::info!(opened, "rules opened review cases");
    }
    Ok(to < head)
}

fn tree(shared: &Shared) -> Arc<OrganisationTree> {
    let directory = shared.directory.read();
    directory
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .tree()
}

/// What staff did in a range of leaves. An entry that cannot be read is reported and passed by: it must not hold up those behind it.
async fn deeds(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<Vec<Deed>> {
    let sealed = rows::sealed(tx, from, to).await?;
    let read = |sealed: rows::Sealed| match Entry::from_json(&sealed.payload) {
        Ok(entry) => deed(sealed.id, sealed.recorded_at, &entry, sealed.person_key),
        Err(error) => {
            tracing::error!(leaf = sealed.leaf, %error, "the rules of review cannot read an entry of the log");
            None
        }
    };
    Ok(sealed.into_iter().filter_map(read).collect())
}

/// What the rules need to remember for these deeds.
async fn recall(tx: &mut Tx<'_>, rules: &Rules, deeds: &[Deed]) -> Result<Known> {
    let mut known = Known::default();
    let patients = patients(deeds);
    if let Some(linked) = spared("links", rows::linked(tx, &patients).await)? {
        known.linked = linked;
    }
    let people = deeds.iter().filter_map(|deed| deed.staff.key);
    let others = known.linked.values().flatten().copied();
    let numbers: BTreeSet<_> = people.chain(others).chain(patients).collect();
    let numbers = || numbers.iter().copied();
    if rules.same_family_name.enabled || rules.same_address.enabled {
        known.tags = spared("tags", demographics::rows::of(tx, numbers()).await)?;
    }
    if rules.colleague.enabled {
        known.work = spared("work", rows::work(tx, numbers()).await)?;
    }
    recall_tallies(tx, rules, deeds, &mut known).await?;
    Ok(known)
}

fn patients(deeds: &[Deed]) -> Vec<PatientKey> {
    let looks = deeds.iter().filter_map(|deed| deed.look.as_ref());
    let patients: BTreeSet<_> = looks.map(|look| look.patient).collect();
    patients.into_iter().collect()
}

async fn recall_tallies(
    tx: &mut Tx<'_>,
    rules: &Rules,
    deeds: &[Deed],
    known: &mut Known,
) -> Result<()> {
    let days = || deeds.iter().map(|deed| deed.local.day());
    let (Some(first), Some(last)) = (days().min(), days().max()) else {
        return Ok(());
    };
    let people: BTreeSet<_> = deeds
        .iter()
        .map(|deed| deed.staff.subject.clone())
        .collect();
    let people: Vec<_> = people.into_iter().collect();
    let patients: Vec<_> = patients(deeds).iter().map(PatientKey::hex).collect();
    for (rule, enabled, subjects) in [
        (CaseKind::ManyPatients, rules.many_patients.enabled, &people),
        (CaseKind::OutsideHours, rules.outside_hours.enabled, &people),
        (CaseKind::ManyPlaces, rules.many_places.enabled, &patients),
    ] {
        if enabled {
            let counted = rows::tallies(tx, rule, subjects, (first, last)).await;
            let counted = spared(rule.as_str(), counted)?.unwrap_or_default();
            for one in counted {
                known.recall(one);
            }
        }
    }
    Ok(())
}

/// What was read. Where the store is away the whole turn is tried again; what cannot be read for another reason is reported and does without.
fn spared<T>(what: &str, read: Result<T>) -> Result<Option<T>> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == Kind::Unavailable => Err(error),
        Err(error) => {
            tracing::error!(what, %error, "a rule of review rests: what it needs cannot be read");
            Ok(None)
        }
    }
}

/// What a turn keeps.
struct Keep {
    span: (u64, u64),
    counted: Vec<Counted>,
    seen: Vec<Seen>,
    findings: Vec<Finding>,
    /// When the first of the deeds was done.
    oldest: Option<Micros>,
    memory: Micros,
    now: Micros,
}

impl AsyncWork<u64> for Keep {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<u64>> {
        Box::pin(self.keep(tx))
    }
}

impl Keep {
    /// How many cases were opened. None where another hub has looked at these leaves.
    async fn keep(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let (from, to) = self.span;
        if !rows::move_on(tx, from, to).await? {
            return Ok(0);
        }
        for counted in &self.counted {
            rows::keep_counted(tx, counted).await?;
        }
        for seen in &self.seen {
            rows::keep_seen(tx, seen).await?;
        }
        if let Some(oldest) = self.oldest {
            let day = oldest.saturating_sub(GRACE_DAYS.saturating_mul(DAY));
            let work = oldest.saturating_sub(self.memory);
            rows::forget(tx, day, work, FORGET).await?;
        }
        self.keep_cases(tx).await
    }

    /// Last of all, because breaking a glass waits for the row that numbers cases.
    async fn keep_cases(&self, tx: &mut Tx<'_>) -> Result<u64> {
        let mut opened = 0;
        for finding in &self.findings {
            // In a savepoint of its own: a case that cannot be opened must not hold back the others.
            let mut alone = tx.nested().await?;
            match rows::keep_case(&mut alone, finding, self.now).await {
                Ok(new) => {
                    alone.commit().await?;
                    opened += u64::from(new);
                }
                Err(error) => {
                    alone.rollback().await?;
                    not_opened(finding.kind, error)?;
                }
            }
        }
        Ok(opened)
    }
}

fn not_opened(kind: CaseKind, error: Error) -> Result<()> {
    if error.kind() == Kind::Unavailable {
        return Err(error);
    }
    let rule = kind.as_str();
    tracing::error!(rule, %error, "a review case could not be opened");
    Ok(())
}
