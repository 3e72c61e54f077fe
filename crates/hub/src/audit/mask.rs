//! Person numbers that callers write where none belongs: into a reason, a filter, a request's id.
//!
//! An entry is kept in clear and read by many, so what looks like a number is masked before the entry's hash is fixed. Whom the entry is about stands in it
//! as a key.

use delt_formats::identifier::{PersonNumber, system};

const MASK: &str = "(masked)";
/// Characters of a person number: a date and a serial.
const DATE: usize = 6;
const SERIAL: usize = 4;

/// The text without what looks like a person number of any kind, with or without a hyphen or space in its middle.
pub(super) fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    let mut rest = chars.as_slice();
    let mut before = None;
    while let Some((first, others)) = rest.split_first() {
        let length = if is_border(before) {
            number(rest)
        } else {
            None
        };
        if let Some((written, left)) = length.and_then(|length| rest.split_at_checked(length)) {
            shown.push_str(MASK);
            before = written.last().copied();
            rest = left;
        } else {
            shown.push(*first);
            before = Some(*first);
            rest = others;
        }
    }
    shown
}

/// Whether a text holds what looks like a person number of any kind.
pub(crate) fn holds_number(text: &str) -> bool {
    masked(text) != text
}

/// A digit beside it makes it a part of a longer number, a letter up to f one of a hash or a UUID.
fn is_border(beside: Option<char>) -> bool {
    beside.is_none_or(|c| !c.is_ascii_hexdigit())
}

/// The length of the number that the text begins with, in characters.
fn number(text: &[char]) -> Option<usize> {
    let (date, rest) = text.split_at_checked(DATE)?;
    let gap = usize::from(matches!(rest.first(), Some('-' | ' ')));
    let (serial, after) = rest.get(gap..)?.split_at_checked(SERIAL)?;
    let candidate: String = date
        .iter()
        .chain(serial)
        .collect::<String>()
        .to_ascii_uppercase();
    let decentral = format!("{}.0", system::D_ECPR_ROOT);
    let known = [system::CPR, system::X_ECPR, decentral.as_str()]
        .iter()
        .any(|system| PersonNumber::parse(system, &candidate).is_ok());
    (known && is_border(after.first().copied())).then_some(DATE + gap + SERIAL)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_masked_however_they_are_written() {
        for text in [
            "0201609996",
            "020160-9996",
            "020160 9996",
            "0203291WQ3",
            "020329-0wq3",
        ] {
            assert_eq!(masked(text), MASK);
            assert_eq!(
                masked(&format!("cpr{text}, (x|{text})")),
                format!("cpr{MASK}, (x|{MASK})")
            );
            assert_eq!(masked(&format!("æ{text}æ")), format!("æ{MASK}æ"));
        }
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in [
            "990031000016002",
            "5790009900016",
            "a0201609996",
            "3213609996",
            "f7020160-9996-4137-86db-502396582007",
            "2025-03-01T10:00:00.000000Z/",
            "02016099",
            "",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_else_changes(text in "\\PC{0,60}") {
            let shown = masked(&text);
            prop_assert!(shown == text || shown.contains(MASK));
            prop_assert_eq!(masked(&shown), shown);
        }
    }
}
