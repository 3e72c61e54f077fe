//! Rows of the leaves: what stays of an entry for ever.

use delt_ledger::Commitment;
use uuid::Uuid;

use super::log_rows::hash;
use crate::{
    Error, Result,
    store::{Tx, on, unavailable},
};

const SELECT_COMMITMENTS: &str = "-- log_select_commitments
SELECT commitment FROM log_leaf WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index";

const SELECT_PLACE: &str = "-- log_select_place
SELECT leaf_index FROM log_leaf WHERE entry_id = $1";

/// The commitments of a range of leaves, in their order.
pub(super) async fn commitments(tx: &mut Tx<'_>, from: u64, to: u64) -> Result<Vec<Commitment>> {
    let bound = |index: u64| i64::try_from(index).map_err(Error::internal);
    let (from, to) = (bound(from)?, bound(to)?);
    let rows: Vec<(Vec<u8>,)> =
        on!(tx, c => sqlx::query_as(SELECT_COMMITMENTS).bind(from).bind(to).fetch_all(c).await)
            .map_err(unavailable)?;
    rows.into_iter()
        .map(|(commitment,)| Ok(Commitment::from_hash(hash(&commitment)?)))
        .collect()
}

/// Where an entry stands; none while it has no place.
pub(super) async fn place(tx: &mut Tx<'_>, entry: Uuid) -> Result<Option<u64>> {
    let row: Option<(i64,)> = on!(tx, c => sqlx::query_as(SELECT_PLACE)
        .bind(entry.as_bytes().as_slice())
        .fetch_optional(c).await)
    .map_err(unavailable)?;
    row.map(|(index,)| u64::try_from(index).map_err(Error::internal))
        .transpose()
}
