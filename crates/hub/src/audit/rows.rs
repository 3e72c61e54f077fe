//! The rows of the access log.

use std::sync::Arc;

use delt_ledger::Outcome;
use futures_util::future::BoxFuture;

use super::{Draft, SealedEntry, Written};
use crate::{
    Error, Result,
    entropy::Entropy,
    store::{AsyncWork, Store, Tx, on, unavailable},
};

const INSERT_ENTRY: &str = "-- audit_insert_entry
INSERT INTO log_entry (entry_id, recorded_at, commitment, salt, payload, patient_key, patient_number, person_id, person_key,
    responsible_id, organisation, system_id, operation, outcome, purpose, overridden)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

const INSERT_QUEUED: &str = "-- audit_insert_queued
INSERT INTO log_queue (entry_id, recorded_at, commitment, patient_key, patient_number) VALUES ($1, $2, $3, $4, $5)";

async fn insert(tx: &mut Tx<'_>, sealed: &SealedEntry) -> Result<Written> {
    let entry = &sealed.entry;
    let actor = &entry.actor;
    let person = actor.person.as_ref();
    let organisation = person
        .and_then(|person| person.organisation.as_deref())
        .or(actor.system_organisation.as_deref());
    let patient = sealed.patient.as_ref().map(|key| key.as_bytes().as_slice());
    let number = entry.patient_chain.map(|link| i64::try_from(link.number));
    let number = number.transpose().map_err(Error::internal)?;
    on!(tx, c => sqlx::query(INSERT_ENTRY)
        .bind(sealed.id.as_bytes().as_slice())
        .bind(sealed.recorded_at)
        .bind(sealed.commitment.as_bytes().as_slice())
        .bind(sealed.salt.as_bytes().as_slice())
        .bind(sealed.payload.as_slice())
        .bind(patient)
        .bind(number)
        .bind(person.map(|person| person.id.as_str()))
        .bind(sealed.person_key.as_ref().map(|key| key.as_bytes().as_slice()))
        .bind(actor.responsible.as_ref().map(|person| person.id.as_str()))
        .bind(organisation)
        .bind(actor.system.as_str())
        .bind(entry.operation.as_str())
        .bind(outcome(entry.outcome))
        .bind(entry.purpose.as_deref())
        .bind(i64::from(sealed.overridden))
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    on!(tx, c => sqlx::query(INSERT_QUEUED)
        .bind(sealed.id.as_bytes().as_slice())
        .bind(sealed.recorded_at)
        .bind(sealed.commitment.as_bytes().as_slice())
        .bind(patient)
        .bind(number)
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    Ok(sealed.written())
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Permitted => "permitted",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    }
}

/// Writes an entry, and before it what its request began, within a transaction. What was written counts once that transaction has committed.
pub(crate) async fn conclude(
    tx: &mut Tx<'_>,
    mut draft: Draft,
    entropy: &dyn Entropy,
) -> Result<Written> {
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
) -> Result<Written> {
    if draft.breaking.is_some() {
        // It waits for the row that numbers the cases, which others write too: those who only append must not wait with it.
        return store.write(Concluding { draft, entropy }).await;
    }
    // Sealed out here, so that the one who writes for all does nothing but write.
    store.append(Append(draft.seal(&*entropy)?)).await
}

struct Append(SealedEntry);

impl AsyncWork<Written> for Append {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Written>> {
        Box::pin(insert(tx, &self.0))
    }
}

/// An entry that is not fixed before what it cites is written.
struct Concluding {
    draft: Draft,
    entropy: Arc<dyn Entropy>,
}

impl AsyncWork<Written> for Concluding {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Written>> {
        Box::pin(conclude(tx, self.draft.clone(), &*self.entropy))
    }
}
