//! Rows of helpers' delegations.

use delt_policy::{AuthorisationId, HelperDelegation, OrganisationId, PatientKey, Right};
use uuid::Uuid;

use super::malformed;
use crate::{
    Error, Result,
    clock::Micros,
    delegation::KeptDelegation,
    patient::rows::key,
    store::{Tx, on, unavailable},
};

const SELECT_RECEIVED: &str = "-- helper_delegation_select_received
SELECT helper_key, delegation_id, responsible_id, organisation, rights, valid_from, valid_until, created_at, ended_at
FROM helper_delegation WHERE helper_key = $1 ORDER BY created_at, delegation_id";

const SELECT_GIVEN: &str = "-- helper_delegation_select_given
SELECT helper_key, delegation_id, responsible_id, organisation, rights, valid_from, valid_until, created_at, ended_at
FROM helper_delegation WHERE responsible_id = $1 ORDER BY created_at, delegation_id";

const SELECT_ONE: &str = "-- helper_delegation_select_one
SELECT helper_key, delegation_id, responsible_id, organisation, rights, valid_from, valid_until, created_at, ended_at
FROM helper_delegation WHERE responsible_id = $1 AND delegation_id = $2";

const INSERT: &str = "-- helper_delegation_insert
INSERT INTO helper_delegation (helper_key, delegation_id, responsible_id, organisation, rights, valid_from,
    valid_until, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (helper_key, delegation_id) DO NOTHING";

const END: &str = "-- helper_delegation_end
UPDATE helper_delegation SET ended_at = $3, ended_by = $4
WHERE responsible_id = $1 AND delegation_id = $2 AND ended_at IS NULL";

type Row = (
    Vec<u8>,
    Vec<u8>,
    String,
    String,
    String,
    Micros,
    Micros,
    Micros,
    Option<Micros>,
);

/// All delegations to a helper, ended ones too, oldest first.
pub(crate) async fn received(tx: &mut Tx<'_>, helper: &PatientKey) -> Result<Vec<KeptDelegation>> {
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_RECEIVED)
        .bind(helper.as_bytes().as_slice())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(kept).collect()
}

/// All delegations that a professional gave, ended ones too, oldest first.
pub(crate) async fn given(
    tx: &mut Tx<'_>,
    responsible: &AuthorisationId,
) -> Result<Vec<KeptDelegation>> {
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_GIVEN)
        .bind(responsible.as_str())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(kept).collect()
}

/// One that a professional gave.
pub(crate) async fn one(
    tx: &mut Tx<'_>,
    responsible: &AuthorisationId,
    id: Uuid,
) -> Result<Option<KeptDelegation>> {
    let row: Option<Row> = on!(tx, c => sqlx::query_as(SELECT_ONE)
        .bind(responsible.as_str())
        .bind(id.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(kept).transpose()
}

/// A delegation as its row has it.
fn kept(row: Row) -> Result<KeptDelegation> {
    let (helper, id, responsible, organisation, rights, from, until, created_at, ended_at) = row;
    Ok(KeptDelegation {
        delegation: HelperDelegation {
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
            helper: key(&helper)?,
            responsible: AuthorisationId::parse(&responsible).map_err(|_| malformed())?,
            organisation: OrganisationId::parse(&organisation).map_err(|_| malformed())?,
            rights: rights_of(&rights)?,
            from,
            until,
            ended_at,
        },
        created_at,
    })
}

/// Rights are kept as a JSON array of their stable names.
fn rights_of(text: &str) -> Result<Vec<Right>> {
    serde_json::from_str(text).map_err(Error::internal)
}

/// Adds a delegation. `false` where one with this id exists already; nothing is changed then.
pub(crate) async fn insert(tx: &mut Tx<'_>, kept: &KeptDelegation, by: &str) -> Result<bool> {
    let delegation = &kept.delegation;
    let rights = serde_json::to_string(&delegation.rights).map_err(Error::internal)?;
    on!(tx, c => sqlx::query(INSERT)
        .bind(delegation.helper.as_bytes().as_slice())
        .bind(delegation.id.as_bytes().as_slice())
        .bind(delegation.responsible.as_str())
        .bind(delegation.organisation.as_str())
        .bind(rights)
        .bind(delegation.from)
        .bind(delegation.until)
        .bind(kept.created_at)
        .bind(by)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Ends what a professional gave. `false` where it does not exist or has ended.
pub(crate) async fn end(
    tx: &mut Tx<'_>,
    responsible: &AuthorisationId,
    id: Uuid,
    now: Micros,
    by: &str,
) -> Result<bool> {
    on!(tx, c => sqlx::query(END)
        .bind(responsible.as_str())
        .bind(id.as_bytes().as_slice())
        .bind(now)
        .bind(by)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}
