//! Values as a person types and reads them.

use std::str::FromStr;

use delt_proto::common::v1::{Code, Identifier, Period};
use prost_types::Timestamp;

const CPR: &str = "urn:oid:1.2.208.176.1.2";

/// A person: a CPR number, with or without its hyphen, or `system|value`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Person(pub(super) Identifier);

impl FromStr for Person {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((system, value)) = text.split_once('|') {
            if system.is_empty() || value.is_empty() {
                return Err("both sides of `system|value` must be there");
            }
            return Ok(Self(identifier(system, value)));
        }
        let digits = match text.split_once('-') {
            Some((date, rest)) if date.len() == 6 => format!("{date}{rest}"),
            _ => text.to_owned(),
        };
        if digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(identifier(CPR, &digits)));
        }
        Err("a CPR number has ten digits; write other identifiers as `system|value`")
    }
}

fn identifier(system: &str, value: &str) -> Identifier {
    Identifier {
        system: system.to_owned(),
        value: value.to_owned(),
    }
}

// By hand: an identifier of a person is masked wherever it could be printed.
impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person(…)")
    }
}

/// A moment: a date (its first second, UTC) or RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(pub(super) Timestamp);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = if text.contains('T') {
            text.to_owned()
        } else {
            format!("{text}T00:00:00Z")
        };
        delt_client::json::from_rfc3339(&whole)
            .map(Self)
            .ok_or("write a date as 2026-10-20, or a time as 2026-10-20T09:05:00Z")
    }
}

/// `[from, to)`, or nothing where both are open.
pub(super) fn period(from: Option<Moment>, to: Option<Moment>) -> Option<Period> {
    if from.is_none() && to.is_none() {
        return None;
    }
    Some(Period {
        start: from.map(|moment| moment.0),
        end: to.map(|moment| moment.0),
    })
}

/// A code as `system|code`, or alone in the code system that its field usually has.
pub(super) fn code(text: &str, usual_system: &str) -> Code {
    let (system, code) = text.split_once('|').unwrap_or((usual_system, text));
    Code {
        system: system.to_owned(),
        code: code.to_owned(),
        display: String::new(),
    }
}

/// A moment for a table: to the minute, UTC.
pub(super) fn minute(moment: Option<&Timestamp>) -> String {
    let text = moment
        .and_then(delt_client::json::to_rfc3339)
        .unwrap_or_default();
    text.get(..16).unwrap_or_default().replace('T', " ")
}

/// A period for a table.
pub(super) fn span(period: Option<&Period>) -> String {
    let Some(period) = period else {
        return "always".to_owned();
    };
    match (minute(period.start.as_ref()), minute(period.end.as_ref())) {
        (start, end) if start.is_empty() && end.is_empty() => "always".to_owned(),
        (start, end) if end.is_empty() => format!("from {start}"),
        (start, end) if start.is_empty() => format!("until {end}"),
        (start, end) => format!("{start} – {end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_are_read_in_their_spellings() {
        let plain: Person = "0201609996".parse().unwrap();
        assert_eq!(plain, "020160-9996".parse().unwrap());
        assert_eq!(plain, "urn:oid:1.2.208.176.1.2|0201609996".parse().unwrap());
        for wrong in [
            "",
            "020160999",
            "02016099961",
            "0201-609996",
            "abc",
            "|x",
            "x|",
            "０２０１６０９９９６",
        ] {
            assert!(wrong.parse::<Person>().is_err(), "{wrong}");
        }
        assert!(!format!("{plain:?}").contains("9996"));
    }

    #[test]
    fn moments_are_dates_or_times() {
        let date: Moment = "2026-10-20".parse().unwrap();
        assert_eq!(minute(Some(&date.0)), "2026-10-20 00:00");
        let time: Moment = "2026-10-20T11:05:00+02:00".parse().unwrap();
        assert_eq!(minute(Some(&time.0)), "2026-10-20 09:05");
        assert!("20-10-2026".parse::<Moment>().is_err());
        assert_eq!(
            span(period(Some(date), None).as_ref()),
            "from 2026-10-20 00:00"
        );
        assert_eq!(period(None, None), None);
    }

    #[test]
    fn codes_may_name_their_system() {
        assert_eq!(code("1.2|x|y", "usual").code, "x|y");
        assert_eq!(code("39289-4", "usual").system, "usual");
    }
}
