use proptest::prelude::*;

use super::*;
use crate::merkle::{Appender, TileMap, leaf_hash, prove_consistency};
use crate::{NoteSignature, Signer};

/// The request of the example in tlog-witness. Its hashes and signatures are made up, so only its form counts.
const EXAMPLE: &str = "old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";

fn signer() -> Signer {
    Signer::from_seed("delt.example/log", &[1; 32]).unwrap()
}

fn keys() -> Vec<Verifier> {
    vec![signer().verifier().clone()]
}

/// A log whose leaves say which fork they are of.
struct Log {
    tiles: TileMap,
    appender: Appender,
}

impl Log {
    fn of(leaves: &[u8]) -> Self {
        let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(&[*leaf])).collect();
        let appended = Appender::new().append(&hashes).unwrap();
        let mut tiles = TileMap::new();
        tiles.extend(appended.tiles);
        Self {
            tiles,
            appender: appended.appender,
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(
            "delt.example/log",
            self.appender.size(),
            self.appender.root(),
        )
    }

    fn request(&self, old_size: u64) -> AddCheckpoint {
        let checkpoint = self.checkpoint();
        let proof = prove_consistency(&self.tiles, old_size, checkpoint.size).unwrap_or_default();
        AddCheckpoint {
            old_size,
            proof,
            checkpoint: checkpoint.sign(&signer()).unwrap(),
        }
    }
}

fn refused(refusal: Refusal, evidence: Option<Evidence>) -> Verdict {
    Verdict::Refuse { refusal, evidence }
}

#[test]
fn the_example_reads_and_writes() {
    let request = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!((request.old_size, request.proof.len()), (20_852_014, 4));
    assert_eq!(request.to_string(), EXAMPLE);
    assert_eq!(
        decide(&request, &[], None),
        refused(Refusal::UnknownLog, None)
    );
    assert_eq!(
        decide(&request, &keys(), None),
        refused(Refusal::NotSigned, None)
    );
}

#[test]
fn other_forms_are_refused() {
    for (from, to) in [
        ("old ", "old  "),
        ("old ", "Old "),
        ("old 2", "old 02"),
        ("old 2", "old +2"),
        ("old 20852014", "old 99999999999999999999"),
        ("old 20852014\n", ""),
        ("PlRN", "PlR"),
        ("kaw=\n", "kaw=\r\n"),
        ("/0=\n\n", "/0=\n"),
        ("\u{2014}", "-"),
    ] {
        let body = EXAMPLE.replace(from, to);
        assert_eq!(
            AddCheckpoint::parse(body.as_bytes()),
            Err(RequestError),
            "{body}"
        );
    }
    let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n";
    let longest = EXAMPLE.replace(hash, &hash.repeat(60));
    assert!(AddCheckpoint::parse(longest.as_bytes()).is_ok());
    let longer = EXAMPLE.replace(hash, &hash.repeat(61));
    assert_eq!(AddCheckpoint::parse(longer.as_bytes()), Err(RequestError));
    assert_eq!(
        AddCheckpoint::parse(&vec![b'x'; MAX_REQUEST_BYTES + 1]),
        Err(RequestError)
    );
}

#[test]
fn a_log_that_grows_is_cosigned() {
    let (first, second) = (Log::of(&[1, 2, 3]), Log::of(&[1, 2, 3, 4, 5]));
    let remembered = first.checkpoint();
    assert_eq!(
        decide(&first.request(0), &keys(), None),
        Verdict::Cosign(remembered.clone())
    );
    let next = decide(&second.request(3), &keys(), Some(&remembered));
    assert_eq!(next, Verdict::Cosign(second.checkpoint()));
    let again = decide(&first.request(3), &keys(), Some(&remembered));
    assert_eq!(again, Verdict::Cosign(remembered));
    let empty = Log::of(&[]);
    assert_eq!(
        decide(&empty.request(0), &keys(), None),
        Verdict::Cosign(empty.checkpoint())
    );
}

#[test]
fn another_old_size_is_told_the_right_one() {
    let (first, second) = (Log::of(&[1, 2, 3]), Log::of(&[1, 2, 3, 4, 5]));
    let conflict = |size| Verdict::Conflict {
        size,
        evidence: None,
    };
    assert_eq!(
        decide(&second.request(0), &keys(), Some(&first.checkpoint())),
        conflict(3)
    );
    assert_eq!(decide(&second.request(3), &keys(), None), conflict(0));
    assert_eq!(
        decide(&first.request(2), &keys(), Some(&second.checkpoint())),
        conflict(5)
    );
}

#[test]
fn a_fork_is_evidence_whatever_the_old_size() {
    let (ours, other) = (Log::of(&[1, 2, 3]), Log::of(&[1, 2, 9]));
    let verdict = decide(&other.request(3), &keys(), Some(&ours.checkpoint()));
    assert_eq!(verdict, refused(Refusal::RootDiffers, Some(Evidence::Fork)));
    let verdict = decide(&other.request(2), &keys(), Some(&ours.checkpoint()));
    let evidence = Some(Evidence::Fork);
    assert_eq!(verdict, Verdict::Conflict { size: 3, evidence });
}

#[test]
fn a_rewritten_log_cannot_prove_that_it_grew() {
    let (ours, rewritten) = (Log::of(&[1, 2, 3]), Log::of(&[1, 2, 9, 4]));
    let verdict = decide(&rewritten.request(3), &keys(), Some(&ours.checkpoint()));
    assert_eq!(
        verdict,
        refused(Refusal::ProofRejected, Some(Evidence::Unproved))
    );
    let mut request = Log::of(&[1, 2, 3]).request(0);
    request.proof = rewritten.request(3).proof;
    assert_eq!(
        decide(&request, &keys(), None),
        refused(Refusal::ProofNotEmpty, None)
    );
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let ours = Log::of(&[1, 2, 3]);
    let mut request = ours.request(3);
    request.old_size = 4;
    assert_eq!(
        decide(&request, &keys(), None),
        refused(Refusal::OldSizeAbove, None)
    );
    let mut none = Log::of(&[]).checkpoint();
    none.root = ours.checkpoint().root;
    let request = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        checkpoint: none.sign(&signer()).unwrap(),
    };
    assert_eq!(
        decide(&request, &keys(), None),
        refused(Refusal::NotEmpty, None)
    );
}

#[test]
fn signatures_decide_as_the_specification_says() {
    let log = Log::of(&[1, 2, 3]);
    let other = Signer::from_seed("delt.example/log", &[2; 32]).unwrap();
    let mut request = log.request(0);
    request.checkpoint = log.checkpoint().sign(&other).unwrap();
    assert_eq!(
        decide(&request, &keys(), None),
        refused(Refusal::NotSigned, None)
    );
    let both = [keys(), vec![other.verifier().clone()]].concat();
    assert!(
        matches!(decide(&request, &both, None), Verdict::Cosign(_)),
        "one key is enough"
    );
    let broken = Log::of(&[7]).checkpoint().sign(&signer()).unwrap();
    let line: NoteSignature = broken.signatures()[0].clone();
    request.checkpoint.add(line).unwrap();
    assert_eq!(
        decide(&request, &both, None),
        refused(Refusal::NotSigned, None)
    );
    let text = Note::sign("delt.example/log\n1\n", &signer()).unwrap();
    request.checkpoint = text;
    assert_eq!(
        decide(&request, &keys(), None),
        refused(Refusal::Malformed, None)
    );
    assert_eq!(
        [
            Refusal::Malformed,
            Refusal::NotSigned,
            Refusal::UnknownLog,
            Refusal::RootDiffers
        ]
        .map(Refusal::status),
        [400, 403, 404, 422]
    );
}

#[test]
fn no_flipped_bit_is_cosigned_as_something_else() {
    let (first, second) = (Log::of(&[1, 2, 3]), Log::of(&[1, 2, 3, 4, 5]));
    let body = second.request(3).to_string();
    for bit in 0..body.len() * 8 {
        let mut bytes = body.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(request) = AddCheckpoint::parse(&bytes) else {
            continue;
        };
        let verdict = decide(&request, &keys(), Some(&first.checkpoint()));
        assert!(!matches!(verdict, Verdict::Cosign(_)), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn reading_never_panics(body in any::<Vec<u8>>(), text in "(old [0-9]{0,20}\n)?[A-Za-z0-9+/=\n]{0,120}\n\n(.|\n){0,80}") {
        let _ = AddCheckpoint::parse(&body);
        let _ = AddCheckpoint::parse(text.as_bytes());
    }

    /// Whatever a witness is asked, in whatever order: each checkpoint that it cosigns extends the one before.
    #[test]
    fn a_witness_never_contradicts_itself(asked in proptest::collection::vec((0_usize..3, 0_usize..12, 0_u64..12), 1..40)) {
        let forks = [[1; 12], [1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2], [3; 12]];
        let mut remembered: Option<(Checkpoint, Vec<u8>)> = None;
        for (fork, size, old) in asked {
            let leaves = &forks[fork][..size];
            let log = Log::of(leaves);
            for old in [old, remembered.as_ref().map_or(0, |r| r.0.size)] {
                if let Verdict::Cosign(new) = decide(&log.request(old), &keys(), remembered.as_ref().map(|r| &r.0)) {
                    if let Some((_, before)) = &remembered {
                        prop_assert!(leaves.starts_with(before));
                    }
                    remembered = Some((new, leaves.to_vec()));
                }
            }
        }
    }
}
