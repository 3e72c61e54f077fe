//! Work that one hub does for all of them. Two hubs that both believe they hold it only do the work twice: nothing depends on there being one.

use crate::{
    Result,
    clock::Micros,
    store::{Tx, on, unavailable},
};

const HOLDER: &str = "-- lease_holder
SELECT holder, expires_at FROM lease WHERE name = $1";

const TAKE: &str = "-- lease_take
INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
WHERE lease.holder = excluded.holder OR lease.expires_at <= $4";

const RELEASE: &str = "-- lease_release
DELETE FROM lease WHERE name = $1 AND holder = $2";

/// A hub in the eyes of the others.
pub(in crate::audit) type Holder = [u8; 16];

/// Who holds the work of a name, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) holder: Vec<u8>,
    pub(super) expires_at: Micros,
}

pub(super) async fn of(tx: &mut Tx<'_>, name: &str) -> Result<Option<Lease>> {
    let row: Option<(Vec<u8>, Micros)> =
        on!(tx, c => sqlx::query_as(HOLDER).bind(name).fetch_optional(c).await)
            .map_err(unavailable)?;
    Ok(row.map(|(holder, expires_at)| Lease { holder, expires_at }))
}

/// Takes or prolongs it until `expires_at`, unless another holds it past `now`.
pub(in crate::audit) async fn take(
    tx: &mut Tx<'_>,
    name: &str,
    holder: Holder,
    now: Micros,
    expires_at: Micros,
) -> Result<bool> {
    let taken = on!(tx, c => sqlx::query(TAKE)
        .bind(name)
        .bind(holder.as_slice())
        .bind(expires_at)
        .bind(now)
        .execute(c).await
        .map(|done| done.rows_affected()))
    .map_err(unavailable)?;
    Ok(taken == 1)
}

/// Lets it go, so that another need not wait until it expires.
pub(super) async fn release(tx: &mut Tx<'_>, name: &str, holder: Holder) -> Result<()> {
    on!(tx, c => sqlx::query(RELEASE).bind(name).bind(holder.as_slice()).execute(c).await.map(drop))
        .map_err(unavailable)
}
