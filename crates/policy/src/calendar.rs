//! Whole months, years and ages, as laws count them.

use time::{Date, Month, OffsetDateTime};

use crate::Micros;

/// In summer the day begins two hours earlier in Denmark than in UTC.
const DANISH_SUMMER: Micros = 2 * 3_600_000_000;

/// The same day and time `years` later; from 29 February it is the day before, so that no period is longer than asked.
/// None past the end of the calendar.
pub fn years_after(start: Micros, years: i32) -> Option<Micros> {
    months_after(start, years.checked_mul(12)?)
}

/// The same day and time `months` later; where that month is shorter, its last day.
pub(crate) fn months_after(start: Micros, months: i32) -> Option<Micros> {
    let start = moment(start)?;
    let months = (i32::from(start.month() as u8) - 1).checked_add(months)?;
    let year = start.year().checked_add(months.div_euclid(12))?;
    let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
    let day = start.day().min(month.length(year));
    let end = start.replace_date(Date::from_calendar_date(year, month, day).ok()?);
    Micros::try_from(end.unix_timestamp_nanos() / 1_000).ok()
}

/// How old somebody is, in whole years, by the date in UTC: never older than by the date in Denmark.
/// Who was born on 29 February is a year older on 1 March.
pub(crate) fn age(born: Date, now: Micros) -> Option<i32> {
    let today = moment(now)?.date();
    let before_birthday = (today.month() as u8, today.day()) < (born.month() as u8, born.day());
    Some(today.year() - born.year() - i32::from(before_birthday))
}

/// The same by the date in Denmark in summer: never younger than by the date in Denmark.
pub(crate) fn age_at_most(born: Date, now: Micros) -> Option<i32> {
    age(born, now.checked_add(DANISH_SUMMER)?)
}

fn moment(at: Micros) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn at(moment: OffsetDateTime) -> Micros {
        Micros::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap()
    }

    #[test]
    fn a_month_or_year_later_is_the_same_day_or_the_last_of_a_shorter_month() {
        for (start, months, end) in [
            (
                datetime!(2026-01-31 10:00 UTC),
                1,
                datetime!(2026-02-28 10:00 UTC),
            ),
            (
                datetime!(2026-08-31 10:00 UTC),
                6,
                datetime!(2027-02-28 10:00 UTC),
            ),
            (
                datetime!(2027-08-31 10:00 UTC),
                6,
                datetime!(2028-02-29 10:00 UTC),
            ),
            (
                datetime!(2026-12-01 00:00 UTC),
                1,
                datetime!(2027-01-01 00:00 UTC),
            ),
            (
                datetime!(2026-05-05 23:59 UTC),
                0,
                datetime!(2026-05-05 23:59 UTC),
            ),
            (
                datetime!(2028-02-29 01:00 UTC),
                24,
                datetime!(2030-02-28 01:00 UTC),
            ),
            (
                datetime!(2028-02-29 01:00 UTC),
                48,
                datetime!(2032-02-29 01:00 UTC),
            ),
        ] {
            assert_eq!(months_after(at(start), months), Some(at(end)), "{start}");
        }
        assert_eq!(
            years_after(at(datetime!(2028-02-29 01:00 UTC)), 5),
            Some(at(datetime!(2033-02-28 01:00 UTC)))
        );
        assert_eq!(months_after(Micros::MAX, 1), None);
        assert_eq!(years_after(Micros::MIN, 255), None);
    }

    #[test]
    fn a_birthday_begins_in_denmark_before_it_begins_in_utc() {
        let born = time::macros::date!(2011 - 11 - 23);
        let eve = at(datetime!(2026-11-22 21:59:59 UTC));
        assert_eq!(
            (age(born, eve), age_at_most(born, eve)),
            (Some(14), Some(14))
        );
        let night = at(datetime!(2026-11-22 22:00 UTC));
        assert_eq!(
            (age(born, night), age_at_most(born, night)),
            (Some(14), Some(15))
        );
        let day = at(datetime!(2026-11-23 00:00 UTC));
        assert_eq!(
            (age(born, day), age_at_most(born, day)),
            (Some(15), Some(15))
        );
        let leapling = time::macros::date!(2012 - 02 - 29);
        assert_eq!(age(leapling, at(datetime!(2027-02-28 12:00 UTC))), Some(14));
        assert_eq!(age(leapling, at(datetime!(2027-03-01 12:00 UTC))), Some(15));
        assert_eq!(age_at_most(born, Micros::MAX), None);
    }
}
