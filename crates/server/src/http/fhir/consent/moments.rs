//! FHIR's moments on Delt's clock, always on the side that protects more.

use delt_formats::fhir::consent::{Moment, Period, ProvisionType};
use delt_policy::Micros;
use time::{PrimitiveDateTime, UtcOffset};

/// Which of the two offsets that a Danish clock can have is assumed where none is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assumed {
    /// Summer time, whose moments come first.
    Early,
    /// Winter time.
    Late,
}

/// The first moment of a period, and the first one after it; wide for what closes, narrow for what opens.
pub(super) fn bounds(
    period: Option<Period>,
    kind: ProvisionType,
) -> (Option<Micros>, Option<Micros>) {
    let (start, end) = match kind {
        ProvisionType::Deny => (Assumed::Early, Assumed::Late),
        ProvisionType::Permit => (Assumed::Late, Assumed::Early),
    };
    let Some(period) = period else {
        return (None, None);
    };
    (
        period
            .start
            .map(|moment| micros(moment, moment.first, start)),
        period.end.map(|moment| micros(moment, moment.after, end)),
    )
}

fn micros(moment: Moment, local: PrimitiveDateTime, assumed: Assumed) -> Micros {
    let hours = match assumed {
        Assumed::Early => 2,
        Assumed::Late => 1,
    };
    let danish = UtcOffset::from_hms(hours, 0, 0).unwrap_or(UtcOffset::UTC);
    let instant = local.assume_offset(moment.offset.unwrap_or(danish));
    Micros::try_from(instant.unix_timestamp_nanos() / 1_000).unwrap_or_default()
}

/// The later of two starts, where an open one is the earliest of all.
pub(super) fn later(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    one.max(other)
}

/// The earlier of two ends, where an open one is the latest of all.
pub(super) fn earlier(one: Option<Micros>, other: Option<Micros>) -> Option<Micros> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
