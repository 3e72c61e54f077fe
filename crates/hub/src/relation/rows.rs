//! Rows of treatment relations.

use delt_policy::{AuthorisationId, OrganisationId, PatientKey, RelationKind, TreatmentRelation};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const SELECT_RELATIONS: &str = "-- relation_select
SELECT patient_key, relation_id, kind, organisation, authorisation_id, valid_from, valid_until, created_at,
    created_by, ended_at
FROM treatment_relation WHERE patient_key = $1 ORDER BY created_at, relation_id";

const INSERT_RELATION: &str = "-- relation_insert
INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation, authorisation_id, valid_from,
    valid_until, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_key, relation_id) DO NOTHING";

const END_RELATION: &str = "-- relation_end
UPDATE treatment_relation SET ended_at = $3
WHERE patient_key = $1 AND relation_id = $2 AND ended_at IS NULL";

/// A relation and when it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRelation {
    pub relation: TreatmentRelation,
    pub created_at: Micros,
}

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    Option<String>,
    Micros,
    Option<Micros>,
    Micros,
    String,
    Option<Micros>,
);

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
    let (patient, id, kind, organisation, person, from, until, created_at, source, ended_at) = row;
    let malformed = || Error::internal("a stored treatment relation is malformed");
    Ok(KeptRelation {
        relation: TreatmentRelation {
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
            patient: key(&patient)?,
            organisation: OrganisationId::parse(&organisation).map_err(|_| malformed())?,
            person: person
                .map(|id| AuthorisationId::parse(&id).map_err(|_| malformed()))
                .transpose()?,
            kind: RelationKind::from_code(&kind).ok_or_else(malformed)?,
            from,
            until,
            ended_at,
            source,
        },
        created_at,
    })
}

/// Adds a relation. `false` where one with this id exists already; nothing is changed then.
pub(crate) async fn insert(tx: &mut Tx<'_>, kept: &KeptRelation) -> Result<bool> {
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
        .execute(c).await.map(|done| done.rows_affected() == 1))
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
