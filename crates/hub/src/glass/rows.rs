//! Rows of openings.

use delt_policy::{AuthorisationId, OrganisationId, OverrideGround, PatientKey};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const SELECT_TWIN: &str = "-- glass_select_twin
SELECT opening_id FROM break_glass
WHERE patient_key = $1 AND authorisation_id = $2 AND organisation = $3 AND ground = $4 AND reason_tag = $5
    AND expires_at > $6
ORDER BY opening_id LIMIT 1";

const INSERT_OPENING: &str = "-- glass_insert_opening
INSERT INTO break_glass (patient_key, opening_id, authorisation_id, role, organisation, ground, sealed_reason,
    reason_tag, opened_at, expires_at, audit_entry_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// What makes two openings the same: who, where, on which ground and for which reason.
#[derive(Debug, Clone)]
pub(super) struct Same<'a> {
    pub(super) person: &'a AuthorisationId,
    pub(super) organisation: &'a OrganisationId,
    pub(super) ground: OverrideGround,
    pub(super) reason_tag: &'a [u8],
}

/// The opening of a person's record, under any of the person's numbers, that is the same and has not closed at `now`.
pub(super) async fn twin(
    tx: &mut Tx<'_>,
    keys: &[PatientKey],
    same: &Same<'_>,
    now: Micros,
) -> Result<Option<Uuid>> {
    for patient in keys {
        let found: Option<Vec<u8>> = on!(tx, c => sqlx::query_scalar(SELECT_TWIN)
            .bind(patient.as_bytes().as_slice())
            .bind(same.person.as_str())
            .bind(same.organisation.as_str())
            .bind(same.ground.as_str())
            .bind(same.reason_tag)
            .bind(now)
            .fetch_optional(c).await)
        .map_err(unavailable)?;
        if let Some(id) = found {
            return Uuid::from_slice(&id).map(Some).map_err(Error::internal);
        }
    }
    Ok(None)
}

/// An opening to be kept.
#[derive(Debug)]
pub(super) struct NewOpening<'a> {
    pub(super) id: Uuid,
    pub(super) patient: &'a PatientKey,
    pub(super) same: Same<'a>,
    pub(super) role: &'a str,
    pub(super) sealed_reason: &'a [u8],
    pub(super) opened_at: Micros,
    pub(super) expires_at: Micros,
    pub(super) audit_entry_id: Uuid,
}

pub(super) async fn insert(tx: &mut Tx<'_>, new: &NewOpening<'_>) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_OPENING)
        .bind(new.patient.as_bytes().as_slice())
        .bind(new.id.as_bytes().as_slice())
        .bind(new.same.person.as_str())
        .bind(new.role)
        .bind(new.same.organisation.as_str())
        .bind(new.same.ground.as_str())
        .bind(new.sealed_reason)
        .bind(new.same.reason_tag)
        .bind(new.opened_at)
        .bind(new.expires_at)
        .bind(new.audit_entry_id.as_bytes().as_slice())
        .execute(c).await.map(drop))
    .map_err(unavailable)
}
