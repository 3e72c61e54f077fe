//! Chains, receipts and statements: an honest log keeps them all, and each kind of dishonesty is found.

use super::*;
use crate::commitment::Salt;
use crate::entry::tests::sample;
use crate::merkle::{Appender, TileMap, prove_inclusion};
use crate::{
    Chain, ChainKey, ChainSalt, Checkpoint, Hash, PatientStatement, SignedReceipt, Signer,
};

const KEY: ChainKey = ChainKey::from_bytes([5; 32]);
const NAME: &str = "delt.example/log";

fn signer() -> Signer {
    Signer::from_seed(NAME, &[1; 32]).unwrap()
}

fn patient(number: u64) -> String {
    format!("{number:064x}")
}

/// Entries of two patients in turn, each in its chain, one a minute.
#[derive(Clone, Default)]
struct World {
    contents: Vec<Content>,
    /// For each leaf: its patient's chain after it.
    chains: Vec<Chain>,
}

impl World {
    fn of(size: u64) -> Self {
        let mut world = Self::default();
        (0..size).for_each(|_| world.add(0));
        world
    }

    fn last(&self, patient: u64) -> Chain {
        let own = self.chains.iter().skip(usize::try_from(patient).unwrap());
        let begun = Chain::begin(&ChainSalt::derive(&KEY, &self::patient(patient)));
        own.step_by(2).fold(begun, |_, chain| *chain)
    }

    /// The next entry, whose number is `skip` too high.
    fn add(&mut self, skip: u64) {
        let index = self.contents.len() as u64;
        let name = patient(index % 2);
        let salt = ChainSalt::derive(&KEY, &name);
        let mut before = self.last(index % 2);
        before.number += skip;
        let mut entry = sample(index);
        entry.recorded_at = format!("2026-03-01T08:{index:02}:00.5Z");
        entry.patient = Some(name);
        entry.patient_chain = Some(before.next_link());
        let content = Content::of_entry(&entry, Salt::from_bytes([7; 32])).unwrap();
        self.chains
            .push(before.with(&salt, &content.commitment().leaf()));
        self.contents.push(content);
    }

    fn leaf(&self, index: usize) -> Hash {
        self.contents[index].commitment().leaf()
    }

    fn erase(&mut self, index: usize) {
        self.contents[index] = Content::Erased(self.contents[index].commitment());
    }

    fn root(&self, size: usize) -> Hash {
        let leaves: Vec<_> = (0..size).map(|index| self.leaf(index)).collect();
        Appender::new().append(&leaves).unwrap().root
    }

    fn export(&self, complete: bool) -> Vec<u8> {
        let size = self.contents.len();
        let leaves: Vec<_> = (0..size).map(|index| self.leaf(index)).collect();
        let grown = Appender::new().append(&leaves).unwrap();
        let tiles: TileMap = grown.tiles.into_iter().collect();
        let size = size as u64;
        let header = Header {
            checkpoint: Checkpoint::new(NAME, size, grown.root)
                .sign(&signer())
                .unwrap(),
            complete,
            chain_key: complete.then_some(KEY),
        };
        let mut writer = ExportWriter::begin(Vec::new(), &header).unwrap();
        for (index, content) in (0..).zip(self.contents.clone()) {
            let proof = prove_inclusion(&tiles, index, size).unwrap();
            let line = Line {
                index,
                content,
                proof,
            };
            writer.write(&line).unwrap();
        }
        writer.finish().unwrap()
    }

    /// What the log said of patient 0 when it had `size` leaves.
    fn statement(&self, size: usize) -> PatientStatement {
        let own = self.chains.iter().take(size).step_by(2);
        let own = own.fold(None, |_, chain| Some(chain));
        let salt = ChainSalt::derive(&KEY, &patient(0));
        PatientStatement {
            origin: NAME.into(),
            size: size as u64,
            root: self.root(size),
            patient: patient(0),
            salt,
            chain: own.copied().unwrap_or(Chain::begin(&salt)),
        }
    }

    fn against(&self, held: &Held<'_>) -> Report {
        verify_against(&self.export(true)[..], signer().verifier(), held).unwrap()
    }

    fn kinds(&self) -> Vec<ProblemKind> {
        let report = self.against(&Held::default());
        report.problems.into_iter().map(|one| one.kind).collect()
    }

    fn states(&self, statement: &PatientStatement) -> StatementVerdict {
        let signed = [statement.sign(&signer()).unwrap().to_string()];
        let report = self.against(&Held {
            statements: &signed,
            ..Held::default()
        });
        report.statements[0].verdict
    }

    fn receives(&self, receipt: &SignedReceipt, as_of: Option<&str>) -> ReceiptVerdict {
        let signed = [receipt.sign(&signer()).unwrap().to_string()];
        let report = self.against(&Held {
            receipts: &signed,
            as_of,
            ..Held::default()
        });
        let verdict = report.receipts[0].verdict.clone();
        let broken = matches!(verdict, ReceiptVerdict::Broken { .. });
        assert_eq!(broken, report.to_string().contains("MISBEHAVIOUR, proved"));
        verdict
    }
}

fn receipt(id: u64, leaf_hash: Hash, promised_by: &str) -> SignedReceipt {
    SignedReceipt {
        origin: NAME.into(),
        entry_id: format!("00000000-0000-4000-8000-{id:012}"),
        leaf_hash,
        recorded_at: "2026-03-01T08:00:00Z".into(),
        promised_by: promised_by.into(),
    }
}

#[test]
fn whole_chains_hold_and_the_oldest_entries_may_be_erased() {
    let mut world = World::of(12);
    assert_eq!(world.against(&Held::default()).chains, Some(2));
    for erased in 0..12 {
        assert_eq!(world.kinds(), [], "{erased} erased");
        world.erase(erased);
    }
}

#[test]
fn a_number_that_no_erased_entry_accounts_for_is_a_gap() {
    let mut world = World::of(4);
    world.add(1);
    let gap = ProblemKind::ChainGap {
        from: 3,
        through: 3,
    };
    assert_eq!(world.kinds(), std::slice::from_ref(&gap));
    // Erased before the last known number: it cannot be the missing one.
    world.erase(0);
    assert_eq!(world.kinds(), [gap]);
}

#[test]
fn a_repeated_number_and_another_head_are_found() {
    let mut world = World::of(4);
    let fork = world.chains[0];
    world.chains[2] = fork;
    world.add(0);
    assert_eq!(world.kinds(), [ProblemKind::ChainRepeated { number: 2 }]);
    let mut world = World::of(4);
    world.chains[2].head = fork.head;
    world.add(0);
    assert_eq!(world.kinds(), [ProblemKind::ChainBroken { number: 3 }]);
}

/// A dishonest log leaves a look out of its patient's chain by giving the entry the version from before there were chains.
#[test]
fn no_entry_is_old_once_a_newer_one_has_come() {
    let unnumber = |world: &mut World, index: usize| {
        let mut entry = sample(index as u64);
        (entry.version, entry.patient) = (1, Some(patient(0)));
        world.contents[index] = Content::of_entry(&entry, Salt::from_bytes([7; 32])).unwrap();
    };
    let mut world = World::of(6);
    world.add(0);
    unnumber(&mut world, 6);
    assert_eq!(world.kinds(), [ProblemKind::ChainMissing]);
    let mut world = World::default();
    world.add(0);
    unnumber(&mut world, 0);
    assert_eq!(world.kinds(), []);
}

/// One witness of three that lies about the time cannot make an honest log look as if it had broken its word.
#[test]
fn a_single_witness_convicts_nobody() {
    let world = World::of(3);
    let receipt = receipt(77, Hash::from_bytes([1; 32]), "2026-03-01T09:00:00Z");
    let receipts = [receipt.sign(&signer()).unwrap().to_string()];
    let witness = |name: &str, seed| crate::Cosigner::from_seed(name, &[seed; 32]).unwrap();
    let witnesses = [witness("w.a", 11), witness("w.b", 12), witness("w.c", 13)];
    let [a, b, c] = witnesses.each_ref().map(|one| one.verifier().to_string());
    let policy =
        format!("witness a {a}\nwitness b {b}\nwitness c {c}\ngroup g 2 a b c\nquorum g\n");
    let policy = crate::WitnessPolicy::parse(policy.as_bytes()).unwrap();
    let (before, after) = (1_772_352_000, 1_900_000_000);
    let verdict = |times: [u64; 3]| {
        let export = String::from_utf8(world.export(true)).unwrap();
        let (first, rest) = export.split_once('\n').unwrap();
        let mut header = Header::from_line(first.as_bytes()).unwrap();
        for (one, time) in witnesses.iter().zip(times) {
            let line = one.cosign(header.checkpoint.text(), time).unwrap();
            header.checkpoint.add(line).unwrap();
        }
        let export = format!("{}\n{rest}", header.to_line().unwrap());
        let held = Held {
            receipts: &receipts,
            policy: Some(&policy),
            ..Held::default()
        };
        let report = verify_against(export.as_bytes(), signer().verifier(), &held).unwrap();
        report.receipts[0].verdict.clone()
    };
    let lies = verdict([after, before, before]);
    assert!(matches!(lies, ReceiptVerdict::NotDue { .. }), "{lies:?}");
    let quorum = verdict([after, before, after]);
    assert!(
        matches!(quorum, ReceiptVerdict::Broken { .. }),
        "{quorum:?}"
    );
}

#[test]
fn every_honest_statement_holds_later() {
    let world = World::of(9);
    for size in 0..=9 {
        assert_eq!(
            world.states(&world.statement(size)),
            StatementVerdict::Holds
        );
    }
}

#[test]
fn a_statement_that_the_log_does_not_keep_is_proof() {
    let world = World::of(9);
    let broken = |change: fn(&mut PatientStatement)| {
        let mut statement = world.statement(6);
        change(&mut statement);
        match world.states(&statement) {
            StatementVerdict::Broken { fault } => fault,
            other => panic!("{other:?}"),
        }
    };
    let none = Hash::from_bytes([0; 32]);
    assert_eq!(
        broken(|it| it.root = Hash::from_bytes([0; 32])),
        StatementFault::Checkpoint
    );
    assert_eq!(broken(|it| it.size = 10), StatementFault::Checkpoint);
    assert_eq!(
        broken(|it| it.salt = ChainSalt::from_bytes([0; 32])),
        StatementFault::Salt
    );
    assert_eq!(
        broken(|it| it.chain.head = Hash::from_bytes([0; 32])),
        StatementFault::Head
    );
    assert_eq!(broken(|it| it.chain.number = 9), StatementFault::Missing);
    let mut low = world.statement(6);
    low.chain = world.chains[2];
    let understated = StatementVerdict::Broken {
        fault: StatementFault::Understated,
    };
    assert_eq!(world.states(&low), understated);
    let mut high = world.statement(6);
    high.chain = world.chains[6];
    let late = StatementVerdict::Broken {
        fault: StatementFault::Late,
    };
    assert_eq!(world.states(&high), late);
    assert_ne!(world.root(6), none);
}

#[test]
fn a_receipt_is_kept_not_due_or_broken() {
    let world = World::of(5);
    let kept = receipt(2, world.leaf(2), "2026-03-01T08:03:00Z");
    assert_eq!(
        world.receives(&kept, None),
        ReceiptVerdict::Stands { index: 2 }
    );
    let absent = |by: &str| receipt(77, Hash::from_bytes([1; 32]), by);
    let pending = world.receives(&absent("2026-03-01T08:04:00.5Z"), None);
    assert!(matches!(pending, ReceiptVerdict::NotDue { .. }));
    let evidence = |receipt: &SignedReceipt, as_of| match world.receives(receipt, as_of) {
        ReceiptVerdict::Broken { evidence, .. } => evidence,
        other => panic!("{other:?}"),
    };
    let later = evidence(&absent("2026-03-01T08:04:00.49Z"), None);
    assert!(matches!(later, Evidence::LaterEntry { index: 4, .. }));
    let clock = evidence(
        &absent("2026-03-01T09:00:00Z"),
        Some("2026-03-01T09:00:01Z"),
    );
    assert!(matches!(clock, Evidence::OwnClock { .. }));
    let other = receipt(2, Hash::from_bytes([1; 32]), "2027-01-01T00:00:00Z");
    assert_eq!(evidence(&other, None), Evidence::OtherContent { index: 2 });
}

#[test]
fn a_partial_export_leaves_them_open() {
    let world = World::of(5);
    let receipts = [
        receipt(9, Hash::from_bytes([1; 32]), "2026-03-01T08:00:00Z")
            .sign(&signer())
            .unwrap()
            .to_string(),
    ];
    let statements = [world.statement(3).sign(&signer()).unwrap().to_string()];
    let held = Held {
        receipts: &receipts,
        statements: &statements,
        ..Held::default()
    };
    let report = verify_against(&world.export(false)[..], signer().verifier(), &held).unwrap();
    assert!(report.is_intact() && !report.is_settled(), "{report}");
}

/// Every single bit of a receipt and of a statement: none passes for what the log signed.
#[test]
fn every_flipped_bit_of_a_receipt_or_statement_is_found() {
    let world = World::of(3);
    let receipt = receipt(1, world.leaf(1), "2026-03-01T08:03:00Z");
    let receipt = receipt.sign(&signer()).unwrap().to_string();
    let statement = world.statement(3).sign(&signer()).unwrap().to_string();
    let flips = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        (0..bytes.len() * 8).filter_map(move |bit| {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            String::from_utf8(changed).ok()
        })
    };
    let key = signer();
    assert!(flips(&receipt).all(|text| SignedReceipt::open(&text, key.verifier()).is_err()));
    assert!(flips(&statement).all(|text| PatientStatement::open(&text, key.verifier()).is_err()));
}

/// Every single bit of a complete export with chains, the chain key included.
#[test]
fn every_flipped_bit_of_an_export_with_chains_is_found() {
    let export = World::of(3).export(true);
    for bit in 0..export.len() * 8 {
        let mut changed = export.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let report = verify(&changed[..], signer().verifier(), &[]).unwrap();
        assert!(!report.is_intact(), "byte {} bit {}", bit / 8, bit % 8);
    }
}
