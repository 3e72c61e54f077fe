//! Whom to ask next, and about which checkpoint. Pure.
//!
//! A quorum needs cosignatures of one and the same checkpoint, and a log in use signs a new one faster than a slow witness answers. So all are asked about
//! one, the target, and it stays the target until it is published or nobody is left who may still answer. Those who failed wait longer each time,
//! and keep nobody else waiting meanwhile.

/// Whom to ask next, and about which checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rounds {
    /// Size of the checkpoint that all are asked about.
    target: Option<u64>,
    published: bool,
    seats: Vec<Seat>,
    longest_wait: u32,
}

/// One witness.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seat {
    in_flight: bool,
    answered: bool,
    failures: u32,
    /// Ticks until it is asked again.
    wait: u32,
}

impl Seat {
    const fn may_still_answer(&self) -> bool {
        self.in_flight || (!self.answered && self.wait == 0)
    }
}

impl Rounds {
    /// A witness that fails is asked again after at most `longest_wait` ticks.
    pub(super) fn new(witnesses: usize, longest_wait: u32) -> Self {
        Self {
            target: None,
            published: false,
            seats: vec![Seat::default(); witnesses],
            longest_wait: longest_wait.max(1),
        }
    }

    /// Time has passed, and the newest checkpoint is of this size. Returns whether the target is another now.
    pub(super) fn tick(&mut self, newest: u64) -> bool {
        for seat in &mut self.seats {
            seat.wait = seat.wait.saturating_sub(1);
        }
        let over = self.published || !self.seats.iter().any(Seat::may_still_answer);
        let moves = self.target.is_none_or(|target| over && target != newest);
        if moves {
            self.target = Some(newest);
            self.published = false;
            self.seats.iter_mut().for_each(|seat| seat.answered = false);
        }
        moves
    }

    /// Those who are to be asked about the target now.
    pub(super) fn due(&self) -> Vec<usize> {
        let due = |seat: &Seat| !seat.in_flight && !seat.answered && seat.wait == 0;
        self.seats
            .iter()
            .enumerate()
            .filter_map(|(at, seat)| due(seat).then_some(at))
            .collect()
    }

    pub(super) fn asked(&mut self, witness: usize) {
        if let Some(seat) = self.seats.get_mut(witness) {
            seat.in_flight = true;
        }
    }

    /// A witness has cosigned the checkpoint of size `about`, or failed to.
    pub(super) fn done(&mut self, witness: usize, about: u64, cosigned: bool) {
        let current = self.target == Some(about);
        let longest = self.longest_wait;
        let Some(seat) = self.seats.get_mut(witness) else {
            return;
        };
        seat.in_flight = false;
        if cosigned {
            seat.answered = current;
            seat.failures = 0;
            seat.wait = 0;
        } else {
            seat.failures = seat.failures.saturating_add(1).min(16);
            seat.wait = (1 << seat.failures).min(longest);
        }
    }

    /// The target has enough cosignatures: who has not answered yet is asked, and no longer waited for.
    pub(super) fn publish(&mut self, size: u64) {
        self.published |= self.target == Some(size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask_all(rounds: &mut Rounds) -> Vec<usize> {
        let due = rounds.due();
        for at in &due {
            rounds.asked(*at);
        }
        due
    }

    #[test]
    fn all_are_asked_about_one_checkpoint() {
        let mut rounds = Rounds::new(3, 8);
        assert!(rounds.tick(10));
        assert_eq!(ask_all(&mut rounds), [0, 1, 2]);
        rounds.done(0, 10, true);
        assert!(!rounds.tick(20), "the others may still answer");
        assert_eq!((rounds.target, rounds.due().len()), (Some(10), 0));
        rounds.done(1, 10, true);
        rounds.publish(10);
        assert!(rounds.tick(20), "published: on to the next");
        assert_eq!(
            ask_all(&mut rounds),
            [0, 1],
            "the slow one is still asked about the old one"
        );
        rounds.done(2, 10, true);
        assert_eq!(rounds.due(), [2], "and now about the new one");
    }

    #[test]
    fn who_is_down_keeps_nobody_waiting() {
        let mut rounds = Rounds::new(2, 4);
        let mut asked = [0, 0];
        for size in 1..=40 {
            rounds.tick(size);
            let target = rounds.target.unwrap();
            assert!(
                size - target <= 1,
                "who is down costs a tick when it is asked again, never more"
            );
            for at in ask_all(&mut rounds) {
                asked[at] += 1;
                rounds.done(at, target, at == 0);
            }
        }
        assert!(asked[0] >= 28, "{asked:?}");
        assert!(
            (9..14).contains(&asked[1]),
            "every fourth tick in the end: {asked:?}"
        );
    }

    #[test]
    fn a_log_at_rest_asks_nobody_again() {
        let mut rounds = Rounds::new(1, 4);
        rounds.tick(5);
        ask_all(&mut rounds);
        rounds.done(0, 5, true);
        rounds.publish(5);
        assert!(!rounds.tick(5));
        assert!(rounds.due().is_empty());
    }

    #[test]
    fn who_comes_back_is_asked_about_what_the_others_cosigned() {
        let mut rounds = Rounds::new(2, 2);
        rounds.tick(5);
        ask_all(&mut rounds);
        rounds.done(0, 5, true);
        rounds.done(1, 5, false);
        assert!(!rounds.tick(5));
        assert!(rounds.due().is_empty());
        assert!(!rounds.tick(5));
        assert_eq!(rounds.due(), [1]);
    }
}
