//! How often something may happen: GCRA, a leaky bucket that is one moment in time.

use std::time::Duration;

use tokio::time::Instant;

/// So many a second, and so many at once after a pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    interval: Duration,
    burst: Duration,
}

/// How much of a rate has been used.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Used {
    /// When all of it will be free again.
    until: Option<Instant>,
}

impl Rate {
    /// None for a rate of 0: no limit.
    pub(super) fn new(per_second: u32, burst: u32) -> Option<Self> {
        let interval = Duration::from_secs(1).checked_div(per_second)?;
        let burst = interval.saturating_mul(burst.max(1));
        Some(Self { interval, burst })
    }

    /// How long until it may happen again; none where it may now.
    pub(super) fn pause(self, used: Used, now: Instant) -> Option<Duration> {
        let ahead = used.until?.saturating_duration_since(now);
        let pause = (ahead + self.interval).saturating_sub(self.burst);
        (pause > Duration::ZERO).then_some(pause)
    }

    /// It has happened.
    pub(super) fn spend(self, used: &mut Used, now: Instant) {
        let from = used.until.map_or(now, |until| until.max(now));
        // No further ahead than the burst and one more: what happens although it may not must not close the door for ever.
        used.until = Some((from + self.interval).min(now + self.burst + self.interval));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_its_rate() {
        let rate = Rate::new(10, 5).unwrap();
        let (start, mut used) = (Instant::now(), Used::default());
        let mut allowed = 0;
        for ms in 0..1_000 {
            let now = start + Duration::from_millis(ms);
            if rate.pause(used, now).is_none() {
                rate.spend(&mut used, now);
                allowed += 1;
            }
        }
        assert_eq!(allowed, 5 + 9);
    }

    #[test]
    fn the_pause_is_the_time_until_the_next() {
        let rate = Rate::new(2, 1).unwrap();
        let (now, mut used) = (Instant::now(), Used::default());
        assert_eq!(rate.pause(used, now), None);
        rate.spend(&mut used, now);
        let half = Duration::from_millis(500);
        assert_eq!(rate.pause(used, now), Some(half));
        assert_eq!(rate.pause(used, now + half), None);
    }

    #[test]
    fn what_happens_all_the_same_does_not_close_the_door_for_ever() {
        let rate = Rate::new(1, 3).unwrap();
        let (now, mut used) = (Instant::now(), Used::default());
        for _ in 0..1_000 {
            rate.spend(&mut used, now);
        }
        assert!(rate.pause(used, now).unwrap() <= Duration::from_secs(2));
    }

    #[test]
    fn no_rate_is_no_limit() {
        assert!(Rate::new(0, 5).is_none());
    }
}
