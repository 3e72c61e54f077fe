//! HL7 time stamps (TS).

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A point in time as HL7 writes it (`YYYYMMDD[HHMM[SS[.S…]]][±ZZZZ]`): the offset may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp {
    /// Date and time; midnight where only a date is given, fractions of a second dropped.
    pub local: PrimitiveDateTime,
    /// The offset from UTC, where it is given.
    pub offset: Option<UtcOffset>,
}

impl Timestamp {
    /// Reads a time stamp of at least a day's precision.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (clock, offset) = match text.find(['+', '-']) {
            Some(at) => (text.get(..at)?, Some(parse_offset(text.get(at..)?)?)),
            None => (text, None),
        };
        let digits = clock.split_once('.').map_or(clock, |(whole, _)| whole);
        if !matches!(digits.len(), 8 | 12 | 14) {
            return None;
        }
        let year = number(digits, 0, 4)?;
        let month = Month::try_from(u8::try_from(number(digits, 4, 6)?).ok()?).ok()?;
        let date = Date::from_calendar_date(i32::from(year), month, small(digits, 6)?).ok()?;
        let part = |at| {
            if digits.len() > at {
                small(digits, at)
            } else {
                Some(0)
            }
        };
        let time = Time::from_hms(part(8)?, part(10)?, part(12)?).ok()?;
        Some(Self {
            local: PrimitiveDateTime::new(date, time),
            offset,
        })
    }

    /// The instant, with this offset where the time stamp has none.
    #[must_use]
    pub fn assume_offset(self, offset: UtcOffset) -> OffsetDateTime {
        self.local.assume_offset(self.offset.unwrap_or(offset))
    }
}

fn parse_offset(text: &str) -> Option<UtcOffset> {
    let negative = text.starts_with('-');
    let digits = text.get(1..)?;
    if digits.len() != 4 {
        return None;
    }
    let (hours, minutes) = (
        i8::try_from(small(digits, 0)?).ok()?,
        i8::try_from(small(digits, 2)?).ok()?,
    );
    if minutes > 59 {
        return None;
    }
    let sign = if negative { -1 } else { 1 };
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
}

fn small(digits: &str, at: usize) -> Option<u8> {
    u8::try_from(number(digits, at, at + 2)?).ok()
}

fn number(digits: &str, from: usize, to: usize) -> Option<u16> {
    let part = digits.get(from..to)?;
    part.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| part.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::{datetime, offset};

    #[test]
    fn precision_and_offset_vary() {
        let full = Timestamp::parse("20260312110000+0100").unwrap();
        assert_eq!(
            full.assume_offset(UtcOffset::UTC),
            datetime!(2026-03-12 11:00 +1)
        );
        let day = Timestamp::parse("20260312").unwrap();
        assert_eq!((day.local, day.offset), (datetime!(2026-03-12 0:00), None));
        assert_eq!(
            day.assume_offset(offset!(+2)),
            datetime!(2026-03-12 0:00 +2)
        );
        let fraction = Timestamp::parse("20260312110102.345-0330").unwrap();
        assert_eq!(
            fraction.assume_offset(UtcOffset::UTC),
            datetime!(2026-03-12 11:01:02 -3:30)
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in [
            "",
            "2026",
            "20261301",
            "20260230",
            "202603121",
            "20260312+1",
            "2026031225",
            "20260312110000+0160",
            "2026 312",
            "æ0260312",
        ] {
            assert_eq!(Timestamp::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[0-9+.æ-]{0,24}") {
            let _ = Timestamp::parse(&text);
        }
    }
}
