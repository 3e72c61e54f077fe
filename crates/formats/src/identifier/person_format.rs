//! The formats of person numbers: hl7dk/dk-core for what is accepted, cpr.dk and NSP for the century.

use super::{IdentifierError, PersonNumberKind, system};

/// The kind of number that a system holds, and the system as a URN.
pub(super) fn kind_of(given: &str) -> Result<(PersonNumberKind, String), IdentifierError> {
    let oid = system::bare(given);
    if oid == system::bare(system::CPR) {
        return Ok((PersonNumberKind::Cpr, system::CPR.to_owned()));
    }
    if oid == system::bare(system::X_ECPR) {
        return Ok((PersonNumberKind::XEcpr, system::X_ECPR.to_owned()));
    }
    match oid.strip_prefix(system::bare(system::D_ECPR_ROOT)) {
        Some(arcs) if is_issuer(arcs) => Ok((PersonNumberKind::DEcpr, format!("urn:oid:{oid}"))),
        Some("") => Err(IdentifierError::new(
            "system",
            "the system must name the issuer, since the number is unique only there",
        )),
        _ => Err(IdentifierError::new(
            "system",
            "not a system of person numbers",
        )),
    }
}

/// Whether the rest of the OID is one or more arcs, such as `.187`, of a sane length.
fn is_issuer(arcs: &str) -> bool {
    arcs.len() <= 64
        && arcs.strip_prefix('.').is_some_and(|rest| {
            rest.split('.')
                .all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()))
        })
}

/// Drops the hyphen of `DDMMYY-SSSS`; anything else is left for the check to refuse.
pub(super) fn normalise(value: &str) -> String {
    match value.split_once('-') {
        Some((date, serial)) if date.len() == 6 => format!("{date}{serial}"),
        _ => value.to_owned(),
    }
}

pub(super) fn check(kind: PersonNumberKind, value: &str) -> Result<(), &'static str> {
    let bytes = value.as_bytes();
    let &[d1, d2, m1, m2, y1, y2, s1, s2, s3, s4] = bytes else {
        return Err("must have ten characters");
    };
    if !bytes_are_digits(&[d1, d2, m1, m2, y1, y2, s4]) {
        return Err("must be a date (DDMMYY) and a serial ending in a digit");
    }
    if !is_day_and_month(value) {
        return Err("must begin with a day and month that exist");
    }
    check_serial(kind, s1, [s2, s3])
}

fn check_serial(kind: PersonNumberKind, first: u8, middle: [u8; 2]) -> Result<(), &'static str> {
    let capitals = middle.iter().all(u8::is_ascii_uppercase);
    match kind {
        PersonNumberKind::Cpr if first.is_ascii_digit() && bytes_are_digits(&middle) => Ok(()),
        PersonNumberKind::Cpr => Err("must have ten digits"),
        PersonNumberKind::XEcpr if matches!(first, b'1' | b'7') && capitals => Ok(()),
        PersonNumberKind::XEcpr => {
            Err("must continue with 1 or 7, two capital letters and a digit")
        }
        PersonNumberKind::DEcpr if matches!(first, b'0' | b'5' | b'6') && capitals => Ok(()),
        PersonNumberKind::DEcpr => {
            Err("must continue with 0, 5 or 6, two capital letters and a digit")
        }
    }
}

fn bytes_are_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

fn is_day_and_month(value: &str) -> bool {
    let (Some(day), Some(month)) = (two_digits(value, 0), two_digits(value, 2)) else {
        return false;
    };
    let longest = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=longest).contains(&day)
}

pub(super) fn two_digits(value: &str, at: usize) -> Option<i32> {
    value.get(at..at + 2)?.parse().ok()
}

/// The century as a year: cpr.dk for CPR, NSP's description of eCPR for the others.
pub(super) fn century(kind: PersonNumberKind, value: &str) -> Option<i32> {
    let year = two_digits(value, 4)?;
    let seventh = value.as_bytes().get(6)?;
    let in_the_2000s = match (kind, seventh) {
        (PersonNumberKind::Cpr, b'4' | b'9') => year <= 36,
        (PersonNumberKind::Cpr, b'5'..=b'8') => year <= 57,
        (PersonNumberKind::XEcpr, b'7') | (PersonNumberKind::DEcpr, b'6') => true,
        _ => false,
    };
    let before_1900 = match kind {
        PersonNumberKind::Cpr => matches!(seventh, b'5'..=b'8') && !in_the_2000s,
        PersonNumberKind::XEcpr => false,
        PersonNumberKind::DEcpr => *seventh == b'5',
    };
    Some(if in_the_2000s {
        2000
    } else if before_1900 {
        1800
    } else {
        1900
    })
}
