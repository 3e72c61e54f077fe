//! An auditor's view: a good export verifies, and whatever is done to one is found and placed.

use proptest::prelude::*;

use super::*;
use crate::commitment::{Commitment, Salt};
use crate::entry::tests::sample;
use crate::hash::Hash;
use crate::key::Signer;
use crate::merkle::{Appender, TileMap, prove_consistency, prove_inclusion};
use crate::{Checkpoint, Note};

const SIZE: u64 = 12;

fn signer() -> Signer {
    Signer::from_seed("delt.example/log", &[1; 32]).unwrap()
}

/// A log of sample entries; number 4 is erased.
struct Log {
    contents: Vec<Content>,
    tiles: TileMap,
    roots: Vec<Hash>,
}

fn log(size: u64) -> Log {
    let mut appender = Appender::new();
    let mut log = Log {
        contents: Vec::new(),
        tiles: TileMap::new(),
        roots: vec![appender.root()],
    };
    for number in 0..size {
        let salt = Salt::from_bytes([u8::try_from(number % 251).unwrap(); 32]);
        let entry = Content::of_entry(&sample(number), salt).unwrap();
        let grown = appender.append(&[entry.commitment().leaf()]).unwrap();
        let erased = Content::Erased(entry.commitment());
        log.contents.push(if number == 4 { erased } else { entry });
        log.tiles.extend(grown.tiles);
        log.roots.push(grown.root);
        appender = grown.appender;
    }
    log
}

impl Log {
    fn size(&self) -> u64 {
        self.contents.len() as u64
    }

    fn checkpoint(&self, size: u64) -> Note {
        let root = self.roots[usize::try_from(size).unwrap()];
        Checkpoint::new("delt.example/log", size, root)
            .sign(&signer())
            .unwrap()
    }

    fn line(&self, index: u64) -> Line {
        let content = self.contents[usize::try_from(index).unwrap()].clone();
        let proof = prove_inclusion(&self.tiles, index, self.size()).unwrap();
        Line {
            index,
            content,
            proof,
        }
    }

    fn export(&self, indices: impl IntoIterator<Item = u64>, complete: bool) -> Vec<u8> {
        let checkpoint = self.checkpoint(self.size());
        let mut writer = ExportWriter::new(Vec::new(), checkpoint, complete).unwrap();
        indices
            .into_iter()
            .for_each(|index| writer.write(&self.line(index)).unwrap());
        writer.finish().unwrap()
    }
}

fn check(export: &[u8]) -> Report {
    verify(export, signer().verifier(), &[]).unwrap()
}

fn kinds(report: &Report) -> Vec<(Option<u64>, Option<u64>, ProblemKind)> {
    report
        .problems
        .iter()
        .map(|p| (p.line, p.index, p.kind.clone()))
        .collect()
}

#[test]
fn a_complete_export_is_intact() {
    for size in [0, 1, 2, SIZE, 300] {
        let report = check(&log(size).export(0..size, true));
        assert!(report.is_intact(), "{report}");
        assert_eq!((report.proved, report.size), (size, size));
        assert_eq!(report.erased, u64::from(size > 4));
    }
}

#[test]
fn a_partial_export_is_intact_and_says_that_it_is_partial() {
    let report = check(&log(SIZE).export([2, 3, 9], false));
    assert!(report.is_intact() && !report.complete);
    assert!(report.to_string().contains("partial"), "{report}");
}

#[test]
fn the_lines_are_as_documented() {
    let export = String::from_utf8(log(5).export([0, 4], false)).unwrap();
    let lines: Vec<&str> = export.lines().collect();
    assert!(lines[0].starts_with(r#"{"checkpoint":"delt.example/log\n5\n"#));
    assert!(lines[0].ends_with(r#","complete":false,"type":"delt-audit-export/v1"}"#));
    assert!(lines[1].starts_with(r#"{"entry":{"actor":"#) && lines[1].ends_with("AAA=\"}"));
    assert!(lines[2].starts_with(r#"{"commitment":""#) && lines[2].contains(r#","index":4,"#));
}

#[test]
fn a_removed_line_is_found_wherever_it_stood() {
    let log = log(SIZE);
    for removed in 0..SIZE {
        let report = check(&log.export((0..SIZE).filter(|index| *index != removed), true));
        let expected = (
            None,
            Some(removed),
            ProblemKind::Removed { through: removed },
        );
        assert_eq!(kinds(&report), [expected]);
    }
    let report = check(&log.export(3..6, true));
    let removed = |through| ProblemKind::Removed { through };
    assert_eq!(
        kinds(&report),
        [(None, Some(0), removed(2)), (None, Some(6), removed(11))]
    );
}

#[test]
fn swapped_and_repeated_lines_are_found() {
    let log = log(SIZE);
    let report = check(&log.export([0, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11], true));
    assert_eq!(kinds(&report), [(Some(5), Some(2), ProblemKind::Reordered)]);
    let report = check(&log.export([1, 1, 5, 3], false));
    let duplicate = (Some(3), Some(1), ProblemKind::Duplicate);
    assert_eq!(
        kinds(&report),
        [duplicate, (Some(5), Some(3), ProblemKind::Reordered)]
    );
}

/// Swapping what two lines hold, with the indices left in order.
#[test]
fn entries_that_trade_places_are_found() {
    let log = log(SIZE);
    let mut writer = ExportWriter::new(Vec::new(), log.checkpoint(SIZE), true).unwrap();
    for index in 0..SIZE {
        let taken = [1, 0]
            .get(usize::try_from(index).unwrap())
            .copied()
            .unwrap_or(index);
        writer
            .write(&Line {
                index,
                ..log.line(taken)
            })
            .unwrap();
    }
    let report = check(&writer.finish().unwrap());
    let changed = |index: u64| (Some(index + 2), Some(index), ProblemKind::EntryChanged);
    assert_eq!(
        kinds(&report),
        [
            changed(0),
            changed(1),
            (None, None, ProblemKind::RootMismatch)
        ]
    );
}

#[test]
fn a_changed_entry_is_found_and_placed() {
    let export = String::from_utf8(log(SIZE).export(0..SIZE, true)).unwrap();
    let changed = export.replacen("urn:uuid:7", "urn:uuid:8", 1);
    let report = check(changed.as_bytes());
    assert_eq!(report.problems[0].line, Some(9));
    assert_eq!(report.problems[0].kind, ProblemKind::EntryChanged);
    let shown = report.to_string();
    assert!(
        shown.contains("NOT intact") && shown.contains("line 9: entry 7: changed"),
        "{shown}"
    );
}

/// A reader that takes the first of two equal keys would be shown something that was never logged.
#[test]
fn a_second_spelling_of_the_same_entry_is_found() {
    let export = String::from_utf8(log(SIZE).export(0..SIZE, true)).unwrap();
    for (from, to) in [
        (
            "\"purpose\":\"TREAT\"",
            "\"purpose\":\"BTG\",\"purpose\":\"TREAT\"",
        ),
        ("\"purpose\":\"TREAT\"", "\"purpose\": \"TREAT\""),
        ("{\"entry\":", "{\"commitment\":null,\"entry\":"),
        ("\"TREAT\"", "\"\\u0054REAT\""),
        (
            "\"version\":2,\"withheld\":2",
            "\"withheld\":2,\"version\":2",
        ),
    ] {
        let report = check(export.replacen(from, to, 1).as_bytes());
        assert!(
            kinds(&report).contains(&(Some(2), None, ProblemKind::LineMalformed)),
            "{report}"
        );
    }
}

#[test]
fn another_key_another_log_and_no_header_are_found() {
    let export = log(SIZE).export(0..SIZE, true);
    let stranger = Signer::from_seed("delt.example/log", &[2; 32]).unwrap();
    let report = verify(&export[..], stranger.verifier(), &[]).unwrap();
    assert_eq!(
        kinds(&report),
        [(Some(1), None, ProblemKind::CheckpointNotSigned)]
    );
    let body = export.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let malformed = (Some(1), None, ProblemKind::HeaderMalformed);
    assert_eq!(
        kinds(&check(&export[body..])),
        std::slice::from_ref(&malformed)
    );
    assert_eq!(kinds(&check(b"")), [malformed]);
    let header = Header {
        checkpoint: Note::sign("x\n", &signer()).unwrap(),
        complete: true,
        chain_key: None,
    };
    let report = check(format!("{}\n", header.to_line().unwrap()).as_bytes());
    assert_eq!(
        kinds(&report),
        [(Some(1), None, ProblemKind::CheckpointMalformed)]
    );
}

#[test]
fn an_entry_that_was_never_in_the_log_is_found() {
    let log = log(SIZE);
    let mut export = log.export(0..SIZE, true);
    let forged = Content::Erased(Commitment::of(&Salt::from_bytes([0; 32]), b"{}"));
    let line = Line {
        index: SIZE,
        content: forged,
        proof: Vec::new(),
    };
    export.extend_from_slice(format!("{}\n", line.to_line().unwrap()).as_bytes());
    let expected = (Some(SIZE + 2), Some(SIZE), ProblemKind::IndexOutOfRange);
    assert_eq!(kinds(&check(&export)), [expected]);
}

#[test]
fn cut_and_oversized_lines_are_found_and_the_rest_is_read() {
    let log = log(SIZE);
    let export = log.export(0..SIZE, true);
    let report = check(&export[..export.len() - 1]);
    assert_eq!(kinds(&report)[0], (Some(13), None, ProblemKind::Truncated));
    let mut oversized = log.export(0..SIZE - 1, true);
    oversized.extend(std::iter::repeat_n(b'x', MAX_LINE_BYTES * 3));
    oversized.push(b'\n');
    oversized.extend_from_slice(format!("{}\n", log.line(SIZE - 1).to_line().unwrap()).as_bytes());
    let report = check(&oversized);
    assert_eq!(kinds(&report), [(Some(13), None, ProblemKind::LineTooLong)]);
    assert_eq!(report.proved, SIZE);
}

#[test]
fn problems_are_listed_up_to_a_bound_and_counted_beyond() {
    let mut export = log(2).export(0..2, true);
    export.extend(std::iter::repeat_n(b'\n', MAX_PROBLEMS + 5));
    let report = check(&export);
    assert_eq!(
        (report.problems.len(), report.problems_omitted),
        (MAX_PROBLEMS, 5)
    );
    assert!(!report.is_intact() && report.to_string().contains("1005 problems"));
}

fn trusted(log: &Log, old: u64, prove: bool) -> TrustedCheckpoint {
    let proof = prove.then(|| prove_consistency(&log.tiles, old, log.size()).unwrap());
    TrustedCheckpoint {
        note: log.checkpoint(old).to_string(),
        proof,
    }
}

#[test]
fn older_checkpoints_hold_by_proof_or_by_the_entries_themselves() {
    let log = log(SIZE);
    let old: Vec<_> = (0..=SIZE)
        .flat_map(|n| [true, false].map(|p| trusted(&log, n, p)))
        .collect();
    let complete = log.export(0..SIZE, true);
    let report = verify(&complete[..], signer().verifier(), &old).unwrap();
    assert!(report.is_intact(), "{report}");
    assert_eq!(report.extended, 2 * (SIZE + 1));
    let partial = log.export([3], false);
    let report = verify(&partial[..], signer().verifier(), &[trusted(&log, 7, true)]).unwrap();
    assert!(report.is_intact(), "{report}");
    let report = verify(
        &partial[..],
        signer().verifier(),
        &[trusted(&log, 7, false)],
    )
    .unwrap();
    assert_eq!(
        report.problems[0].kind,
        ProblemKind::HistoryUnproved { position: 0 }
    );
}

#[test]
fn a_rewritten_history_is_found() {
    let log = log(SIZE);
    let other = Checkpoint::new("delt.example/log", 7, log.roots[6])
        .sign(&signer())
        .unwrap();
    let newer = Checkpoint::new("delt.example/log", 99, log.roots[6])
        .sign(&signer())
        .unwrap();
    let proof = trusted(&log, 7, true).proof;
    let old = [
        TrustedCheckpoint {
            note: other.to_string(),
            proof,
        },
        TrustedCheckpoint {
            note: other.to_string(),
            proof: None,
        },
        TrustedCheckpoint {
            note: newer.to_string(),
            proof: None,
        },
        TrustedCheckpoint {
            note: "nothing".into(),
            proof: None,
        },
    ];
    let report = verify(&log.export(0..SIZE, true)[..], signer().verifier(), &old).unwrap();
    let rewritten = |position| ProblemKind::HistoryRewritten { position };
    let expected = [
        ProblemKind::TrustedNotSigned { position: 3 },
        rewritten(0),
        rewritten(1),
        rewritten(2),
    ];
    assert_eq!(
        report
            .problems
            .into_iter()
            .map(|p| p.kind)
            .collect::<Vec<_>>(),
        expected
    );
}

/// Every single bit of a small export, header, newlines and an erased line included.
#[test]
fn every_flipped_bit_is_found() {
    let export = log(5).export([0, 4], false);
    for bit in 0..export.len() * 8 {
        let mut changed = export.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            !check(&changed).is_intact(),
            "byte {} bit {}",
            bit / 8,
            bit % 8
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flipped_bit_of_a_partial_export_is_found(place: usize, bit in 0_u8..8) {
        let mut export = log(SIZE).export([1, 4, 10], false);
        let place = place % export.len();
        export[place] ^= 1 << bit;
        prop_assert!(!check(&export).is_intact());
    }

    #[test]
    fn any_removal_and_any_swap_are_found(a in 0_usize..40, b in 0_usize..40) {
        let log = log(40);
        let indices: Vec<u64> = (0..40).collect();
        let mut removed = indices.clone();
        removed.remove(a);
        prop_assert!(!check(&log.export(removed, true)).is_intact());
        let mut swapped = indices;
        swapped.swap(a, b);
        prop_assert_eq!(check(&log.export(swapped, true)).is_intact(), a == b);
    }

    #[test]
    fn verification_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..512), text: String) {
        let _ = check(&bytes);
        let mut export = log(3).export(0..2, true);
        export.extend_from_slice(&bytes);
        let _ = check(&export);
        let _ = Line::from_line(&bytes);
        let _ = Header::from_line(text.as_bytes());
        let _ = Line::from_line(format!("{{\"index\":0,\"proof\":[],\"x\":{text:?}}}").as_bytes());
    }
}
