//! Times as RFC 3339.

use prost_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const NANOS: i128 = 1_000_000_000;

/// In UTC, or `None` for a moment that RFC 3339 cannot write.
pub fn to_rfc3339(moment: &Timestamp) -> Option<String> {
    let nanos = i128::from(moment.seconds) * NANOS + i128::from(moment.nanos);
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

/// From any offset.
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let nanos = i32::try_from(moment.nanosecond()).ok()?;
    Some(Timestamp {
        seconds: moment.unix_timestamp(),
        nanos,
    })
}
