//! Durations stand in the file as whole numbers with the unit in the key's name (`…_ms`, `…_seconds`).

use std::time::Duration;

pub(super) const fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

pub(super) const fn seconds(value: u64) -> Duration {
    Duration::from_secs(value)
}
