//! The persons of a run: how many entries each has, and which numbers they go by.
//!
//! The numbers are national replacement numbers (X-eCPR), two letters of which no civil registration number has, so that none is that of a person.

use delt_formats::identifier::system::X_ECPR;
use delt_proto::common::v1::Identifier;

use super::random::Random;

/// Nobody of the long tail has more.
const LONGEST: u64 = 1_000;
/// The shape of the long tail (Pareto): half of all have up to 6 entries, about one in a hundred over 200, two in a thousand over 900.
const SHAPE: f64 = 1.116;
const SHORTEST: f64 = 3.22;
/// One person in so many has said something about who may see what.
const CONSENTING: u64 = 50;

/// What a person of the sample is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// Exactly so many entries, for measuring a search of that size.
    Of(u32),
    /// As many as it happens to be, so that the index is one of many.
    Tail,
}

/// One person of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) number: u32,
    pub(crate) group: Group,
    pub(crate) entries: u32,
    /// Has registered a block, of another organisation than the one that measures.
    pub(crate) consents: bool,
}

impl Person {
    pub(crate) fn identifier(&self) -> Identifier {
        Identifier {
            system: X_ECPR.to_owned(),
            value: replacement_number(self.number),
        }
    }
}

/// So many persons. A tenth of them has exactly 20 entries (at most 200 persons), a fortieth exactly 200 (at most 50); at least one of each.
pub(crate) fn persons(count: u32, random: &mut Random) -> Vec<Person> {
    let (twenty, two_hundred) = ((count / 10).clamp(1, 200), (count / 40).clamp(1, 50));
    (0..count.max(3))
        .map(|number| {
            let group = match number {
                at if at < twenty => Group::Of(20),
                at if at < twenty + two_hundred => Group::Of(200),
                _ => Group::Tail,
            };
            let entries = match group {
                Group::Of(entries) => entries,
                Group::Tail => long_tail(random),
            };
            Person {
                number,
                group,
                entries,
                consents: random.below(CONSENTING) == 0,
            }
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a positive number that is held below the longest record"
)]
fn long_tail(random: &mut Random) -> u32 {
    let drawn = SHORTEST * random.unit().powf(-1.0 / SHAPE);
    drawn.round().min(LONGEST as f64) as u32
}

/// DDMMYY, 1, two letters, a digit: different for the first 90 million.
fn replacement_number(number: u32) -> String {
    let (serial, date) = (number % 6_760, number / 6_760);
    let (day, month, year) = (date % 28 + 1, date / 28 % 12 + 1, date / 336 % 40 + 60);
    let letter = |at: u32| char::from(b'A' + u8::try_from(at % 26).unwrap_or_default());
    let (first, second) = (letter(serial / 260), letter(serial / 10));
    format!("{day:02}{month:02}{year:02}1{first}{second}{}", serial % 10)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use delt_formats::identifier::PersonNumber;

    use super::*;

    #[test]
    fn numbers_are_replacement_numbers_and_no_two_are_the_same() {
        let mut seen = HashSet::new();
        for number in (0..200_000).chain([6_760 * 336 * 40 - 1]) {
            let value = replacement_number(number);
            PersonNumber::parse(X_ECPR, &value).unwrap();
            assert!(PersonNumber::cpr(&value).is_err());
            assert!(seen.insert(value), "{number}");
        }
    }

    #[test]
    fn most_records_are_short_and_a_few_are_very_long() {
        let persons = persons(40_000, &mut Random::new(5));
        let mut tail: Vec<_> = persons
            .iter()
            .filter(|person| person.group == Group::Tail)
            .map(|person| person.entries)
            .collect();
        tail.sort_unstable();
        assert!((5..=7).contains(&tail[tail.len() / 2]));
        let over = |limit| tail.iter().filter(|entries| **entries > limit).count();
        assert!((200..800).contains(&over(200)), "{}", over(200));
        assert!((20..200).contains(&over(900)), "{}", over(900));
        assert_eq!(tail.last(), Some(&1_000));
        let consenting = persons.iter().filter(|person| person.consents).count();
        assert!((600..1_000).contains(&consenting), "{consenting}");
    }

    #[test]
    fn groups_have_their_size_however_small_the_sample() {
        for count in [0, 1, 3, 20, 1_000, 100_000] {
            let persons = persons(count, &mut Random::new(1));
            for entries in [20, 200] {
                let group = persons
                    .iter()
                    .filter(|person| person.group == Group::Of(entries));
                assert!(group.clone().count() > 0, "{count}");
                assert!(group.clone().all(|person| person.entries == entries));
            }
        }
    }
}
