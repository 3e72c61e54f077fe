//! How many places one caller may have of those that all share.

/// What is shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    /// Places in all.
    pub(crate) places: usize,
    /// The most that one caller may have while it is alone, in percent; 100: all of them.
    pub(crate) percent: u32,
}

impl Share {
    /// Whether a caller who has `own` of the `taken` places may have one more.
    ///
    /// Dynamic thresholds (Choudhury and Hahne, 1998): who has many may have fewer the fewer are free, so that some always stay free for who has none.
    /// At 50 percent a caller alone gets half of the places, and each of two gets a third.
    pub(crate) fn admits(self, own: usize, taken: usize) -> bool {
        let free = self.places.saturating_sub(taken);
        let (percent, rest) = (
            self.percent as usize,
            100_usize.saturating_sub(self.percent as usize),
        );
        free > 0 && (own == 0 || own.saturating_mul(rest) < free.saturating_mul(percent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many places callers get who each take one in turn until nobody gets any.
    fn shared_out(share: Share, callers: usize) -> Vec<usize> {
        let mut own = vec![0; callers];
        loop {
            let before: usize = own.iter().sum();
            for at in 0..callers {
                if share.admits(own[at], own.iter().sum()) {
                    own[at] += 1;
                }
            }
            if own.iter().sum::<usize>() == before {
                return own;
            }
        }
    }

    #[test]
    fn one_caller_alone_gets_its_percentage() {
        let share = |places, percent| Share { places, percent };
        assert_eq!(shared_out(share(4, 50), 1), [2]);
        assert_eq!(shared_out(share(1024, 50), 1), [512]);
        assert_eq!(shared_out(share(1000, 80), 1), [800]);
        assert_eq!(shared_out(share(10, 100), 1), [10]);
        assert_eq!(shared_out(share(1, 50), 1), [1]);
        assert_eq!(shared_out(share(0, 50), 1), [0]);
    }

    #[test]
    fn several_get_the_same_and_some_stay_free() {
        let share = Share {
            places: 1000,
            percent: 50,
        };
        for callers in 1..=20 {
            let own = shared_out(share, callers);
            let (least, most) = (own.iter().min().unwrap(), own.iter().max().unwrap());
            assert!(most - least <= 1, "{own:?}");
            assert!(own.iter().sum::<usize>() < share.places, "{own:?}");
        }
    }

    #[test]
    fn who_has_none_gets_the_last_one() {
        let share = Share {
            places: 4,
            percent: 50,
        };
        assert!(share.admits(0, 3));
        assert!(!share.admits(1, 3));
        assert!(!share.admits(0, 4));
    }
}
