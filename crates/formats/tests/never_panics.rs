//! Whatever comes in is answered: no parser panics, on noise or on a valid input that was damaged.

use delt_formats::{Limits, cda, fhir, oioxml};
use proptest::prelude::*;

const FIXTURES: [&[u8]; 6] = [
    include_bytes!("fixtures/xdis01-discharge-letter.xml"),
    include_bytes!("fixtures/apd-appointment.xml"),
    include_bytes!("fixtures/hospital-notification.json"),
    include_bytes!("fixtures/care-communication.json"),
    include_bytes!("fixtures/homecare-observation.json"),
    include_bytes!("fixtures/consent.json"),
];

/// Tight bounds, so that the bounds themselves are met too.
const TIGHT: Limits = Limits {
    bytes: 4000,
    depth: 6,
    elements: 60,
};

fn parse_all(bytes: &[u8]) {
    for limits in [Limits::MESSAGE, TIGHT] {
        let _ = oioxml::parse_header(bytes, &limits);
        let _ = oioxml::parse_discharge_letter(bytes, &limits);
        let _ = oioxml::parse_receipt(bytes, &limits);
        let _ = cda::parse_header(bytes, &limits);
        let _ = fhir::parse_message(bytes, &limits);
        let _ = fhir::consent::parse_consent(bytes, &limits);
    }
}

proptest! {
    #[test]
    fn noise_is_answered(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        parse_all(&bytes);
    }

    #[test]
    fn a_damaged_input_is_answered(
        which in 0..FIXTURES.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..12),
    ) {
        let mut bytes = FIXTURES[which].to_vec();
        for (at, byte, edit) in edits {
            let at = at.index(bytes.len());
            match edit {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        parse_all(&bytes);
    }

    #[test]
    fn a_piece_cut_out_is_answered(
        which in 0..FIXTURES.len(),
        from in any::<prop::sample::Index>(),
        length in 0usize..2000,
    ) {
        let whole = FIXTURES[which];
        let from = from.index(whole.len());
        let to = whole.len().min(from + length);
        parse_all(&[&whole[..from], &whole[to..]].concat());
        parse_all(&whole[..from]);
    }

    /// Texts that are well-formed but wrong reach the checks behind the reader.
    #[test]
    fn a_text_that_was_exchanged_is_answered(
        which in 0..FIXTURES.len(),
        at in any::<prop::sample::Index>(),
        text in "[0-9A-Za-zæøå+:. -]{0,30}",
    ) {
        let whole: String = FIXTURES[which].iter().map(|byte| char::from(*byte)).collect();
        let ends = if which < 2 { ('>', '<') } else { ('"', '"') };
        let starts: Vec<usize> = whole.match_indices(ends.0).map(|(at, _)| at + 1).collect();
        let (before, rest) = whole.split_at(starts[at.index(starts.len())]);
        let after = rest.find(ends.1).map_or("", |length| rest.split_at(length).1);
        let exchanged = format!("{before}{text}{after}");
        parse_all(exchanged.replace("ISO-8859-1", "UTF-8").as_bytes());
    }
}
