//! Appending entries: each takes its number in its patient's chain and becomes durable in one transaction.

use std::sync::Arc;

use delt_ledger::Chain;
use futures_util::future::BoxFuture;

use super::{
    Draft, Pending, Written,
    chain_rows::{self, Chains},
    draft::Sealed,
    rows,
};
use crate::{
    Result,
    perform::Shared,
    store::{AsyncWork, Tx},
};

/// Appends an entry on its own, with what its request began; durable when this returns.
pub(crate) async fn append(shared: &Arc<Shared>, draft: Draft) -> Result<Written> {
    if draft.breaking.is_some() {
        // It waits for the row that numbers the cases, which others write too: those who only append must not wait with it.
        let shared = shared.clone();
        let work = Concluding {
            shared: shared.clone(),
            draft,
        };
        return shared.store.write(work).await;
    }
    shared.store.append(end(draft, shared)?).await
}

/// Writes an entry, and before it what its request began, as the last of a command's transaction. What was written counts once that has committed.
pub(crate) async fn conclude(
    tx: &mut Tx<'_>,
    mut draft: Draft,
    shared: &Shared,
) -> Result<Written> {
    if let Some(breaking) = draft.breaking.take() {
        let cited = breaking.write(tx, draft.id()).await?;
        draft.opened(cited);
    }
    write(tx, &mut end(draft, shared)?).await
}

/// Writes the entries of many commands that share a transaction, as the last of it. None of them begins anything of its own.
pub(crate) async fn conclude_all(
    tx: &mut Tx<'_>,
    drafts: Vec<Draft>,
    shared: &Shared,
) -> Result<Vec<Written>> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let drafts = drafts.into_iter().map(|draft| end(draft, shared));
    write_all(tx, &mut drafts.collect::<Result<Vec<_>>>()?).await
}

fn end(draft: Draft, shared: &Shared) -> Result<Pending> {
    draft.end(&*shared.entropy, |patient| {
        shared.keys.chain_salt(&shared.settings.log_origin, patient)
    })
}

/// Writes one entry.
pub(crate) async fn write(tx: &mut Tx<'_>, entry: &mut Pending) -> Result<Written> {
    let mut written = write_all(tx, std::slice::from_mut(entry)).await?;
    written
        .pop()
        .ok_or_else(|| crate::Error::internal("an entry that was not written"))
}

/// Writes a batch of entries: all of them or, with an error, none that counts.
pub(crate) async fn write_all(tx: &mut Tx<'_>, entries: &mut [Pending]) -> Result<Vec<Written>> {
    let mut chains: Chains = entries
        .iter()
        .filter_map(|entry| entry.patient.as_ref())
        .map(|(patient, salt)| (*patient, Chain::begin(salt)))
        .collect();
    chain_rows::take(tx, &mut chains).await?;
    let sealed = entries
        .iter_mut()
        .map(|entry| link(entry, &mut chains))
        .collect::<Result<Vec<_>>>()?;
    rows::insert(tx, entries, &sealed, &chains).await?;
    Ok(entries.iter().zip(&sealed).map(Written::of).collect())
}

/// Gives the entry the next number of its patient's chain.
fn link(entry: &mut Pending, chains: &mut Chains) -> Result<Sealed> {
    let patient = entry.patient;
    let found = patient.and_then(|(patient, salt)| Some((chains.get_mut(&patient)?, salt)));
    let Some((chain, salt)) = found else {
        return entry.seal(None);
    };
    let sealed = entry.seal(Some(chain.next_link()))?;
    *chain = chain.with(&salt, &sealed.leaf_hash);
    Ok(sealed)
}

/// An entry that is not fixed before what it cites is written.
struct Concluding {
    shared: Arc<Shared>,
    draft: Draft,
}

impl AsyncWork<Written> for Concluding {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Written>> {
        Box::pin(conclude(tx, self.draft.clone(), &self.shared))
    }
}
