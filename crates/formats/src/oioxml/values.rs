//! The values that fields of a letter hold.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, PrimitiveDateTime, Time};
use uuid::Uuid;

use crate::identifier::Gln;
use crate::violation::{Problems, ViolationCode};
use crate::xml::Field;

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MINUTES: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");
const SECONDS: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]:[second]");

/// `Date` with `Time` or `TimeWithSec`; nothing where the field itself is absent.
pub(super) fn date_time(field: &Field<'_>, problems: &mut Problems) -> Option<PrimitiveDateTime> {
    if !field.is_there() {
        return None;
    }
    let date = field.child("Date");
    let clock = match field.child("Time") {
        time if time.is_there() => time,
        _ => field.child("TimeWithSec"),
    };
    let read_date = date
        .required(problems)
        .and_then(|text| parse_date(&text, &date, problems));
    let read_time = match clock.text() {
        Some(text) => parse_time(&text, &clock, problems),
        None => Some(Time::MIDNIGHT),
    };
    Some(PrimitiveDateTime::new(read_date?, read_time?))
}

/// A date and time that must be there.
pub(super) fn required_date_time(
    field: &Field<'_>,
    problems: &mut Problems,
) -> Option<PrimitiveDateTime> {
    if !field.is_there() {
        field.missing(problems);
    }
    date_time(field, problems)
}

fn parse_date(text: &str, field: &Field<'_>, problems: &mut Problems) -> Option<Date> {
    let date = Date::parse(text, DATE).ok();
    if date.is_none() {
        problems.push(
            field.path(),
            ViolationCode::BadFormat,
            "must be a date, YYYY-MM-DD",
        );
    }
    date
}

fn parse_time(text: &str, field: &Field<'_>, problems: &mut Problems) -> Option<Time> {
    let time = Time::parse(text, SECONDS)
        .or_else(|_| Time::parse(text, MINUTES))
        .ok();
    if time.is_none() {
        problems.push(
            field.path(),
            ViolationCode::BadFormat,
            "must be a time, HH:MM or HH:MM:SS",
        );
    }
    time
}

/// A GLN that must be there.
pub(super) fn gln(field: &Field<'_>, problems: &mut Problems) -> Option<Gln> {
    let text = field.required(problems)?;
    Gln::parse(&text)
        .map_err(|error| problems.push(field.path(), ViolationCode::BadFormat, error.reason))
        .ok()
}

/// An episode-of-care or notification id: 32 hexadecimal digits, with or without hyphens.
pub(super) fn uuid(field: &Field<'_>, problems: &mut Problems) -> Option<Uuid> {
    let text = field.text()?;
    let read = Uuid::try_parse(&text)
        .ok()
        .filter(|_| matches!(text.len(), 32 | 36));
    if read.is_none() {
        problems.push(
            field.path(),
            ViolationCode::BadFormat,
            "must be 32 hexadecimal digits",
        );
    }
    read
}

/// A text of at most `max` characters that must be there.
pub(super) fn short(field: &Field<'_>, max: usize, problems: &mut Problems) -> Option<String> {
    let text = field.required(problems)?;
    if text.chars().count() > max {
        problems.push(
            field.path(),
            ViolationCode::TooLong,
            "is longer than the standard allows",
        );
        return None;
    }
    Some(text)
}

/// A code that must be the one of this letter.
pub(super) fn expect(
    field: &Field<'_>,
    expected: &str,
    wrong: ViolationCode,
    problems: &mut Problems,
) {
    if field.text().is_some_and(|text| text != expected) {
        problems.push(field.path(), wrong, "is not the code of this letter type");
    }
}
