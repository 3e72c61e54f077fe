//! Rows of consents.

use delt_policy::{CitizenRelation, Consent, ConsentKind, PatientKey, What, Who};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::registrar::{from_word, word};
use crate::{
    Error, Result,
    clock::Micros,
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const SELECT_CONSENTS: &str = "-- consent_select
SELECT patient_key, consent_id, terms, valid_from, valid_until, created_at, created_by, ended_at,
    on_behalf
FROM consent WHERE patient_key = $1 ORDER BY created_at, consent_id";

const INSERT_CONSENT: &str = "-- consent_insert
INSERT INTO consent (patient_key, consent_id, terms, valid_from, valid_until, created_at, created_by,
    on_behalf)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (patient_key, consent_id) DO NOTHING";

const END_CONSENT: &str = "-- consent_end
UPDATE consent SET ended_at = $3, ended_by = $4
WHERE patient_key = $1 AND consent_id = $2 AND ended_at IS NULL";

/// A consent with the history around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptConsent {
    pub consent: Consent,
    pub created_at: Micros,
    /// The role and id of who registered it.
    pub created_by: String,
    /// By which right, where somebody registered it for the citizen.
    pub on_behalf: Option<CitizenRelation>,
}

/// The part of a consent that is kept as one text.
#[derive(Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) kind: ConsentKind,
    pub(crate) what: What,
    pub(crate) who: Who,
}

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    Micros,
    Option<Micros>,
    Micros,
    String,
    Option<Micros>,
    Option<String>,
);

/// All consents of a person, ended ones too, over all the person's numbers.
pub(crate) async fn load(tx: &mut Tx<'_>, keys: &[PatientKey]) -> Result<Vec<KeptConsent>> {
    let mut consents = Vec::new();
    for patient in keys {
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_CONSENTS)
            .bind(patient.as_bytes().as_slice())
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            consents.push(kept(row)?);
        }
    }
    Ok(consents)
}

fn kept(row: Row) -> Result<KeptConsent> {
    let (patient, id, terms, valid_from, valid_until, created_at, created_by, ended_at, on_behalf) =
        row;
    let Terms { kind, what, who } = serde_json::from_str(&terms).map_err(Error::internal)?;
    Ok(KeptConsent {
        consent: Consent {
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
            patient: key(&patient)?,
            kind,
            what,
            who,
            valid_from,
            valid_until,
            ended_at,
        },
        created_at,
        created_by,
        on_behalf: on_behalf
            .map(|right| from_word(&right).ok_or_else(|| Error::internal("an unknown right")))
            .transpose()?,
    })
}

/// Adds a consent. `false` where one with this id exists already; nothing is changed then.
pub(crate) async fn insert(tx: &mut Tx<'_>, kept: &KeptConsent) -> Result<bool> {
    let consent = &kept.consent;
    let terms = Terms {
        kind: consent.kind,
        what: consent.what.clone(),
        who: consent.who.clone(),
    };
    let terms = serde_json::to_string(&terms).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(INSERT_CONSENT)
        .bind(consent.patient.as_bytes().as_slice())
        .bind(consent.id.as_bytes().as_slice())
        .bind(terms)
        .bind(consent.valid_from)
        .bind(consent.valid_until)
        .bind(kept.created_at)
        .bind(kept.created_by.as_str())
        .bind(kept.on_behalf.map(word))
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Ends a consent. `false` where it does not exist or has ended.
pub(crate) async fn end(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    id: Uuid,
    now: Micros,
    by: &str,
) -> Result<bool> {
    on!(tx, c => sqlx::query(END_CONSENT)
        .bind(patient.as_bytes().as_slice())
        .bind(id.as_bytes().as_slice())
        .bind(now)
        .bind(by)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}
