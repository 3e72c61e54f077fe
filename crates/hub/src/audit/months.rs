//! Months in UTC: each has a partition of its own on PostgreSQL.

use time::{Date, Month as Name, OffsetDateTime};

use crate::clock::{Micros, SECOND};

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    year: i32,
    /// 1 to 12.
    month: u8,
}

impl Month {
    /// The month of a moment; none where the calendar does not reach.
    pub(super) fn of(at: Micros) -> Option<Self> {
        let moment = OffsetDateTime::from_unix_timestamp(at.div_euclid(SECOND)).ok()?;
        Some(Self {
            year: moment.year(),
            month: moment.month().into(),
        })
    }

    pub(super) const fn next(self) -> Self {
        match self.month {
            12.. => Self {
                year: self.year + 1,
                month: 1,
            },
            month => Self {
                year: self.year,
                month: month + 1,
            },
        }
    }

    /// The month's first moment and the one that it has ended at.
    pub(super) fn bounds(self) -> Option<(Micros, Micros)> {
        Some((self.start()?, self.next().start()?))
    }

    fn start(self) -> Option<Micros> {
        let name = Name::try_from(self.month).ok()?;
        let first = Date::from_calendar_date(self.year, name, 1).ok()?;
        let seconds = first.midnight().assume_utc().unix_timestamp();
        seconds.checked_mul(SECOND)
    }

    /// The name of its table.
    pub(super) fn table(self) -> String {
        format!("log_entry_{:04}_{:02}", self.year, self.month)
    }

    /// The month whose table has this name.
    pub(super) fn of_table(name: &str) -> Option<Self> {
        let (year, month) = name.strip_prefix("log_entry_")?.split_once('_')?;
        let found = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
        };
        (found.table() == name && found.bounds().is_some()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_without_gap() {
        let mut month = Month::of(0).unwrap();
        assert_eq!(month.table(), "log_entry_1970_01");
        for _ in 0..2_000 {
            let (start, end) = month.bounds().unwrap();
            assert_eq!(Month::of(start), Some(month));
            assert_eq!(Month::of(end - 1), Some(month));
            assert_eq!(Month::of(end), Some(month.next()));
            assert_eq!(Month::of_table(&month.table()), Some(month));
            month = month.next();
        }
    }

    #[test]
    fn other_tables_are_no_months() {
        for name in [
            "log_entry_rest",
            "log_entry_2026_13",
            "log_entry_2026_1",
            "log_leaf",
        ] {
            assert_eq!(Month::of_table(name), None, "{name}");
        }
        assert_eq!(Month::of(Micros::MAX), None);
    }
}
