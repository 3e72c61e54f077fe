//! The clock and the calendar of Denmark.
//!
//! Central European time: an hour ahead of UTC, in summer two, from the last Sunday of March to the last of October at 01:00 UTC
//! (directive 2000/84/EC, bekendtgørelse om sommertid). No table of time zones is needed as long as that holds.

use std::fmt;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, Weekday};

use crate::clock::Micros;

/// Microseconds in a day of the calendar.
pub(super) const DAY: Micros = 24 * crate::clock::HOUR;

/// A minute of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(u16);

impl Minute {
    /// By hour and minute; what is past the end of the day is its end, 24:00.
    pub const fn of_clock(hour: u8, minute: u8) -> Self {
        let minutes = hour as u16 * 60 + minute as u16;
        Self(if minutes > 1_440 { 1_440 } else { minutes })
    }

    /// Reads `HH:MM`, 00:00 to 24:00.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let digits = |part: &str| {
            let fits = part.len() == 2 && part.bytes().all(|c| c.is_ascii_digit());
            fits.then(|| part.parse::<u8>().ok()).flatten()
        };
        let (hour, minute) = (digits(hour)?, digits(minute)?);
        let holds = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
        holds.then(|| Self::of_clock(hour, minute))
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A moment as a clock in Denmark shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) date: Date,
    pub(super) weekday: Weekday,
    pub(super) minute: Minute,
}

impl Local {
    /// None outside of the calendar.
    pub(super) fn at(moment: Micros) -> Option<Self> {
        let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment) * 1_000).ok()?;
        let hours = if is_summer(moment)? { 2 } else { 1 };
        let local = moment.checked_to_offset(UtcOffset::from_hms(hours, 0, 0).ok()?)?;
        Some(Self {
            date: local.date(),
            weekday: local.weekday(),
            minute: Minute::of_clock(local.hour(), local.minute()),
        })
    }

    /// The day as a number that sorts: its midnight as if it were UTC, in microseconds.
    pub(super) fn day(self) -> Micros {
        let days = self.date.to_julian_day() - unix_epoch();
        Micros::from(days).saturating_mul(DAY)
    }
}

const fn unix_epoch() -> i32 {
    OffsetDateTime::UNIX_EPOCH.date().to_julian_day()
}

fn is_summer(moment: OffsetDateTime) -> Option<bool> {
    let begins = last_sunday(moment.year(), Month::March)?;
    let ends = last_sunday(moment.year(), Month::October)?;
    Some(begins <= moment && moment < ends)
}

/// At 01:00 UTC on the last Sunday of a month of 31 days.
fn last_sunday(year: i32, month: Month) -> Option<OffsetDateTime> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let day = 31 - last.weekday().number_days_from_sunday();
    let sunday = Date::from_calendar_date(year, month, day).ok()?;
    let one = Time::from_hms(1, 0, 0).ok()?;
    Some(PrimitiveDateTime::new(sunday, one).assume_utc())
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn local(moment: OffsetDateTime) -> Local {
        let moment = Micros::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap();
        Local::at(moment).unwrap()
    }

    #[test]
    fn summer_begins_and_ends_on_the_last_sundays_at_one_utc() {
        for (moment, clock, on) in [
            (
                datetime!(2026-03-29 00:59 UTC),
                "01:59",
                date!(2026 - 03 - 29),
            ),
            (
                datetime!(2026-03-29 01:00 UTC),
                "03:00",
                date!(2026 - 03 - 29),
            ),
            (
                datetime!(2026-10-25 00:59 UTC),
                "02:59",
                date!(2026 - 10 - 25),
            ),
            (
                datetime!(2026-10-25 01:00 UTC),
                "02:00",
                date!(2026 - 10 - 25),
            ),
            (
                datetime!(2024-03-31 01:00 UTC),
                "03:00",
                date!(2024 - 03 - 31),
            ),
            (
                datetime!(2026-07-01 22:30 UTC),
                "00:30",
                date!(2026 - 07 - 02),
            ),
            (
                datetime!(2026-12-31 23:00 UTC),
                "00:00",
                date!(2027 - 01 - 01),
            ),
        ] {
            let found = local(moment);
            assert_eq!((found.minute.to_string().as_str(), found.date), (clock, on));
        }
        assert_eq!(
            local(datetime!(2026-11-23 09:00 UTC)).weekday,
            Weekday::Monday
        );
        assert_eq!(Local::at(Micros::MAX), None);
    }

    #[test]
    fn days_are_numbered_by_their_midnight() {
        assert_eq!(local(datetime!(1970-01-01 12:00 UTC)).day(), 0);
        assert_eq!(local(datetime!(1970-01-02 22:59 UTC)).day(), DAY);
        assert_eq!(local(datetime!(1970-01-02 23:00 UTC)).day(), 2 * DAY);
    }

    #[test]
    fn minutes_are_read_and_written() {
        for text in ["00:00", "06:05", "23:59", "24:00"] {
            assert_eq!(Minute::parse(text).unwrap().to_string(), text);
        }
        for wrong in [
            "", "6:00", "24:01", "12:60", "-1:00", "12", "12:00:00", "ab:cd",
        ] {
            assert_eq!(Minute::parse(wrong), None, "{wrong}");
        }
    }
}
