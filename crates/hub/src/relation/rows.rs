//! Rows of treatment relations.

use delt_policy::{AuthorisationId, OrganisationId, PatientKey, RelationKind, TreatmentRelation};
use uuid::Uuid;

use super::{Attestation, KeptRelation};
use crate::{
    Error, Result,
    clock::Micros,
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const SELECT_RELATIONS: &str = "-- relation_select
SELECT patient_key, relation_id, kind, organisation, authorisation_id, valid_from, valid_until, created_at,
    created_by, ended_at, episode_of_care, verify_by, confirmed_at, confirmed_by, alerted_at
FROM treatment_relation WHERE patient_key = $1 ORDER BY created_at, relation_id";

const INSERT_RELATION: &str = "-- relation_insert
INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation, authorisation_id, valid_from,
    valid_until, created_at, created_by, ended_at, episode_of_care, verify_by, sealed_reason, attested_role)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (patient_key, relation_id) DO NOTHING";

// Only a message's own word changes what messages said: an end that somebody registered stands beside it.
const PUT_SPAN: &str = "-- relation_put_span
INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation, valid_from, valid_until, created_at,
    created_by, episode_of_care)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_key, relation_id) DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until";

const END_RELATION: &str = "-- relation_end
UPDATE treatment_relation SET ended_at = $3
WHERE patient_key = $1 AND relation_id = $2 AND ended_at IS NULL";

#[derive(sqlx::FromRow)]
struct Row {
    patient_key: Vec<u8>,
    relation_id: Vec<u8>,
    kind: String,
    organisation: String,
    authorisation_id: Option<String>,
    valid_from: Micros,
    valid_until: Option<Micros>,
    created_at: Micros,
    created_by: String,
    ended_at: Option<Micros>,
    episode_of_care: Option<String>,
    verify_by: Option<Micros>,
    confirmed_at: Option<Micros>,
    confirmed_by: Option<Vec<u8>>,
    alerted_at: Option<Micros>,
}

/// All relations of a person, ended ones too, over all the person's numbers.
pub(crate) async fn load(tx: &mut Tx<'_>, keys: &[PatientKey]) -> Result<Vec<KeptRelation>> {
    let mut relations = Vec::new();
    for patient in keys {
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_RELATIONS)
            .bind(patient.as_bytes().as_slice())
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            relations.push(kept(row)?);
        }
    }
    Ok(relations)
}

fn kept(row: Row) -> Result<KeptRelation> {
    let malformed = || Error::internal("a stored treatment relation is malformed");
    let attestation = row
        .verify_by
        .map(|verify_by| attestation(verify_by, &row))
        .transpose()?;
    Ok(KeptRelation {
        relation: TreatmentRelation {
            id: uuid(&row.relation_id)?,
            patient: key(&row.patient_key)?,
            organisation: OrganisationId::parse(&row.organisation).map_err(|_| malformed())?,
            person: row
                .authorisation_id
                .map(|id| AuthorisationId::parse(&id).map_err(|_| malformed()))
                .transpose()?,
            kind: RelationKind::from_code(&row.kind).ok_or_else(malformed)?,
            from: row.valid_from,
            until: row.valid_until,
            ended_at: row.ended_at,
            source: row.created_by,
        },
        created_at: row.created_at,
        episode_of_care: row.episode_of_care,
        attestation,
    })
}

fn attestation(verify_by: Micros, row: &Row) -> Result<Attestation> {
    Ok(Attestation {
        verify_by,
        confirmed_at: row.confirmed_at,
        confirmed_by: row.confirmed_by.as_deref().map(uuid).transpose()?,
        alerted_at: row.alerted_at,
    })
}

pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(Error::internal)
}

/// What is kept of an attestation beside the relation itself.
#[derive(Debug)]
pub(super) struct Word<'a> {
    pub(super) sealed_reason: &'a [u8],
    /// The professional's role, as the review has it.
    pub(super) role: &'a str,
}

/// Adds a fact. `false` where a relation with this id exists already; nothing is changed then.
pub(crate) async fn insert(tx: &mut Tx<'_>, kept: &KeptRelation) -> Result<bool> {
    add(tx, kept, None).await
}

/// Adds a relation, an attestation with its word.
pub(super) async fn add(
    tx: &mut Tx<'_>,
    kept: &KeptRelation,
    word: Option<Word<'_>>,
) -> Result<bool> {
    let relation = &kept.relation;
    on!(tx, c => sqlx::query(INSERT_RELATION)
        .bind(relation.patient.as_bytes().as_slice())
        .bind(relation.id.as_bytes().as_slice())
        .bind(relation.kind.as_str())
        .bind(relation.organisation.as_str())
        .bind(relation.person.as_ref().map(AuthorisationId::as_str))
        .bind(relation.from)
        .bind(relation.until)
        .bind(kept.created_at)
        .bind(relation.source.as_str())
        .bind(relation.ended_at)
        .bind(kept.episode_of_care.as_deref())
        .bind(kept.attestation.as_ref().map(|word| word.verify_by))
        .bind(word.as_ref().map(|word| word.sealed_reason))
        .bind(word.as_ref().map(|word| word.role))
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Adds a relation that messages told of, or changes when it holds.
pub(super) async fn put_span(tx: &mut Tx<'_>, kept: &KeptRelation) -> Result<()> {
    let relation = &kept.relation;
    on!(tx, c => sqlx::query(PUT_SPAN)
        .bind(relation.patient.as_bytes().as_slice())
        .bind(relation.id.as_bytes().as_slice())
        .bind(relation.kind.as_str())
        .bind(relation.organisation.as_str())
        .bind(relation.from)
        .bind(relation.until)
        .bind(kept.created_at)
        .bind(relation.source.as_str())
        .bind(kept.episode_of_care.as_deref())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

/// Ends a relation. `false` where it does not exist or has ended.
pub(crate) async fn end(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    id: Uuid,
    now: Micros,
) -> Result<bool> {
    on!(tx, c => sqlx::query(END_RELATION)
        .bind(patient.as_bytes().as_slice())
        .bind(id.as_bytes().as_slice())
        .bind(now)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}
