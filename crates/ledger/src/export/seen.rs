//! Which indices an export has shown so far, as ranges: one for a complete export in order.

use std::collections::BTreeMap;

/// Most separate ranges remembered; an export more scattered than this is refused.
const MAX_RANGES: usize = 1 << 20;

/// What an index is to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Above all before it.
    Ascending,
    /// New, but below one that came before.
    Behind,
    Repeated,
    /// More separate ranges than can be remembered.
    TooScattered,
}

#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Start of each range to the index after its last; ranges never touch.
    ranges: BTreeMap<u64, u64>,
}

impl Seen {
    /// Notes `index`, which is below [`crate::merkle::MAX_TREE_SIZE`].
    pub(super) fn note(&mut self, index: u64) -> Order {
        let highest = self.ranges.last_key_value().map(|(_, end)| *end);
        let before = self
            .ranges
            .range(..=index)
            .next_back()
            .map(|(start, end)| (*start, *end));
        if before.is_some_and(|(_, end)| index < end) {
            return Order::Repeated;
        }
        let start = before
            .filter(|(_, end)| *end == index)
            .map_or(index, |(start, _)| start);
        // The range that begins right after the index, if any, joins too.
        let end = self.ranges.remove(&(index + 1)).unwrap_or(index + 1);
        self.ranges.insert(start, end);
        if self.ranges.len() > MAX_RANGES {
            return Order::TooScattered;
        }
        if highest.is_some_and(|highest| index < highest) {
            Order::Behind
        } else {
            Order::Ascending
        }
    }

    /// The gaps below `size`, as first and last missing index.
    pub(super) fn gaps(&self, size: u64) -> impl Iterator<Item = (u64, u64)> {
        let starts = self.ranges.keys().copied().chain([size]);
        let ends = std::iter::once(0).chain(self.ranges.values().copied());
        ends.zip(starts)
            .filter(|(from, to)| from < to)
            .map(|(from, to)| (from, to - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Order::{Ascending, Behind, Repeated};
    use super::*;

    #[test]
    fn order_and_gaps() {
        let mut seen = Seen::default();
        assert_eq!(seen.gaps(0).count(), 0);
        assert_eq!(seen.gaps(3).collect::<Vec<_>>(), [(0, 2)]);
        let order = [2, 3, 7, 5, 6, 6, 0, 2].map(|index| seen.note(index));
        let expected = [
            Ascending, Ascending, Ascending, Behind, Behind, Repeated, Behind, Repeated,
        ];
        assert_eq!(order, expected);
        assert_eq!(seen.gaps(10).collect::<Vec<_>>(), [(1, 1), (4, 4), (8, 9)]);
        assert_eq!(seen.gaps(8).collect::<Vec<_>>(), [(1, 1), (4, 4)]);
    }
}
