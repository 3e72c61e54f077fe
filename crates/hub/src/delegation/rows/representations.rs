//! Rows of representations.

use delt_policy::{CitizenRelation, PatientKey, Representation, Right};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::malformed;
use crate::{
    Error, Result,
    clock::Micros,
    delegation::{KeptRepresentation, Registrar},
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const SELECT: &str = "-- representation_select
SELECT patient_key, representation_id, representative_key, kind, terms, valid_from, valid_until, created_at,
    created_by, ended_at
FROM representation WHERE patient_key = $1 ORDER BY created_at, representation_id";

const INSERT: &str = "-- representation_insert
INSERT INTO representation (patient_key, representation_id, representative_key, kind, terms, valid_from, valid_until,
    created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (patient_key, representation_id) DO NOTHING";

const END: &str = "-- representation_end
UPDATE representation SET ended_at = $3, ended_by = $4
WHERE patient_key = $1 AND representation_id = $2 AND ended_at IS NULL";

/// The part of a representation that is kept as one text.
#[derive(Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) rights: Vec<Right>,
    pub(crate) document_types: Vec<String>,
    pub(crate) after_fifteen: bool,
}

type Row = (
    Vec<u8>,
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    Micros,
    Option<Micros>,
    Micros,
    String,
    Option<Micros>,
);

/// All who may or might act for a person, ended ones too, over all the person's numbers.
pub(crate) async fn load(tx: &mut Tx<'_>, keys: &[PatientKey]) -> Result<Vec<KeptRepresentation>> {
    let mut found = Vec::new();
    for patient in keys {
        let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT)
            .bind(patient.as_bytes().as_slice())
            .fetch_all(c).await)
        .map_err(unavailable)?;
        for row in rows {
            found.push(kept(row)?);
        }
    }
    Ok(found)
}

/// A representation as its row has it.
fn kept(row: Row) -> Result<KeptRepresentation> {
    let (patient, id, representative, kind, terms, from, until, created_at, by, ended_at) = row;
    let terms: Terms = serde_json::from_str(&terms).map_err(Error::internal)?;
    Ok(KeptRepresentation {
        representation: Representation {
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
            patient: key(&patient)?,
            representative: key(&representative)?,
            kind: kind_of(&kind).ok_or_else(malformed)?,
            rights: terms.rights,
            document_types: terms.document_types,
            after_fifteen: terms.after_fifteen,
            from,
            until,
            ended_at,
        },
        created_at,
        registrar: registrar_of(&by).ok_or_else(malformed)?,
    })
}

/// The stable word of a kind, as rows and audit entries have it.
pub(crate) const fn kind_word(kind: CitizenRelation) -> &'static str {
    match kind {
        CitizenRelation::Custody => "custody",
        CitizenRelation::Guardian => "guardian",
        CitizenRelation::Proxy => "proxy",
    }
}

fn kind_of(word: &str) -> Option<CitizenRelation> {
    [
        CitizenRelation::Custody,
        CitizenRelation::Guardian,
        CitizenRelation::Proxy,
    ]
    .into_iter()
    .find(|kind| kind_word(*kind) == word)
}

/// Who told, and through which system: the citizen is known by the row's own key.
fn told_by(registrar: Registrar, system: &str) -> String {
    match registrar {
        Registrar::Register => format!("register:{system}"),
        Registrar::Citizen => format!("citizen:{system}"),
    }
}

fn registrar_of(by: &str) -> Option<Registrar> {
    match by.split_once(':')?.0 {
        "register" => Some(Registrar::Register),
        "citizen" => Some(Registrar::Citizen),
        _ => None,
    }
}

/// Adds a representation. `false` where one with this id exists already; nothing is changed then.
pub(crate) async fn insert(
    tx: &mut Tx<'_>,
    kept: &KeptRepresentation,
    system: &str,
) -> Result<bool> {
    let representation = &kept.representation;
    let terms = Terms {
        rights: representation.rights.clone(),
        document_types: representation.document_types.clone(),
        after_fifteen: representation.after_fifteen,
    };
    let terms = serde_json::to_string(&terms).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(INSERT)
        .bind(representation.patient.as_bytes().as_slice())
        .bind(representation.id.as_bytes().as_slice())
        .bind(representation.representative.as_bytes().as_slice())
        .bind(kind_word(representation.kind))
        .bind(terms)
        .bind(representation.from)
        .bind(representation.until)
        .bind(kept.created_at)
        .bind(told_by(kept.registrar, system))
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Ends a representation. `false` where it does not exist or has ended.
pub(crate) async fn end(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    id: Uuid,
    now: Micros,
    (registrar, system): (Registrar, &str),
) -> Result<bool> {
    on!(tx, c => sqlx::query(END)
        .bind(patient.as_bytes().as_slice())
        .bind(id.as_bytes().as_slice())
        .bind(now)
        .bind(told_by(registrar, system))
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}
