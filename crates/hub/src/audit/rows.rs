//! The rows of the access log.

use std::sync::Arc;

use delt_ledger::Outcome;
use futures_util::future::BoxFuture;

use super::{Draft, Receipt, SealedEntry};
use crate::{
    Result,
    entropy::Entropy,
    store::{AsyncWork, Store, Tx, on, unavailable},
};

const INSERT_ENTRY: &str = "-- audit_insert_entry
INSERT INTO audit_entry (entry_id, recorded_at, leaf_hash, commitment, salt, payload, patient_key, person_id,
    responsible_id, organisation, system_id, operation, outcome, purpose, overridden)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

async fn insert(tx: &mut Tx<'_>, sealed: &SealedEntry) -> Result<Receipt> {
    let entry = &sealed.entry;
    let actor = &entry.actor;
    let person = actor.person.as_ref();
    let organisation = person
        .and_then(|person| person.organisation.as_deref())
        .or(actor.system_organisation.as_deref());
    on!(tx, c => sqlx::query(INSERT_ENTRY)
        .bind(sealed.id.as_bytes().as_slice())
        .bind(sealed.recorded_at)
        .bind(sealed.leaf_hash.as_bytes().as_slice())
        .bind(sealed.commitment.as_bytes().as_slice())
        .bind(sealed.salt.as_bytes().as_slice())
        .bind(sealed.payload.as_slice())
        .bind(sealed.patient.as_ref().map(|key| key.as_bytes().as_slice()))
        .bind(person.map(|person| person.id.as_str()))
        .bind(actor.responsible.as_ref().map(|person| person.id.as_str()))
        .bind(organisation)
        .bind(actor.system.as_str())
        .bind(entry.operation.as_str())
        .bind(outcome(entry.outcome))
        .bind(entry.purpose.as_deref())
        .bind(i64::from(sealed.overridden))
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    Ok(sealed.receipt())
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Permitted => "permitted",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    }
}

/// Writes an entry, and before it what its request began, within a transaction. The receipt counts once that transaction has committed.
pub(crate) async fn conclude(
    tx: &mut Tx<'_>,
    mut draft: Draft,
    entropy: &dyn Entropy,
) -> Result<Receipt> {
    if let Some(breaking) = draft.breaking.take() {
        let cited = breaking.write(tx, draft.id()).await?;
        draft.opened(cited);
    }
    insert(tx, &draft.seal(entropy)?).await
}

/// Appends an entry on its own, with what its request began; durable when this returns.
pub(crate) async fn append(
    store: &Store,
    draft: Draft,
    entropy: Arc<dyn Entropy>,
) -> Result<Receipt> {
    if draft.breaking.is_some() {
        // It waits for the row that numbers the cases, which others write too: those who only append must not wait with it.
        return store.write(Concluding { draft, entropy }).await;
    }
    // Sealed out here, so that the one who writes for all does nothing but write.
    store.append(Append(draft.seal(&*entropy)?)).await
}

struct Append(SealedEntry);

impl AsyncWork<Receipt> for Append {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Receipt>> {
        Box::pin(insert(tx, &self.0))
    }
}

/// An entry that is not fixed before what it cites is written.
struct Concluding {
    draft: Draft,
    entropy: Arc<dyn Entropy>,
}

impl AsyncWork<Receipt> for Concluding {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Receipt>> {
        Box::pin(conclude(tx, self.draft.clone(), &*self.entropy))
    }
}
