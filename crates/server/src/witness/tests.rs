use std::sync::Arc;

use delt_hub::clock::{Clock, Micros, SECOND};
use delt_hub::entropy::SystemEntropy;
use delt_ledger::merkle::{Appender, TileMap, leaf_hash, prove_consistency};
use delt_ledger::witness::{AddCheckpoint, Refusal};
use delt_ledger::{Checkpoint, CosignatureVerifier, Note, Signer};
use tempfile::TempDir;

use super::state::Answer;
use super::*;

const ORIGIN: &str = "delt.test/log";

#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Micros {
        1_800_000_000 * SECOND
    }
}

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn logs() -> [LogToWitness; 1] {
    let verifier = signer().verifier().clone();
    [LogToWitness { verifier }]
}

fn open_with(dir: &TempDir, first: &[String]) -> Result<Witness, StateError> {
    let mut folder = Folder::open(dir.path())?;
    let cosigner = folder.identity(Some("w.test"), None, &SystemEntropy::default())?;
    Witness::open(folder, cosigner, &logs(), first, Arc::new(Noon))
}

fn open(dir: &TempDir) -> Witness {
    open_with(dir, &[]).unwrap()
}

/// The request of a log with these leaves that has shown `old` of them.
fn request(leaves: &[u8], old: u64) -> String {
    let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(&[*leaf])).collect();
    let appended = Appender::new().append(&hashes).unwrap();
    let mut tiles = TileMap::new();
    tiles.extend(appended.tiles);
    let size = leaves.len() as u64;
    let checkpoint = Checkpoint::new(ORIGIN, size, appended.root);
    AddCheckpoint {
        old_size: old,
        proof: prove_consistency(&tiles, old, size).unwrap_or_default(),
        checkpoint: checkpoint.sign(&signer()).unwrap(),
    }
    .to_string()
}

fn cosigned(witness: &Witness, leaves: &[u8], old: u64) -> bool {
    let body = request(leaves, old);
    let Answer::Cosigned(line) = witness.add(body.as_bytes()) else {
        return false;
    };
    let note = AddCheckpoint::parse(body.as_bytes()).unwrap().checkpoint;
    let key = CosignatureVerifier::from_vkey(&witness.verifier_key()).unwrap();
    assert_eq!(key.verify_line(note.text(), &line), Ok(1_800_000_000));
    true
}

fn evidence(dir: &TempDir) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(dir.path().join("evidence"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.split('-').next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_it_remembers_outlives_it() {
    let dir = TempDir::new().unwrap();
    let witness = open(&dir);
    let key = witness.verifier_key();
    assert!(cosigned(&witness, &[1, 2, 3], 0));
    drop(witness);
    let witness = open(&dir);
    assert_eq!(witness.verifier_key(), key);
    assert_eq!(
        witness.add(request(&[9], 0).as_bytes()),
        Answer::Conflict(3)
    );
    assert!(cosigned(&witness, &[1, 2, 3, 4], 3));
    assert_eq!(Folder::show_key(dir.path()).unwrap(), key);
}

#[test]
fn it_serves_what_it_cosigned() {
    let dir = TempDir::new().unwrap();
    let witness = open(&dir);
    let hash = super::evidence::hex(
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, ORIGIN.as_bytes()).as_ref(),
    );
    assert_eq!(witness.checkpoint(&hash), None);
    assert!(cosigned(&witness, &[1, 2, 3], 0));
    let note = Note::parse(&witness.checkpoint(&hash).unwrap()).unwrap();
    assert_eq!(note.signatures().len(), 2);
    assert!(note.verify(signer().verifier()).is_ok());
    let key = CosignatureVerifier::from_vkey(&witness.verifier_key()).unwrap();
    assert!(key.verify(&note).is_ok());
}

#[test]
fn a_fork_is_refused_and_kept_once() {
    let dir = TempDir::new().unwrap();
    let witness = open(&dir);
    assert!(cosigned(&witness, &[1, 2, 3], 0));
    let forked = request(&[1, 2, 9], 3);
    for _ in 0..3 {
        let answer = witness.add(forked.as_bytes());
        assert_eq!(answer, Answer::Refused(Refusal::RootDiffers));
    }
    let grown = witness.add(request(&[1, 2, 9, 4], 3).as_bytes());
    assert_eq!(grown, Answer::Refused(Refusal::ProofRejected));
    assert_eq!(evidence(&dir), ["fork", "unproved"]);
    assert!(
        cosigned(&witness, &[1, 2, 3, 4], 3),
        "the true history goes on"
    );
}

#[test]
fn strangers_do_not_use_up_the_places_of_forks() {
    let dir = TempDir::new().unwrap();
    let witness = open(&dir);
    assert!(cosigned(&witness, &[1, 2, 3], 0));
    for size in 4..80 {
        let mut leaves = vec![7; 3];
        leaves.resize(size, 7);
        witness.add(request(&leaves, 3).as_bytes());
    }
    witness.add(request(&[1, 2, 9], 3).as_bytes());
    let kept = evidence(&dir);
    assert_eq!(kept.iter().filter(|kind| *kind == "unproved").count(), 64);
    assert_eq!(kept.iter().filter(|kind| *kind == "fork").count(), 1);
}

#[test]
fn state_that_was_lost_is_not_begun_anew() {
    let dir = TempDir::new().unwrap();
    assert!(cosigned(&open(&dir), &[1, 2, 3], 0));
    let logs = dir.path().join("logs");
    let file = std::fs::read_dir(&logs)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("\n3\n", "\n2\n")).unwrap();
    assert!(matches!(open_with(&dir, &[]), Err(StateError::Damaged(_))));
    std::fs::write(&file, "").unwrap();
    assert!(matches!(open_with(&dir, &[]), Err(StateError::Damaged(_))));
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(
        open_with(&dir, &[]),
        Err(StateError::UnknownLog(_))
    ));
    let stray = open_with(&dir, &["other.test/log".to_owned()]);
    assert!(matches!(stray, Err(StateError::FirstOfWhat(_))));
    assert!(
        open_with(&dir, &[ORIGIN.to_owned()]).is_ok(),
        "the operator's own word"
    );
}

#[test]
fn a_key_from_elsewhere_begins_nothing_by_itself() {
    let (dir, keys) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let key = keys.path().join("key");
    std::fs::write(&key, "07".repeat(32)).unwrap();
    let mut folder = Folder::open(dir.path()).unwrap();
    let cosigner = folder
        .identity(Some("w.test"), Some(&key), &SystemEntropy::default())
        .unwrap();
    let opened = Witness::open(folder, cosigner, &logs(), &[], Arc::new(Noon));
    assert!(matches!(opened, Err(StateError::UnknownLog(_))));
}

#[test]
fn a_folder_is_one_witness_and_one_process() {
    let dir = TempDir::new().unwrap();
    let witness = open(&dir);
    let second = Folder::open(dir.path());
    assert!(matches!(second, Err(FolderError::InUse(_))));
    drop(witness);
    let mut folder = Folder::open(dir.path()).unwrap();
    let renamed = folder.identity(Some("other.test"), None, &SystemEntropy::default());
    assert!(matches!(renamed, Err(FolderError::Another { .. })));
    assert!(
        folder
            .identity(None, None, &SystemEntropy::default())
            .is_ok()
    );
    let mut nameless = Folder::open(&dir.path().join("new")).unwrap();
    let nameless = nameless.identity(None, None, &SystemEntropy::default());
    assert!(matches!(nameless, Err(FolderError::Nameless)));
}

#[cfg(unix)]
#[test]
fn the_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = TempDir::new().unwrap();
    drop(open(&dir));
    let mode = |name: &str| {
        std::fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode()
    };
    assert_eq!(mode("witness.key") & 0o777, 0o600);
}

#[test]
fn the_delivered_example_is_a_policy() {
    let text = include_str!("../../../../deploy/witness/policy.example");
    let policy = delt_ledger::WitnessPolicy::parse(text.as_bytes()).unwrap();
    assert_eq!(policy.fewest_witnesses(), 2);
    assert!(
        policy
            .witnesses()
            .iter()
            .all(|witness| witness.url.is_some())
    );
    let unit = include_str!("../../../../deploy/witness/delt-witness.service");
    assert!(unit.contains(&policy.logs()[0].verifier.to_string()));
}
