//! The rows of the access log.

use delt_ledger::Outcome;

use super::{Receipt, SealedEntry};
use crate::{
    Result,
    store::{Store, Tx, on, unavailable},
};

const INSERT_ENTRY: &str = "-- audit_insert_entry
INSERT INTO audit_entry (entry_id, recorded_at, leaf_hash, commitment, salt, payload, patient_key, person_id,
    responsible_id, organisation, system_id, operation, outcome, purpose, overridden)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

/// Writes an entry within a transaction. The receipt counts once that transaction has committed.
pub(crate) async fn insert(tx: &mut Tx<'_>, sealed: &SealedEntry) -> Result<Receipt> {
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

/// Appends an entry on its own, durable when this returns.
pub(crate) async fn append(store: &Store, sealed: SealedEntry) -> Result<Receipt> {
    store.append(Append(sealed)).await
}

struct Append(SealedEntry);

impl crate::store::AsyncWork<Receipt> for Append {
    fn run<'a>(
        &'a mut self,
        tx: &'a mut Tx<'_>,
    ) -> futures_util::future::BoxFuture<'a, Result<Receipt>> {
        Box::pin(insert(tx, &self.0))
    }
}
