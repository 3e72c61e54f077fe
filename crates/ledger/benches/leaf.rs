//! What a leaf costs in CPU beside the serialization of its entry: commitment, leaf hash, step of the patient's chain, and its share of the tree.
//!
//! `cargo bench -p delt-ledger`

#![expect(clippy::expect_used, reason = "a benchmark that cannot begin ends")]

use delt_ledger::merkle::Appender;
use delt_ledger::{Chain, ChainSalt, Commitment, Entry, Hash, Salt, SignedReceipt, Signer};
use divan::{Bencher, black_box, counter::ItemsCount};

const SALT: Salt = Salt::from_bytes([7; 32]);
/// What a sealer takes at once in a busy half second.
const TURN: usize = 1_024;

fn main() {
    divan::main();
}

/// A search that disclosed twenty documents.
fn entry() -> Entry {
    let disclosed: Vec<_> = (0..20)
        .map(|n| format!("\"0192f0c1-2b3c-7d4e-8f5a-{n:012}\""))
        .collect();
    let key = "a".repeat(64);
    let previous = Hash::from_bytes([9; 32]).to_base64();
    let json = format!(
        r#"{{"version":2,"id":"0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a","recorded_at":"2026-11-23T09:00:00.000000Z","operation":"SearchRecord",
"outcome":"permitted","actor":{{"system":"ehr-hovedstaden","system_organisation":"sor:1301000016007","certificate_sha256":"{previous}",
"person":{{"kind":"authorisation","id":"9RK1H","name":"A. Nordmann","role":"7170","organisation":"sor:265161000016002"}}}},"patient":"{key}",
"patient_chain":{{"number":17,"previous":"{previous}"}},"purpose":"TREAT","grounds":[{{"rule":"treatment-relation","reference":"{key}"}},
{{"rule":"role","detail":"physician"}}],"disclosed":[{}],"withheld":0,"request_id":"0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1b","policy_version":"{key}"}}"#,
        disclosed.join(",")
    );
    Entry::from_json(json.as_bytes()).expect("an entry")
}

fn leaf(payload: &[u8]) -> Hash {
    Commitment::of(&SALT, payload).leaf()
}

#[divan::bench]
fn serialization(bencher: Bencher<'_, '_>) {
    let entry = entry();
    bencher.bench(|| black_box(&entry).to_canonical().expect("canonical"));
}

#[divan::bench]
fn commitment_and_leaf_hash(bencher: Bencher<'_, '_>) {
    let payload = entry().to_canonical().expect("canonical");
    bencher.bench(|| leaf(black_box(&payload)));
}

#[divan::bench]
fn step_of_the_chain(bencher: Bencher<'_, '_>) {
    let salt = ChainSalt::from_bytes([3; 32]);
    let (chain, leaf) = (Chain::begin(&salt), leaf(b"{}"));
    bencher.bench(|| black_box(&chain).with(&salt, black_box(&leaf)));
}

/// Per leaf, of a turn of so many.
#[divan::bench]
fn share_of_the_tree(bencher: Bencher<'_, '_>) {
    let leaves = vec![leaf(b"{}"); TURN];
    let tree = Appender::new()
        .append(leaves.get(..1_000).unwrap_or_default())
        .expect("a tree");
    bencher
        .counter(ItemsCount::new(TURN))
        .bench(|| tree.appender.append(black_box(&leaves)).expect("a tree"));
}

#[divan::bench]
fn receipt(bencher: Bencher<'_, '_>) {
    let signer = Signer::from_seed("delt.example/log", &[5; 32]).expect("a signer");
    let receipt = SignedReceipt {
        origin: signer.name().to_owned(),
        entry_id: entry().id,
        leaf_hash: leaf(b"{}"),
        recorded_at: "2026-11-23T09:00:00.000000Z".to_owned(),
        promised_by: "2026-11-23T09:01:00.000000Z".to_owned(),
    };
    bencher.bench(|| {
        black_box(&receipt)
            .sign(&signer)
            .expect("a note")
            .to_string()
    });
}
