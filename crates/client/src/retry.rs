//! When to try again, and after how long.

use std::time::Duration;

use crate::error::{ClientError, Kind};

/// Bounded exponential backoff with jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Attempts after the first one. 0: never again.
    pub retries: u32,
    /// The pause before the first of them; it doubles from one to the next.
    pub first: Duration,
    /// The longest pause. A hub that asks for a longer one (`google.rpc.RetryInfo`) is not asked again.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            retries: 4,
            first: Duration::from_millis(100),
            longest: Duration::from_secs(10),
        }
    }
}

impl Backoff {
    /// The pause before attempt number `attempt` + 1, or `None` if this error is final.
    ///
    /// Only what passes by itself is worth another attempt: UNAVAILABLE, or an exhausted limit for which the hub says
    /// when it opens again.
    pub(crate) fn pause(&self, attempt: u32, seed: u64, error: &ClientError) -> Option<Duration> {
        let asked = error.retry_after();
        let passes = match error.kind() {
            // A source's fault is not the hub's: the hub has asked it already, and who reads decides whether to ask again.
            Kind::Unavailable => error.reason() != Some("SOURCE_UNAVAILABLE"),
            Kind::Exhausted => asked.is_some(),
            _ => false,
        };
        if !passes || attempt >= self.retries || asked.is_some_and(|pause| pause > self.longest) {
            return None;
        }
        // What the hub asks for it asks of everybody, so each adds a pause of its own.
        let own = self.jittered(attempt, seed);
        Some(asked.map_or(own, |asked| asked.saturating_add(own)))
    }

    /// Between a half and the whole of the doubled pause, so that clients that failed together do not return together.
    fn jittered(&self, attempt: u32, seed: u64) -> Duration {
        let doubled = self
            .first
            .saturating_mul(2_u32.saturating_pow(attempt))
            .min(self.longest);
        let spread = scramble(seed ^ u64::from(attempt)) % 1024;
        let thousandths = 512 + u32::try_from(spread / 2).unwrap_or_default();
        doubled.saturating_mul(thousandths) / 1024
    }
}

/// The finalizer of `SplitMix64`: neighbouring seeds give unrelated pauses.
fn scramble(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt as _};

    fn failed(code: Code) -> ClientError {
        Status::new(code, "").into()
    }

    fn asking(code: Code, pause: u64) -> ClientError {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(pause)));
        Status::with_error_details(code, "", details).into()
    }

    #[test]
    fn pauses_grow_within_their_bounds() {
        let backoff = Backoff::default();
        let unavailable = failed(Code::Unavailable);
        for seed in 0..500 {
            for attempt in 0..backoff.retries {
                let whole = backoff.first * 2_u32.pow(attempt);
                let pause = backoff.pause(attempt, seed, &unavailable).unwrap();
                assert!(
                    pause >= whole / 2 && pause <= whole,
                    "{pause:?} of {whole:?}"
                );
            }
        }
        assert_eq!(backoff.pause(backoff.retries, 0, &unavailable), None);
        let long = Backoff {
            retries: u32::MAX,
            ..backoff
        };
        assert!(long.pause(4_000_000, 7, &unavailable).unwrap() <= long.longest);
    }

    #[test]
    fn jitter_spreads_clients() {
        let backoff = Backoff::default();
        let pauses: std::collections::HashSet<_> =
            (0..100).map(|seed| backoff.jittered(3, seed)).collect();
        assert!(pauses.len() > 80);
    }

    #[test]
    fn a_refusal_is_final() {
        for code in [
            Code::PermissionDenied,
            Code::InvalidArgument,
            Code::Internal,
            Code::ResourceExhausted,
        ] {
            assert_eq!(Backoff::default().pause(0, 1, &failed(code)), None);
        }
    }

    #[test]
    fn a_source_that_does_not_answer_is_not_asked_again() {
        let nothing = std::collections::HashMap::<String, String>::new();
        let details = ErrorDetails::with_error_info("SOURCE_UNAVAILABLE", "delt", nothing);
        let error = Status::with_error_details(Code::Unavailable, "", details).into();
        assert_eq!(Backoff::default().pause(0, 1, &error), None);
    }

    #[test]
    fn what_the_hub_asks_for_is_honoured() {
        let backoff = Backoff::default();
        let pause = |code, seconds| backoff.pause(0, 1, &asking(code, seconds));
        for (code, seconds) in [(Code::ResourceExhausted, 2), (Code::Unavailable, 3)] {
            let (asked, paused) = (Duration::from_secs(seconds), pause(code, seconds).unwrap());
            assert!(
                paused >= asked && paused <= asked + backoff.first,
                "{paused:?}"
            );
        }
        assert_eq!(pause(Code::Unavailable, 3600), None, "longer than we wait");
    }

    #[test]
    fn those_who_were_turned_away_together_do_not_return_together() {
        let turned_away = asking(Code::ResourceExhausted, 1);
        let pauses: std::collections::HashSet<_> = (0..100)
            .filter_map(|seed| Backoff::default().pause(0, seed, &turned_away))
            .collect();
        assert!(pauses.len() > 80);
    }
}
