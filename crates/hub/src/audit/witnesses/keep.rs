//! What the asking hub writes down: answers, and who of the hubs asks.

use std::sync::Arc;

use delt_ledger::WitnessPolicy;
use futures_util::future::BoxFuture;

use super::{
    ask::Problem,
    lease::{self, Holder},
    published::newest_published,
    rows::{self, WitnessRow},
};
use crate::{
    Result,
    clock::{HOUR, Micros},
    store::{AsyncWork, Tx},
};

/// The lease of those who ask.
pub(super) const LEASE: &str = "witnesses";

/// What a witness said, written down. Answers the size of the newest published checkpoint.
pub(super) struct Keep {
    pub(super) policy: Arc<WitnessPolicy>,
    pub(super) witness: usize,
    pub(super) about: u64,
    pub(super) line: Option<String>,
    pub(super) problem: Option<Problem>,
    pub(super) now: Micros,
}

impl AsyncWork<Option<u64>> for Keep {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Option<u64>>> {
        Box::pin(self.keep(tx))
    }
}

impl Keep {
    async fn keep(&self, tx: &mut Tx<'_>) -> Result<Option<u64>> {
        let Some(witness) = self.policy.witnesses().get(self.witness) else {
            return Ok(None);
        };
        let vkey = witness.verifier.to_string();
        let rows = rows::witnesses(tx).await?;
        let known = rows.into_iter().find(|row| row.vkey == vkey);
        let row = WitnessRow {
            vkey,
            tree_size: match self.line {
                Some(_) => self.about,
                None => known.map_or(0, |row| row.tree_size),
            },
            cosigned_at: self.line.as_ref().map(|_| self.now),
            problem: self.problem.map(|problem| problem.code().to_owned()),
        };
        rows::put_witness(tx, &row, self.now).await?;
        let before = rows::cosigned(tx).await?;
        let before = newest_published(&before, &self.policy).map(|(row, _)| row.clone());
        let Some(line) = &self.line else {
            return Ok(before.map(|row| row.size));
        };
        if before.as_ref().is_some_and(|row| row.size > self.about) {
            return Ok(before.map(|row| row.size)); // Too late to be of use.
        }
        rows::put_cosignature(tx, self.about, &row.vkey, line, self.now).await?;
        let after = rows::cosigned(tx).await?;
        let Some((published, _)) = newest_published(&after, &self.policy) else {
            return Ok(None);
        };
        if let Some(old) = before.filter(|old| old.size < published.size) {
            rows::prune(tx, &old, published).await?;
        }
        Ok(Some(published.size))
    }
}

/// Forgets the cosignatures between the newest published checkpoint and the target.
pub(super) struct Forget {
    pub(super) policy: Arc<WitnessPolicy>,
    pub(super) target: u64,
    pub(super) now: Micros,
}

impl AsyncWork<()> for Forget {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let rows = rows::cosigned(tx).await?;
            let published = newest_published(&rows, &self.policy).map(|(row, _)| row.size);
            // Where none is published, as after another policy came into force, what was kept of former hours stays.
            let recent = rows.iter().rfind(|row| self.now - row.received_at < HOUR);
            let from = match published {
                Some(size) => size.saturating_add(1),
                None => recent.map_or(self.target, |row| row.size),
            };
            if rows
                .iter()
                .any(|row| (from..self.target).contains(&row.size))
            {
                rows::forget(tx, from, self.target).await?;
            }
            Ok(())
        })
    }
}

/// Takes or prolongs the lease; answers whether it did.
pub(super) struct Take {
    pub(super) holder: Holder,
    pub(super) now: Micros,
    pub(super) until: Micros,
}

impl AsyncWork<bool> for Take {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<bool>> {
        Box::pin(lease::take(tx, LEASE, self.holder, self.now, self.until))
    }
}

/// Lets the lease go.
pub(super) struct Release(pub(super) Holder);

impl AsyncWork<()> for Release {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(lease::release(tx, LEASE, self.0))
    }
}
