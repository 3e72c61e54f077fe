//! Patients' chains as a complete export of the log shows them.

use std::collections::{BTreeMap, BTreeSet};

use std::time::Duration;

use aws_lc_rs::hmac;
use delt_client::Connection;
use delt_client::proto::audit::v1::{ExportEntriesRequest, GetCheckpointRequest};
use delt_ledger::export::{TrustedCheckpoint, verify};
use delt_ledger::{Chain, ChainKey, ChainLink, ChainSalt, Commitment, Entry, Hash, Salt, Verifier};
use serde_json::Value;

/// What an export holds of each entry.
#[derive(Debug, Default)]
pub struct Exported {
    /// The leaf hash by the entry's id.
    pub leaves: BTreeMap<String, Hash>,
    /// The links of each patient, with the entries' leaf hashes, in the order of the log.
    pub chains: BTreeMap<String, Vec<(ChainLink, Hash)>>,
}

impl Exported {
    /// Reads an export whose lines have been verified.
    pub fn read(export: &str) -> Self {
        let mut exported = Self::default();
        for line in export.lines().skip(1) {
            let line: Value = serde_json::from_str(line).expect("a line is JSON");
            let Some(payload) = line.get("entry") else {
                continue;
            };
            let json = delt_ledger::canonical::value_to_vec(payload).expect("it is canonical");
            let salt = line.get("salt").and_then(Value::as_str).expect("a salt");
            let salt = Salt::from_base64(salt).expect("a salt");
            let leaf = Commitment::of(&salt, &json).leaf();
            let entry = Entry::from_json(&json).expect("an entry");
            exported.add(entry, leaf);
        }
        exported
    }

    fn add(&mut self, entry: Entry, leaf: Hash) {
        assert_eq!(
            entry.patient.is_some(),
            entry.patient_chain.is_some(),
            "every entry about a patient is numbered, and no other: {entry:?}"
        );
        if let Some((patient, link)) = entry.patient.zip(entry.patient_chain) {
            let chain = self.chains.entry(patient).or_default();
            chain.push((link, leaf));
        }
        self.leaves.insert(entry.id, leaf);
    }

    /// Every chain goes 1, 2, 3 … in the order of the log, and no two entries go on from the same head.
    pub fn check_chains(&self) {
        for chain in self.chains.values() {
            let numbers: Vec<_> = chain.iter().map(|(link, _)| link.number).collect();
            let gapless: Vec<_> = (1..).take(chain.len()).collect();
            assert_eq!(numbers, gapless, "a chain has a gap or is out of order");
            let heads: BTreeSet<_> = chain.iter().map(|(link, _)| link.previous).collect();
            assert_eq!(heads.len(), chain.len(), "a chain has forked");
        }
    }

    /// The chains' heads from the leaf hashes alone: each entry goes on from the one before it. How far each chain has come.
    pub fn check_heads(&self, key: &ChainKey) -> BTreeMap<String, Chain> {
        let mut ends = BTreeMap::new();
        for (patient, links) in &self.chains {
            let salt = ChainSalt::derive(key, patient);
            let mut chain = Chain::begin(&salt);
            for (link, leaf) in links {
                assert_eq!(*link, chain.next_link());
                chain = chain.with(&salt, leaf);
            }
            ends.insert(patient.clone(), chain);
        }
        ends
    }
}

/// What the salts of all chains follow from, as an operator with the patient secret makes it for those who verify.
pub fn chain_key(secret: &[u8], origin: &str) -> ChainKey {
    let under = |key: &[u8], text: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let mut tag = [0; 32];
        tag.copy_from_slice(hmac::sign(&key, text).as_ref());
        tag
    };
    let chains = under(secret, b"delt/patient-chain/v1");
    ChainKey::from_bytes(under(&chains, origin.as_bytes()))
}

/// The newest checkpoint, and the key that it verifies with.
pub async fn checkpoint(anyone: &Connection) -> (String, Verifier) {
    let newest = anyone.audit().checkpoint(GetCheckpointRequest {}).await;
    let newest = newest.expect("open to all");
    let verifier = Verifier::from_vkey(&newest.verifier_key).expect("a key");
    (newest.checkpoint, verifier)
}

/// The whole log as a supervisor takes it home once it is sealed: intact, and grown from each of these checkpoints, whose signed notes are given.
pub async fn verified(supervisor: &Connection, seen: &[String]) -> Exported {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let (_, verifier) = checkpoint(supervisor).await;
    let mut export = Vec::new();
    let request = ExportEntriesRequest::default();
    let exported = supervisor.audit().export_to(request, &mut export).await;
    exported.expect("a supervisor may export");
    let trusted = seen.iter().map(|note| TrustedCheckpoint {
        note: note.clone(),
        proof: None,
    });
    let trusted: Vec<_> = trusted.collect();
    let report = verify(export.as_slice(), &verifier, &trusted).expect("memory can be read");
    assert!(report.is_intact() && report.complete, "{report}");
    assert_eq!(report.extended, seen.len() as u64, "{report}");
    let exported = Exported::read(&String::from_utf8(export).expect("NDJSON"));
    exported.check_chains();
    exported
}
