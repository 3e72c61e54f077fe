use super::*;
use crate::chain::ChainSalt;
use crate::key::Signer;
use crate::merkle::{Appender, TileMap, prove_inclusion, tiles_for_append};

const PATIENT: &str = "00ff";

fn signer() -> Signer {
    Signer::from_seed("log.example/1", &[7; 32]).unwrap()
}

/// A log of eight leaves, of which every second one is the patient's.
fn chain(salt: u8, listed: usize) -> CitizenChain {
    let salt = ChainSalt::from_bytes([salt; 32]);
    let leaves: Vec<Hash> = (0..8_u8).map(|n| crate::merkle::leaf_hash(&[n])).collect();
    let appender = Appender::resume(&TileMap::new(), 0).unwrap();
    assert!(tiles_for_append(0).unwrap().is_empty());
    let tree = appender.append(&leaves).unwrap();
    let mut tiles = TileMap::new();
    tiles.extend(tree.tiles);
    let mut chain = Chain::begin(&salt);
    let first_previous = chain.head;
    let mut entries = Vec::new();
    for index in (0..8_u64).step_by(2).take(listed) {
        let leaf_hash = leaves[usize::try_from(index).unwrap()];
        chain = chain.with(&salt, &leaf_hash);
        entries.push(NumberedLeaf {
            number: chain.number,
            leaf_hash,
            leaf_index: index,
            inclusion: prove_inclusion(&tiles, index, 8).unwrap(),
            kind: "visit".to_owned(),
            recorded_at: String::new(),
        });
    }
    let statement = PatientStatement {
        origin: "log.example/1".to_owned(),
        size: 8,
        root: tree.root,
        patient: PATIENT.to_owned(),
        salt,
        chain,
    };
    let checkpoint = Checkpoint::new("log.example/1", 8, tree.root);
    CitizenChain {
        patient_key: PATIENT.to_owned(),
        statement: statement.sign(&signer()).unwrap().to_string(),
        checkpoint: checkpoint.sign(&signer()).unwrap().to_string(),
        first_number: 0,
        first_previous,
        entries,
    }
}

fn faults(chain: &CitizenChain, earlier: &[String]) -> Vec<String> {
    chain.check(signer().verifier(), earlier).faults
}

#[track_caller]
fn found(chain: &CitizenChain, words: &str) {
    let faults = faults(chain, &[]);
    assert!(
        faults.iter().any(|fault| fault.contains(words)),
        "{faults:?}"
    );
}

#[test]
fn a_whole_chain_is_complete_and_goes_on_from_earlier_ones() {
    let whole = chain(1, 4);
    let earlier = [chain(1, 2).statement, whole.statement.clone()];
    let report = whole.check(signer().verifier(), &earlier);
    assert!(report.is_complete(), "{report}");
    assert_eq!((report.number, report.kinds["visit"]), (Some(4), 4));
    assert!(report.to_string().contains("from number 1 to 4"));
}

#[test]
fn what_was_erased_is_named() {
    let mut chain_ = chain(1, 4);
    let salt = PatientStatement::open(&chain_.statement, signer().verifier())
        .unwrap()
        .salt;
    let first = chain_.entries.remove(0);
    chain_.first_previous = Chain::begin(&salt).with(&salt, &first.leaf_hash).head;
    chain_.first_number = 1;
    let report = chain_.check(signer().verifier(), &[chain(1, 1).statement]);
    assert!(report.is_complete(), "{report}");
    assert!(report.to_string().contains("numbers 1 to 1 were erased"));
}

#[test]
fn every_change_is_found() {
    let whole = chain(1, 4);
    let changed = |change: &dyn Fn(&mut CitizenChain)| {
        let mut copy = whole.clone();
        change(&mut copy);
        copy
    };
    found(
        &changed(&|c| drop(c.entries.remove(1))),
        "number 2 is missing",
    );
    found(
        &changed(&|c| c.entries.truncate(2)),
        "numbers 3 to 4 are missing",
    );
    found(
        &changed(&|c| c.entries[1] = c.entries[0].clone()),
        "number 1 is listed twice",
    );
    found(
        &changed(&|c| c.entries[1].leaf_hash = c.entries[0].leaf_hash),
        "number 2 is not in the log",
    );
    found(
        &changed(&|c| c.entries[3].leaf_index = 5),
        "number 4 is not in the log",
    );
    found(
        &changed(&|c| c.first_previous = c.entries[0].leaf_hash),
        "not where this patient's chain begins",
    );
    found(
        &changed(&|c| c.patient_key = "01".to_owned()),
        "another patient key",
    );
    found(
        &changed(&|c| c.statement = c.statement.replace("00ff", "00fe")),
        "did not sign this statement",
    );
    found(
        &changed(&|c| c.checkpoint = c.checkpoint.replace("\n8\n", "\n9\n")),
        "did not sign this checkpoint",
    );
    found(
        &changed(&|c| c.entries[3].number = 9),
        "number 9 is listed, but is none",
    );
    let swapped = changed(&|c| {
        let (a, b) = (c.entries[0].clone(), c.entries[1].clone());
        c.entries[0] = NumberedLeaf { number: 1, ..b };
        c.entries[1] = NumberedLeaf { number: 2, ..a };
    });
    found(&swapped, "do not lead to the head");
    let twice = changed(&|c| {
        c.entries[1] = NumberedLeaf {
            number: 2,
            ..c.entries[0].clone()
        }
    });
    found(&twice, "under another number too");
}

#[test]
fn an_earlier_statement_convicts_a_log_that_was_built_anew() {
    let rebuilt = faults(&chain(1, 4), &[chain(2, 2).statement]);
    assert!(rebuilt[0].contains("written anew"), "{rebuilt:?}");
    let fewer = faults(&chain(1, 2), &[chain(1, 4).statement]);
    assert!(fewer[0].contains("taken out of the log"), "{fewer:?}");
    let nobodys = faults(&chain(1, 2), &["something".to_owned()]);
    assert!(nobodys[0].contains("kept from earlier"), "{nobodys:?}");
}

/// A log that was written anew says that what somebody kept a statement of has been erased: this must not pass unseen.
#[test]
fn what_an_earlier_statement_cannot_be_held_against_is_named() {
    let erased = |salt: u8| CitizenChain {
        first_number: 3,
        first_previous: chain_at(salt, 3),
        ..chain(salt, 4)
    };
    let earlier = [chain(1, 2).statement, chain(1, 3).statement];
    let report = erased(1).check(signer().verifier(), &earlier);
    // What is kept although it is older is no fault, as evidence of a case.
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.uncompared, [2]);
    assert!(report.to_string().contains("counts to 2: it cannot"));
    let anew = faults(&erased(2), &earlier);
    assert!(anew[0].contains("written anew"), "{anew:?}");
}

/// The head after so many entries.
fn chain_at(salt: u8, number: usize) -> Hash {
    let statement = chain(salt, number).statement;
    let opened = PatientStatement::open(&statement, signer().verifier());
    opened.unwrap().chain.head
}
