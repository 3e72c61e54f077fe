//! A cancelled letter leaves the index.

use delt_policy::Scope;
use uuid::Uuid;

use super::held;
use crate::{
    Result,
    document::{AvailabilityStatus, rows as entries},
    operation::Context,
    store::Tx,
};

/// A cancelled letter was valid until now: its entry is deprecated, and the cancellation itself is no document.
pub(super) async fn entry(scope: &Scope, tx: &mut Tx<'_>, cx: &Context, entry: Uuid) -> Result<()> {
    let status = AvailabilityStatus::Deprecated;
    match held(scope, tx, entry).await? {
        Some(row) if row.status.may_become(status) => {
            entries::set_status(tx, scope, &row, status, cx.now, None).await
        }
        _ => Ok(()),
    }
}
