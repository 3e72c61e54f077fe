//! Rows of permissions for quality work.

use delt_policy::{AuthorisationId, OrganisationId, QualityPermission};
use uuid::Uuid;

use super::malformed;
use crate::{
    Error, Result,
    clock::Micros,
    delegation::KeptPermission,
    store::{Tx, on, unavailable},
};

const SELECT_OF_PLACE: &str = "-- quality_permission_select_of_place
SELECT organisation, permission_id, authorisation_id, reference, valid_from, valid_until, created_at, ended_at
FROM quality_permission WHERE organisation = $1 ORDER BY created_at, permission_id";

const INSERT: &str = "-- quality_permission_insert
INSERT INTO quality_permission (organisation, permission_id, authorisation_id, reference, valid_from, valid_until,
    created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (organisation, permission_id) DO NOTHING";

const END: &str = "-- quality_permission_end
UPDATE quality_permission SET ended_at = $3
WHERE organisation = $1 AND permission_id = $2 AND ended_at IS NULL";

type Row = (
    String,
    Vec<u8>,
    String,
    String,
    Micros,
    Micros,
    Micros,
    Option<Micros>,
);

/// All permissions at one place, ended ones too, oldest first.
pub(crate) async fn of_place(
    tx: &mut Tx<'_>,
    organisation: &OrganisationId,
) -> Result<Vec<KeptPermission>> {
    let rows: Vec<Row> = on!(tx, c => sqlx::query_as(SELECT_OF_PLACE)
        .bind(organisation.as_str())
        .fetch_all(c).await)
    .map_err(unavailable)?;
    rows.into_iter().map(kept).collect()
}

/// A permission as its row has it.
fn kept(row: Row) -> Result<KeptPermission> {
    let (organisation, id, person, reference, from, until, created_at, ended_at) = row;
    Ok(KeptPermission {
        permission: QualityPermission {
            id: Uuid::from_slice(&id).map_err(Error::internal)?,
            organisation: OrganisationId::parse(&organisation).map_err(|_| malformed())?,
            person: AuthorisationId::parse(&person).map_err(|_| malformed())?,
            from,
            until,
            ended_at,
        },
        reference,
        created_at,
    })
}

/// Adds a permission. `false` where one with this id exists already; nothing is changed then.
pub(crate) async fn insert(tx: &mut Tx<'_>, kept: &KeptPermission, by: &str) -> Result<bool> {
    let permission = &kept.permission;
    on!(tx, c => sqlx::query(INSERT)
        .bind(permission.organisation.as_str())
        .bind(permission.id.as_bytes().as_slice())
        .bind(permission.person.as_str())
        .bind(kept.reference.as_str())
        .bind(permission.from)
        .bind(permission.until)
        .bind(kept.created_at)
        .bind(by)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}

/// Ends a permission. `false` where it does not exist or has ended.
pub(crate) async fn end(
    tx: &mut Tx<'_>,
    organisation: &OrganisationId,
    id: Uuid,
    now: Micros,
) -> Result<bool> {
    on!(tx, c => sqlx::query(END)
        .bind(organisation.as_str())
        .bind(id.as_bytes().as_slice())
        .bind(now)
        .execute(c).await.map(|done| done.rows_affected() == 1))
    .map_err(unavailable)
}
