//! A clock that steps, and on which its hub can be made to stand still.

use std::sync::{Condvar, Mutex};

use delt_hub::clock::{Clock, Micros};

#[derive(Debug)]
struct Hands {
    now: Micros,
    stands_still: bool,
}

/// One hub's clock. A hub that asks it the time while it stands still waits, wherever it is: with a request half done, with the sealer's turn in its hand.
#[derive(Debug)]
pub(crate) struct SteppingClock {
    hands: Mutex<Hands>,
    moved: Condvar,
}

impl SteppingClock {
    pub(crate) fn at(now: Micros) -> Self {
        Self {
            hands: Mutex::new(Hands {
                now,
                stands_still: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Forwards or backwards.
    pub(crate) fn step(&self, by: Micros) {
        self.hands.lock().unwrap().now += by;
    }

    pub(crate) fn stand_still(&self, stands_still: bool) {
        self.hands.lock().unwrap().stands_still = stands_still;
        self.moved.notify_all();
    }

    pub(crate) fn stands_still(&self) -> bool {
        self.hands.lock().unwrap().stands_still
    }

    /// What it shows, without waiting.
    pub(crate) fn shows(&self) -> Micros {
        self.hands.lock().unwrap().now
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Micros {
        let hands = self.hands.lock().unwrap();
        let hands = self.moved.wait_while(hands, |hands| hands.stands_still);
        hands.unwrap().now
    }
}
