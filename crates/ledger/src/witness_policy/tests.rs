use proptest::prelude::*;

use super::*;
use crate::cosignature::{CosignatureError, Cosigner};
use crate::hash::Hash;
use crate::key::KeyError;
use crate::note::Note;
use crate::{Checkpoint, Signer};

const NAMES: [&str; 6] = ["X1", "X2", "X3", "Y1", "Y2", "Y3"];

fn log() -> Signer {
    Signer::from_seed("delt.example/log", &[1; 32]).unwrap()
}

fn witness(number: usize) -> Cosigner {
    let seed = [u8::try_from(number).unwrap() + 10; 32];
    Cosigner::from_seed(&format!("witness{number}.example"), &seed).unwrap()
}

/// The example of tlog-policy, with keys.
fn example() -> String {
    let mut text = format!("log {}\n\n", log().verifier());
    for (number, name) in NAMES.iter().enumerate() {
        let key = witness(number).verifier().to_string();
        let url = format!("https://{name}.example/w");
        text += &["witness ", name, " ", &key, " ", &url, "\n"].concat();
        if number == 2 {
            text += "group X-witnesses 2 X1 X2 X3\n\n";
        }
    }
    text + "group Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
}

fn parse(text: &str) -> Result<WitnessPolicy, PolicyFault> {
    WitnessPolicy::parse(text.as_bytes()).map_err(|error| error.fault)
}

fn checkpoint(witnesses: &[usize]) -> Note {
    let checkpoint = Checkpoint::new("delt.example/log", 5, Hash::from_bytes([5; 32]));
    let mut note = checkpoint.sign(&log()).unwrap();
    for number in witnesses {
        let line = witness(*number).cosign(note.text(), 1_700_000_000).unwrap();
        note.add(line).unwrap();
    }
    note
}

fn holds(policy: &WitnessPolicy, witnesses: &[usize]) -> bool {
    policy.open(&checkpoint(witnesses).to_string()).is_ok()
}

#[test]
fn the_example_of_the_specification() {
    let policy = parse(&example()).unwrap();
    assert_eq!(policy.text(), example());
    assert_eq!(policy.logs().len(), 1);
    assert_eq!(policy.witnesses().len(), 6);
    assert_eq!(
        policy.witnesses()[4].url.as_deref(),
        Some("https://Y2.example/w")
    );
    assert_eq!(policy.fewest_witnesses(), 3);
    for (witnesses, expected) in [
        (&[][..], false),
        (&[0, 1], false),
        (&[0, 3], false),
        (&[3, 4, 5], false),
        (&[0, 1, 5], true),
        (&[2, 1, 3], true),
        (&[0, 1, 2, 3, 4, 5], true),
        (&[0, 0, 3], false),
    ] {
        assert_eq!(holds(&policy, witnesses), expected, "{witnesses:?}");
    }
    let opened = policy.open(&checkpoint(&[2, 1, 3]).to_string()).unwrap();
    let names: Vec<_> = opened.cosigned.iter().map(|c| &c.witness).collect();
    assert_eq!(names, ["X2", "X3", "Y1"]);
    assert_eq!(opened.cosigned[0].time, 1_700_000_000);
    assert_eq!(opened.checkpoint.size, 5);
}

#[test]
fn a_refusal_says_who_cosigned() {
    let policy = parse(&example()).unwrap();
    let refused = policy.open(&checkpoint(&[0, 4]).to_string()).unwrap_err();
    let cosigned = vec!["X1".to_owned(), "Y2".to_owned()];
    assert_eq!(refused, PolicyRefusal::NoQuorum { cosigned });
    assert!(refused.to_string().ends_with("cosigned by X1, Y2"));
}

#[test]
fn a_cosignature_that_does_not_match_refuses_all() {
    let mut note = checkpoint(&[0, 1, 3]);
    let other = Checkpoint::new("delt.example/log", 6, Hash::from_bytes([6; 32]));
    note.add(witness(2).cosign(&other.to_string(), 1).unwrap())
        .unwrap();
    let refused = parse(&example()).unwrap().open(&note.to_string());
    assert_eq!(
        refused,
        Err(PolicyRefusal::BadCosignature {
            witness: "X3".to_owned(),
            reason: CosignatureError::BadCosignature
        })
    );
}

#[test]
fn only_a_log_of_the_policy_signs() {
    let key = Signer::from_seed("delt.example/log", &[2; 32]).unwrap();
    let policy = parse(&format!("log {}\nquorum none", key.verifier())).unwrap();
    let note = checkpoint(&[]).to_string();
    assert_eq!(policy.open(&note), Err(PolicyRefusal::NoLog));
    assert_eq!(
        policy.open_of(log().verifier(), &note),
        Err(PolicyRefusal::NoLog)
    );
    let anyones = parse("quorum none\n").unwrap();
    assert_eq!(anyones.open(&note), Err(PolicyRefusal::NoLog));
    assert!(!anyones.needs_witnesses());
    assert_eq!(
        anyones.open_of(log().verifier(), &note).unwrap().cosigned,
        []
    );
}

#[test]
fn a_witness_may_be_the_quorum() {
    let key = witness(0).verifier().to_string();
    let policy = format!("# ours\n\t witness  a\t{key}\nquorum a");
    let policy = parse(&format!("log {}\n{policy}", log().verifier())).unwrap();
    assert!(holds(&policy, &[0]));
    assert!(!holds(&policy, &[1]));
    assert_eq!(policy.fewest_witnesses(), 1);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let [a, b] = [0, 1].map(|number| witness(number).verifier().to_string());
    let log = log().verifier().to_string();
    let two = format!("witness a {a}\nwitness b {b}\n");
    for (text, fault) in [
        (String::new(), PolicyFault::Quorum),
        ("quorum none\nquorum none\n".into(), PolicyFault::Quorum),
        ("quorum a\n".into(), PolicyFault::UnknownName),
        ("quorum none extra\n".into(), PolicyFault::Form),
        ("witnes a\n".into(), PolicyFault::Keyword),
        ("quorum none\r\n".into(), PolicyFault::Control),
        ("quorum none\x7f".into(), PolicyFault::Control),
        ("log\n".into(), PolicyFault::Form),
        ("log x\n".into(), PolicyFault::Key(KeyError::Malformed)),
        (
            format!("log {a}\n"),
            PolicyFault::Key(KeyError::UnsupportedType),
        ),
        (
            format!("witness a {log}\n"),
            PolicyFault::Key(KeyError::UnsupportedType),
        ),
        (format!("log {log}\nlog {log}\n"), PolicyFault::DuplicateKey),
        (
            format!("witness a {a}\nwitness b {a}\n"),
            PolicyFault::DuplicateKey,
        ),
        (
            format!("witness a {a}\nwitness a {b}\n"),
            PolicyFault::DuplicateName,
        ),
        (format!("witness none {a}\n"), PolicyFault::DuplicateName),
        (format!("{two}group a any b\n"), PolicyFault::DuplicateName),
        (format!("{two}group g any g\n"), PolicyFault::UnknownName),
        (format!("{two}group g any none\n"), PolicyFault::UnknownName),
        (format!("{two}group g any a a\n"), PolicyFault::MemberTwice),
        (
            format!("{two}group g any a\ngroup h any a b\n"),
            PolicyFault::MemberTwice,
        ),
        (format!("{two}group g any\n"), PolicyFault::Form),
        (format!("{two}group g\n"), PolicyFault::Form),
        (format!("{two}group g 0 a b\n"), PolicyFault::Threshold),
        (format!("{two}group g 3 a b\n"), PolicyFault::Threshold),
        (format!("{two}group g +1 a b\n"), PolicyFault::Threshold),
        (format!("{two}group g most a b\n"), PolicyFault::Threshold),
        (
            format!("{two}group g 99999999999999999999 a b\n"),
            PolicyFault::Threshold,
        ),
    ] {
        assert_eq!(parse(&text), Err(fault), "{text}");
    }
    let error = WitnessPolicy::parse(b"\n# x\nquorum a\n").unwrap_err();
    assert_eq!(error.line, 3);
    let error = WitnessPolicy::parse(&vec![b' '; MAX_POLICY_BYTES + 1]).unwrap_err();
    assert_eq!(error.fault, PolicyFault::TooLarge);
}

#[test]
fn names_are_octets() {
    let key = witness(0).verifier().to_string();
    let kelvin = [b"witness \xE2\x84\xAA ".as_slice(), key.as_bytes()].concat();
    let policy = |quorum: &[u8]| {
        let text = [kelvin.as_slice(), b"\nquorum ", quorum].concat();
        WitnessPolicy::parse(&text)
    };
    assert!(policy(b"\xE2\x84\xAA").is_ok());
    assert!(policy(b"K").is_err());
    let raw = [
        b"witness \xFF ".as_slice(),
        key.as_bytes(),
        b"\nquorum \xFE",
    ]
    .concat();
    assert!(WitnessPolicy::parse(&raw).is_err(), "two octets, two names");
}

#[test]
fn counts_are_bounded() {
    let lines: Vec<_> = (0..=MAX_POLICY_ITEMS)
        .map(|number| format!("witness w{number} {}", witness(number).verifier()))
        .collect();
    assert_eq!(parse(&lines.join("\n")), Err(PolicyFault::TooMany));
    // A chain of groups, as deep as can be.
    let mut lines = vec![format!("witness g0 {}", witness(0).verifier())];
    lines
        .extend((0..MAX_POLICY_ITEMS).map(|number| format!("group g{} all g{number}", number + 1)));
    let text = lines.join("\n");
    let policy = parse(&format!("{text}\nquorum g{MAX_POLICY_ITEMS}\n")).unwrap();
    assert!(policy.is_reached(|_| true) && !policy.is_reached(|_| false));
}

#[test]
fn every_flipped_bit_of_a_bare_quorum_is_found() {
    let policy = parse(&example()).unwrap();
    let signed = checkpoint(&[0, 1, 3]).to_string();
    for bit in 0..signed.len() * 8 {
        let mut bytes = signed.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let accepted = String::from_utf8(bytes).is_ok_and(|note| policy.open(&note).is_ok());
        assert!(!accepted, "bit {bit}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(text in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = WitnessPolicy::parse(&text);
    }

    #[test]
    fn lines_like_real_ones_never_panic(
        lines in proptest::collection::vec(
            "(log|witness|group|quorum|#)?( (a|b|none|any|all|1|2|x\\+00000000\\+BAAA)){0,5}",
            0..12,
        )
    ) {
        let _ = parse(&lines.join("\n"));
    }

    #[test]
    fn more_witnesses_never_hurt(cosigned in 0_u8..64, more in 0_u8..64) {
        let policy = parse(&example()).unwrap();
        let reached = |set: u8| policy.is_reached(|at| set & (1 << at) != 0);
        let x = (cosigned & 0b111).count_ones() >= 2;
        let y = cosigned & 0b11_1000 != 0;
        prop_assert_eq!(reached(cosigned), x && y);
        prop_assert!(!reached(cosigned) || reached(cosigned | more));
        prop_assert!(!reached(cosigned) || cosigned.count_ones() as usize >= policy.fewest_witnesses());
    }
}
