//! Months and years as people count them.

use delt_policy::Micros;
use time::{Date, Duration, Month, OffsetDateTime};

fn moment(micros: Micros) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::microseconds(micros)
}

/// The same time of day so many months later (earlier where negative); the last of the month where the month has no such day.
pub(crate) fn months_later(from: Micros, months: i32) -> Micros {
    let then = moment(from);
    let counted = then.year() * 12 + i32::from(u8::from(then.month())) - 1 + months;
    let year = counted.div_euclid(12);
    let month = Month::try_from(u8::try_from(counted.rem_euclid(12) + 1).unwrap()).unwrap();
    let mut day = then.day();
    let date = loop {
        match Date::from_calendar_date(year, month, day) {
            Ok(date) => break date,
            Err(_) => day -= 1,
        }
    };
    let later = then.replace_date(date) - OffsetDateTime::UNIX_EPOCH;
    i64::try_from(later.whole_microseconds()).unwrap()
}

/// Whole years of age. Who is born on 29 February is a year older on 1 March.
pub(crate) fn age(born: Date, now: Micros) -> i32 {
    let today = moment(now).date();
    let had_birthday =
        (u8::from(today.month()), today.day()) >= (u8::from(born.month()), born.day());
    today.year() - born.year() - i32::from(!had_birthday)
}
