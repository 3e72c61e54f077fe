//! Time, as an argument.
//!
//! The hub reads its clock once per operation, in the door, and passes the moment on as a value.

use std::{
    fmt::Debug,
    time::{SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
pub type Micros = i64;

/// Microseconds in a second.
pub const SECOND: Micros = 1_000_000;

/// Microseconds in an hour.
pub const HOUR: Micros = 3_600 * SECOND;

/// Knows what time it is.
pub trait Clock: Debug + Send + Sync {
    fn now(&self) -> Micros;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where ambient time enters"
    )]
    fn now(&self) -> Micros {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| Micros::try_from(since.as_micros()).ok())
            .unwrap_or_default()
    }
}

/// RFC 3339 in UTC with microseconds, as audit entries have it.
pub fn rfc3339(at: Micros) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_default()
}
