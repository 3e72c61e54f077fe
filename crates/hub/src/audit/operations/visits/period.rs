//! How far back a citizen is told.

use crate::{clock::Micros, operation::Context};

/// From when on looks are listed: the operator's period, and no longer than entries are kept. None where all that was ever logged is.
pub(in crate::audit::operations) fn since(cx: &Context) -> Option<Micros> {
    let periods = [cx.settings.citizen_log, cx.settings.retention];
    let shortest = periods.into_iter().flatten().min();
    shortest.map(|period| cx.now.saturating_sub(period))
}
