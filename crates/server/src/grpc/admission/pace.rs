//! How fast requests get done, and so how long one more would wait.

use std::time::Duration;

use tokio::time::Instant;

/// So many get done side by side without waiting for each other: what is slow alone must not look like a queue.
pub(super) const SIDE_BY_SIDE: u32 = 32;
/// What lies longer back counts half, and half again.
const MEMORY: Duration = Duration::from_secs(1);

/// The pace of the requests that are answered at once. Streams are none of them: they wait for sources and readers.
#[derive(Debug, Default)]
pub(super) struct Pace {
    in_flight: u32,
    /// Time in which there was something to do, and what got done in it.
    busy: Duration,
    done: u32,
    /// The end of the last request, or the beginning of the first one after a pause.
    since: Option<Instant>,
}

impl Pace {
    pub(super) fn begin(&mut self, now: Instant) {
        if self.in_flight == 0 {
            self.since = Some(now);
        }
        self.in_flight += 1;
    }

    pub(super) fn end(&mut self, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.busy += self.stretch(now);
        self.since = Some(now);
        self.done += 1;
        if self.busy > MEMORY {
            self.busy /= 2;
            self.done = self.done.div_ceil(2);
        }
    }

    pub(super) const fn in_flight(&self) -> usize {
        self.in_flight as usize
    }

    /// How long one more would wait: as many as are before it, at the time that each takes (Little's law).
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let waiting = self.in_flight.saturating_sub(SIDE_BY_SIDE);
        if waiting == 0 {
            return Duration::ZERO;
        }
        self.each(now).saturating_mul(waiting)
    }

    /// How many may be in flight so that nobody waits longer than that.
    pub(super) fn room(&self, patience: Duration, now: Instant) -> usize {
        let each = self.each(now).as_nanos();
        let waiting = patience.as_nanos().checked_div(each);
        let waiting = waiting.and_then(|waiting| usize::try_from(waiting).ok());
        waiting.map_or(usize::MAX, |waiting| {
            waiting.saturating_add(SIDE_BY_SIDE as usize)
        })
    }

    /// What is under way counts too: where nothing gets done any more, that shows at once.
    fn each(&self, now: Instant) -> Duration {
        (self.busy + self.stretch(now)) / self.done.max(1)
    }

    fn stretch(&self, now: Instant) -> Duration {
        self.since
            .map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that gets one done every so often, with so many before it.
    fn pace(each: Duration, rounds: u32, in_flight: u32) -> (Pace, Instant) {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for _ in 0..in_flight {
            pace.begin(now);
        }
        for _ in 0..rounds {
            now += each;
            pace.end(now);
            pace.begin(now);
        }
        (pace, now)
    }

    #[test]
    fn the_wait_is_what_is_before_it() {
        let (pace, now) = pace(Duration::from_millis(2), 2_000, SIDE_BY_SIDE + 100);
        let wait = pace.wait(now).as_millis();
        assert!((195..=205).contains(&wait), "{wait}");
    }

    #[test]
    fn the_room_is_where_the_wait_is_the_patience() {
        let (pace, now) = pace(Duration::from_millis(2), 2_000, SIDE_BY_SIDE + 100);
        let room = pace.room(Duration::from_millis(500), now) - SIDE_BY_SIDE as usize;
        assert!((245..=255).contains(&room), "{room}");
        let nothing = Pace::default();
        assert_eq!(nothing.room(Duration::from_millis(500), now), usize::MAX);
    }

    #[test]
    fn few_wait_for_nobody_however_slow() {
        let (pace, now) = pace(Duration::from_secs(3), 10, SIDE_BY_SIDE);
        assert_eq!(pace.wait(now), Duration::ZERO);
    }

    #[test]
    fn a_standstill_shows_before_anything_is_done() {
        let (pace, now) = pace(Duration::from_millis(1), 1_000, SIDE_BY_SIDE + 10);
        assert!(pace.wait(now + Duration::from_mins(1)) > pace.wait(now) * 10);
    }

    #[test]
    fn a_pause_is_not_slowness() {
        let (mut pace, now) = pace(Duration::from_millis(1), 100, 1);
        pace.end(now);
        let later = now + Duration::from_hours(1);
        for _ in 0..SIDE_BY_SIDE + 10 {
            pace.begin(later);
        }
        assert!(pace.wait(later) < Duration::from_millis(50));
    }

    #[test]
    fn what_was_slow_is_forgotten_when_it_is_fast() {
        let (mut pace, mut now) = pace(Duration::from_millis(200), 100, SIDE_BY_SIDE + 10);
        for _ in 0..5_000 {
            now += Duration::from_millis(1);
            pace.end(now);
            pace.begin(now);
        }
        assert!(pace.wait(now) < Duration::from_millis(40));
    }
}
