//! Danish local time, which OIOXML letters are written in without an offset.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::clock::Micros;

/// The moment that a Danish clock shows as `local`. The hour that comes twice in October is read as its first coming.
pub(super) fn to_micros(local: PrimitiveDateTime) -> Micros {
    let summer = local.assume_offset(offset(2));
    let moment = if is_summer(summer) {
        summer
    } else {
        local.assume_offset(offset(1))
    };
    micros(moment)
}

/// What a Danish clock shows at a moment; the epoch for moments that no calendar reaches.
pub(super) fn of_micros(at: Micros) -> PrimitiveDateTime {
    let utc = utc(at);
    let offset = offset(if is_summer(utc) { 2 } else { 1 });
    let local = utc.checked_to_offset(offset).unwrap_or(utc);
    PrimitiveDateTime::new(local.date(), local.time())
}

/// A moment with its offset, in microseconds.
pub(super) fn micros(moment: OffsetDateTime) -> Micros {
    Micros::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or_default()
}

/// A moment in UTC.
pub(super) fn utc(at: Micros) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn offset(hours: i8) -> UtcOffset {
    UtcOffset::from_hms(hours, 0, 0).unwrap_or(UtcOffset::UTC)
}

/// Directive 2000/84/EC: from 01:00 UTC on the last Sunday of March until 01:00 UTC on that of October.
fn is_summer(moment: OffsetDateTime) -> bool {
    // The year of another offset differs on New Year's Eve only.
    let change = |month| last_sunday_at_one(moment.year(), month);
    let (Some(begins), Some(ends)) = (change(Month::March), change(Month::October)) else {
        return false;
    };
    begins <= moment && moment < ends
}

fn last_sunday_at_one(year: i32, month: Month) -> Option<OffsetDateTime> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let after_sunday = i64::from(last.weekday().number_days_from_sunday());
    let sunday = last.checked_sub(time::Duration::days(after_sunday))?;
    Some(PrimitiveDateTime::new(sunday, Time::from_hms(1, 0, 0).ok()?).assume_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn summer_and_winter() {
        for (local, moment) in [
            (datetime!(2026-10-20 09:05), datetime!(2026-10-20 07:05 UTC)),
            (datetime!(2026-01-20 09:05), datetime!(2026-01-20 08:05 UTC)),
            (datetime!(2026-03-29 01:59), datetime!(2026-03-29 00:59 UTC)),
            (datetime!(2026-03-29 03:00), datetime!(2026-03-29 01:00 UTC)),
            (datetime!(2026-10-25 02:30), datetime!(2026-10-25 00:30 UTC)),
            (datetime!(2026-10-25 03:00), datetime!(2026-10-25 02:00 UTC)),
        ] {
            assert_eq!(to_micros(local), micros(moment), "{local}");
            assert_eq!(of_micros(micros(moment)), local);
        }
        // The second coming of the hour shows the same clock.
        assert_eq!(
            of_micros(micros(datetime!(2026-10-25 01:30 UTC))),
            datetime!(2026-10-25 02:30)
        );
    }

    #[test]
    fn the_ends_of_the_calendar_are_answered() {
        for at in [Micros::MIN, Micros::MAX] {
            let _ = of_micros(at);
        }
        let _ = to_micros(PrimitiveDateTime::MIN);
        let _ = to_micros(PrimitiveDateTime::MAX);
    }
}
