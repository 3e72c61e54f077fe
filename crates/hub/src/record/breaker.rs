//! A source that keeps failing is left alone for a while, so that its callers are answered at once instead of waiting for its deadline.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::clock::{Micros, SECOND};

/// So many failures in a row, the first and the last no further apart than [`WINDOW`], and the source is left alone.
const FAILURES: u32 = 5;
const WINDOW: Micros = 60 * SECOND;
/// How long it is left alone. Then it is tried again, and one more failure leaves it alone again.
pub(crate) const PAUSE: Micros = 5 * SECOND;

/// How the sources have answered lately, by source id. Holds one small row for each source that fails.
#[derive(Debug, Default)]
pub(crate) struct Breakers(Mutex<HashMap<String, Trouble>>);

#[derive(Debug, Clone, Copy)]
struct Trouble {
    failures: u32,
    since: Micros,
    closed_until: Micros,
}

impl Breakers {
    /// Whether the source may be asked now.
    pub(crate) fn admits(&self, source: &str, now: Micros) -> bool {
        self.lock()
            .get(source)
            .is_none_or(|trouble| trouble.closed_until <= now)
    }

    /// It did not answer, or not in time.
    pub(crate) fn failed(&self, source: &str, now: Micros) {
        let mut sources = self.lock();
        let trouble = sources.entry(source.to_owned()).or_insert(Trouble {
            failures: 0,
            since: now,
            closed_until: now,
        });
        if now - trouble.since > WINDOW && trouble.failures < FAILURES {
            *trouble = Trouble {
                failures: 0,
                since: now,
                closed_until: now,
            };
        }
        trouble.failures = trouble.failures.saturating_add(1);
        if trouble.failures >= FAILURES {
            trouble.closed_until = now + PAUSE;
        }
    }

    /// It answered, be it that it does not have the document.
    pub(crate) fn answered(&self, source: &str) {
        self.lock().remove(source);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Trouble>> {
        // Each row is replaced whole, so a poisoned lock holds nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(times: u32) -> Breakers {
        let breakers = Breakers::default();
        (0..times).for_each(|_| breakers.failed("a", 0));
        breakers
    }

    #[test]
    fn only_failures_in_a_row_and_only_of_this_source_count() {
        let breakers = failing(FAILURES - 1);
        breakers.answered("a");
        breakers.failed("a", 0);
        assert!(breakers.admits("a", 0));
        let breakers = failing(FAILURES);
        assert!(!breakers.admits("a", PAUSE - 1));
        assert!(breakers.admits("b", 0));
    }

    #[test]
    fn after_the_pause_one_more_failure_closes_and_one_answer_opens() {
        let breakers = failing(FAILURES);
        assert!(breakers.admits("a", PAUSE));
        breakers.failed("a", 10 * WINDOW);
        assert!(!breakers.admits("a", 10 * WINDOW));
        breakers.answered("a");
        assert!(breakers.admits("a", 10 * WINDOW));
    }

    #[test]
    fn rare_failures_do_not_add_up() {
        let breakers = Breakers::default();
        for hour in 0..20 {
            breakers.failed("a", hour * 3_600 * SECOND);
        }
        assert!(breakers.admits("a", 19 * 3_600 * SECOND));
    }
}
