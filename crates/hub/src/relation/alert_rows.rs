//! Rows of attestations that wait, and of the alerts that they become.

use delt_policy::{AuthorisationId, OrganisationId, PatientKey};
use uuid::Uuid;

use super::{KeptRelation, RelationAlert, rows::uuid};
use crate::{
    Error, Result,
    clock::Micros,
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const IS_DUE: &str = "-- relation_is_due
SELECT relation_id FROM treatment_relation
WHERE verify_by IS NOT NULL AND confirmed_at IS NULL AND alerted_at IS NULL AND verify_by <= $1 LIMIT 1";

const SELECT_DUE: &str = "-- relation_select_due
SELECT patient_key, relation_id FROM treatment_relation
WHERE verify_by IS NOT NULL AND confirmed_at IS NULL AND alerted_at IS NULL AND verify_by <= $1
ORDER BY verify_by, relation_id LIMIT $2";

const CONFIRM: &str = "-- relation_confirm
UPDATE treatment_relation SET confirmed_at = $3, confirmed_by = $4
WHERE patient_key = $1 AND relation_id = $2 AND verify_by IS NOT NULL AND confirmed_at IS NULL AND alerted_at IS NULL";

const MARK_ALERTED: &str = "-- relation_mark_alerted
UPDATE treatment_relation SET alerted_at = $3
WHERE patient_key = $1 AND relation_id = $2 AND verify_by IS NOT NULL AND confirmed_at IS NULL AND alerted_at IS NULL";

const LOCK_NUMBERS: &str = "-- relation_lock_numbers
UPDATE counter SET value = value WHERE name = 'relation_alert'";

const NEXT_NUMBER: &str = "-- relation_next_number
UPDATE counter SET value = value + 1 WHERE name = 'relation_alert' RETURNING value";

const SELECT_LAST: &str = "-- relation_alert_last
SELECT value FROM counter WHERE name = 'relation_alert'";

const INSERT_ALERT: &str = "-- relation_alert_insert
INSERT INTO relation_alert (number, patient_key, relation_id, organisation, authorisation_id, attested_at, raised_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const SELECT_ALERTS: &str = "-- relation_alert_select
SELECT number, relation_id, organisation, authorisation_id, attested_at, raised_at
FROM relation_alert WHERE number > $1 ORDER BY number LIMIT $2";

const SELECT_WORD: &str = "-- relation_select_word
SELECT sealed_reason, attested_role FROM treatment_relation
WHERE patient_key = $1 AND relation_id = $2 AND sealed_reason IS NOT NULL AND attested_role IS NOT NULL";

/// Whether any attestation is past its deadline.
pub(super) async fn is_due(tx: &mut Tx<'_>, now: Micros) -> Result<bool> {
    let found: Option<Vec<u8>> = on!(tx, c => sqlx::query_scalar(IS_DUE)
        .bind(now)
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    Ok(found.is_some())
}

/// Attestations past their deadline, the longest overdue first.
pub(super) async fn due(
    tx: &mut Tx<'_>,
    now: Micros,
    limit: i64,
) -> Result<Vec<(PatientKey, Uuid)>> {
    let rows: Vec<(Vec<u8>, Vec<u8>)> = on!(tx, c => sqlx::query_as(SELECT_DUE)
        .bind(now)
        .bind(limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.iter()
        .map(|(patient, id)| Ok((key(patient)?, uuid(id)?)))
        .collect()
}

/// Confirms an attestation. `false` where it waits no longer; nothing is changed then.
pub(super) async fn confirm(
    tx: &mut Tx<'_>,
    attested: &KeptRelation,
    by: Uuid,
    now: Micros,
) -> Result<bool> {
    let relation = &attested.relation;
    on!(tx, c => sqlx::query(CONFIRM)
        .bind(relation.patient.as_bytes().as_slice())
        .bind(relation.id.as_bytes().as_slice())
        .bind(now)
        .bind(by.as_bytes().as_slice())
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Notes that an attestation became an alert. `false` where it waits no longer; nothing is changed then.
pub(super) async fn mark_alerted(
    tx: &mut Tx<'_>,
    attested: &KeptRelation,
    now: Micros,
) -> Result<bool> {
    let relation = &attested.relation;
    on!(tx, c => sqlx::query(MARK_ALERTED)
        .bind(relation.patient.as_bytes().as_slice())
        .bind(relation.id.as_bytes().as_slice())
        .bind(now)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Waits until no other hub is raising alerts, and lets none begin before this transaction has ended.
pub(super) async fn lock_numbers(tx: &mut Tx<'_>) -> Result<()> {
    on!(tx, c => sqlx::query(LOCK_NUMBERS).execute(c).await.map(drop)).map_err(unavailable)
}

/// Raises an alert under the next number. The number is given back where the transaction fails, so none is missing.
pub(super) async fn raise(
    tx: &mut Tx<'_>,
    attested: &KeptRelation,
    person: &AuthorisationId,
    now: Micros,
) -> Result<u64> {
    let relation = &attested.relation;
    let number: i64 =
        on!(tx, c => sqlx::query_scalar(NEXT_NUMBER).fetch_one(c).await).map_err(unavailable)?;
    on!(tx, c => sqlx::query(INSERT_ALERT)
        .bind(number)
        .bind(relation.patient.as_bytes().as_slice())
        .bind(relation.id.as_bytes().as_slice())
        .bind(relation.organisation.as_str())
        .bind(person.as_str())
        .bind(attested.created_at)
        .bind(now)
        .execute(c).await.map(drop))
    .map_err(unavailable)?;
    u64::try_from(number).map_err(Error::internal)
}

/// The last number given out; 0 before the first.
pub(super) async fn last_number(tx: &mut Tx<'_>) -> Result<u64> {
    let last: i64 =
        on!(tx, c => sqlx::query_scalar(SELECT_LAST).fetch_one(c).await).map_err(unavailable)?;
    u64::try_from(last).map_err(Error::internal)
}

type AlertRow = (i64, Vec<u8>, String, String, Micros, Micros);

/// The alerts after a number, in order.
pub(super) async fn alerts(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<RelationAlert>> {
    let rows: Vec<AlertRow> = on!(tx, c => sqlx::query_as(SELECT_ALERTS)
        .bind(after)
        .bind(limit)
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(alert).collect()
}

fn alert(
    (number, relation, place, person, attested_at, raised_at): AlertRow,
) -> Result<RelationAlert> {
    let malformed = || Error::internal("a stored alert is malformed");
    Ok(RelationAlert {
        number: u64::try_from(number).map_err(Error::internal)?,
        relation_id: uuid(&relation)?,
        organisation: OrganisationId::parse(&place).map_err(|_| malformed())?,
        authorisation_id: AuthorisationId::parse(&person).map_err(|_| malformed())?,
        attested_at,
        raised_at,
    })
}

/// The sealed reason of an attestation, and the role that it was given in.
pub(super) async fn word(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    id: Uuid,
) -> Result<Option<(Vec<u8>, String)>> {
    on!(tx, c => sqlx::query_as(SELECT_WORD)
        .bind(patient.as_bytes().as_slice())
        .bind(id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)
}
