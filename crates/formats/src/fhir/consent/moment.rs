//! FHIR `dateTime`, as precise as it was written, and periods of them.

use time::{Date, Duration, Month, PrimitiveDateTime, Time, UtcOffset};

use crate::fhir::parts::Place;
use crate::violation::{Problems, ViolationCode};

/// A stretch of time as FHIR writes a moment: a year, a month, a day, or a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Its first moment on the clock.
    pub first: PrimitiveDateTime,
    /// The first moment after it.
    pub after: PrimitiveDateTime,
    /// The offset from UTC; only a time of day has one.
    pub offset: Option<UtcOffset>,
}

/// A period; an end that was not written is open. Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// From here.
    pub start: Option<Moment>,
    /// To the last of this.
    pub end: Option<Moment>,
}

impl Moment {
    /// Reads a FHIR `dateTime`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('T') {
            Some((date, clock)) => Self::second(day(date)?, clock),
            None => Self::date(text),
        }
    }

    fn date(text: &str) -> Option<Self> {
        let (first, after) = match text.len() {
            4 => (day(&format!("{text}-01-01"))?, None),
            7 => (day(&format!("{text}-01"))?, None),
            _ => {
                let day = day(text)?;
                (day, day.next_day())
            }
        };
        let after = match (after, text.len()) {
            (Some(after), _) => after,
            (None, 4) => Date::from_calendar_date(first.year() + 1, Month::January, 1).ok()?,
            (None, 7) => first_of_next_month(first)?,
            (None, _) => return None,
        };
        Some(Self {
            first: first.midnight(),
            after: after.midnight(),
            offset: None,
        })
    }

    fn second(date: Date, clock: &str) -> Option<Self> {
        let at = clock.find(['Z', '+', '-'])?;
        let (clock, offset) = clock.split_at_checked(at)?;
        let whole =
            clock.split_once('.').map_or(
                clock,
                |(whole, fraction)| {
                    if all_digits(fraction) { whole } else { "" }
                },
            );
        let [hour, minute, second] = numbers(whole, ':', [2, 2, 2])?;
        // FHIR allows a leap second; the clock here has none, so it is the second before.
        let second = if second == 60 { 59 } else { second };
        let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
        let first = PrimitiveDateTime::new(date, time);
        Some(Self {
            first,
            after: first.checked_add(Duration::SECOND)?,
            offset: Some(offset_of(offset)?),
        })
    }
}

impl Period {
    pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Option<Self> {
        if !place.is_there() {
            return None;
        }
        let moment = |name: &str, problems: &mut Problems| {
            let field = place.get(name);
            field.is_there().then(|| read(&field, problems)).flatten()
        };
        let start = moment("start", problems);
        let end = moment("end", problems);
        if !place.get("start").is_there() && !place.get("end").is_there() {
            place.wrong(
                problems,
                ViolationCode::Missing,
                "must have a start or an end",
            );
        }
        if let (Some(start), Some(end)) = (start, end)
            && end.after <= start.first
        {
            place.wrong(
                problems,
                ViolationCode::Inconsistent,
                "ends before it starts",
            );
        }
        Some(Self { start, end })
    }
}

/// A moment that must be there.
pub(super) fn read(place: &Place<'_>, problems: &mut Problems) -> Option<Moment> {
    let moment = Moment::parse(place.required(problems)?);
    if moment.is_none() {
        place.wrong(
            problems,
            ViolationCode::BadFormat,
            "must be a FHIR dateTime; a time of day has its offset",
        );
    }
    moment
}

fn day(text: &str) -> Option<Date> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    let month = Month::try_from(small(month)?).ok()?;
    Date::from_calendar_date(i32::from(year), month, small(day)?).ok()
}

fn first_of_next_month(date: Date) -> Option<Date> {
    let year = date.year() + i32::from(date.month() == Month::December);
    Date::from_calendar_date(year, date.month().next(), 1).ok()
}

fn offset_of(text: &str) -> Option<UtcOffset> {
    if text == "Z" {
        return Some(UtcOffset::UTC);
    }
    let (sign, clock) = text.split_at_checked(1)?;
    let [hours, minutes] = numbers(clock, ':', [2, 2])?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    UtcOffset::from_whole_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

/// Numbers of fixed widths with a separator between them, and nothing else.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u16; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (slot, width) in found.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !all_digits(part) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn small(number: u16) -> Option<u8> {
    u8::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::{datetime, offset};

    use super::*;

    #[test]
    fn a_moment_lasts_as_long_as_it_was_written() {
        for (text, first, after) in [
            (
                "2022",
                datetime!(2022-01-01 0:00),
                datetime!(2023-01-01 0:00),
            ),
            (
                "2022-12",
                datetime!(2022-12-01 0:00),
                datetime!(2023-01-01 0:00),
            ),
            (
                "2022-02",
                datetime!(2022-02-01 0:00),
                datetime!(2022-03-01 0:00),
            ),
            (
                "2024-02-29",
                datetime!(2024-02-29 0:00),
                datetime!(2024-03-01 0:00),
            ),
        ] {
            let read = Moment::parse(text).unwrap();
            assert_eq!(
                (read.first, read.after, read.offset),
                (first, after, None),
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_of_day_has_its_offset() {
        let read = Moment::parse("2022-06-13T10:05:59.25+02:00").unwrap();
        assert_eq!(read.first, datetime!(2022-06-13 10:05:59));
        assert_eq!(read.offset, Some(offset!(+2)));
        assert_eq!(
            Moment::parse("2022-06-13T10:05:59Z").unwrap().offset,
            Some(UtcOffset::UTC)
        );
        assert_eq!(
            Moment::parse("2022-06-13T10:05:60-01:30").unwrap().offset,
            Some(offset!(-1:30))
        );
    }

    #[test]
    fn what_is_no_date_time_is_refused() {
        for wrong in [
            "",
            "22",
            "2022-13",
            "2022-02-30",
            "2022-2-3",
            "2022-06-13T10:05:59",
            "2022-06-13T10:05Z",
            "2022-06-13T10:05:59.Z",
            "2022-06-13T10:05:59+15:00",
            "2022-06-13T24:00:00Z",
            "20220613",
            "æ022",
            "9999",
            "9999-12",
            "9999-12-31",
            "2022-06-13T",
            "+022-01-01",
            "2022-06-13T10:05:61Z",
        ] {
            assert_eq!(Moment::parse(wrong), None, "{wrong}");
        }
    }
}
