//! The citizen's chain: nothing is missing from what they are told, and whoever takes something away is found.

use delt_client::Connection;
use delt_client::proto::audit::v1::{
    ChainEntry, ChainEntryKind, GetCheckpointRequest, ListPatientChainRequest,
};
use delt_ledger::citizen::{CitizenChain, NumberedLeaf};
use delt_ledger::{Hash, Verifier};
use delt_tests::calls::{self, treats};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, cpr, note};
use delt_tests::on_both;
use delt_tests::samples::{EHR, search};
use delt_tests::timed::TimedHub;

use super::{on_store, sealed, visits};

/// All pages of the first of the citizen's chains, and what each entry is said to be.
async fn chain(reader: &Connection, person: &str) -> (CitizenChain, Vec<ChainEntryKind>) {
    let mut request = ListPatientChainRequest {
        patient: Some(cpr(person)),
        page_size: 3,
        ..Default::default()
    };
    let first = reader.audit().chain(request.clone()).await.unwrap();
    let mut all = first.chains[0].clone();
    request.page_token = first.next_page_token;
    while !request.page_token.is_empty() {
        let page = reader.audit().chain(request.clone()).await.unwrap();
        all.entries
            .extend(page.chains.into_iter().flat_map(|chain| chain.entries));
        request.page_token = page.next_page_token;
    }
    let hash = |bytes: &[u8]| Hash::from_slice(bytes).unwrap();
    let kinds = all.entries.iter().map(ChainEntry::kind).collect();
    let leaf = |entry: &ChainEntry| NumberedLeaf {
        number: entry.number,
        leaf_hash: hash(&entry.leaf_hash),
        leaf_index: entry.leaf_index,
        inclusion: entry
            .inclusion_hashes
            .iter()
            .map(|bytes| hash(bytes))
            .collect(),
        kind: String::new(),
        recorded_at: String::new(),
    };
    let chain = CitizenChain {
        patient_key: all.patient_key,
        statement: all.statement,
        checkpoint: all.checkpoint,
        first_number: all.first_number,
        first_previous: hash(&all.first_previous),
        entries: all.entries.iter().map(leaf).collect(),
    };
    (chain, kinds)
}

async fn verifier(reader: &Connection) -> Verifier {
    let checkpoint = reader
        .audit()
        .checkpoint(GetCheckpointRequest {})
        .await
        .unwrap();
    Verifier::from_vkey(&checkpoint.verifier_key).unwrap()
}

on_both! {
    async fn the_chain_is_complete_and_a_removed_entry_shows(backend) {
        let timed = TimedHub::start(backend).await;
        let source = timed.hub.system(REGION_H).await;
        calls::register(&source, &note(REGION_H, LONNI)).await;
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        let doctor = timed.professional("kard", EHR, &[]).await;
        for _ in 0..4 {
            timed.pass(1);
            search(&doctor, LONNI).await.unwrap();
        }
        let citizen = timed.citizen(LONNI).await;
        search(&citizen, LONNI).await.unwrap();
        sealed().await;
        let (whole, kinds) = chain(&citizen, LONNI).await;
        let verifier = verifier(&citizen).await;
        let report = whole.check(&verifier, &[]);
        assert!(report.is_complete(), "{report}");
        assert!(report.number.unwrap() >= 7, "{report}");
        for kind in [ChainEntryKind::Visit, ChainEntryKind::Own, ChainEntryKind::Other] {
            assert!(kinds.contains(&kind), "{kind:?} of {kinds:?}");
        }
        let seen = visits(&citizen, LONNI).await;
        let visited: Vec<u64> = seen.iter().flat_map(|v| &v.entries).map(|e| e.number).collect();
        let said: Vec<u64> = whole.entries.iter().zip(&kinds)
            .filter(|(_, kind)| **kind == ChainEntryKind::Visit).map(|(entry, _)| entry.number).collect();
        assert!(!said.is_empty() && said.iter().all(|number| visited.contains(number)));
        let mut short = whole.clone();
        short.entries.remove(2);
        assert!(short.check(&verifier, &[]).to_string().contains("number 3 is missing"));
        timed.pass(1);
        search(&doctor, LONNI).await.unwrap();
        sealed().await;
        let (later, _) = chain(&citizen, LONNI).await;
        let report = later.check(&verifier, &[whole.statement]);
        assert!(report.is_complete(), "{report}");
    }

    async fn whoever_changes_the_store_is_found_by_the_citizen(backend) {
        let timed = TimedHub::start(backend).await;
        treats(&timed.hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
        let doctor = timed.professional("kard", EHR, &[]).await;
        for _ in 0..5 {
            timed.pass(1);
            search(&doctor, LONNI).await.unwrap();
        }
        sealed().await;
        let citizen = timed.citizen(LONNI).await;
        let verifier = verifier(&citizen).await;
        let found = async |statement: &'static str, words: &str| {
            on_store(timed.hub.config().store.connection_url().unwrap().as_str(), statement).await;
            let (told, _) = chain(&citizen, LONNI).await;
            let report = told.check(&verifier, &[]);
            assert!(report.to_string().contains(words), "{report}");
        };
        // The number beside an entry is no evidence: the entry's own, which is hashed, is what is told.
        found("UPDATE log_entry SET patient_number = 40 WHERE patient_number = 3", "complete.").await;
        found("UPDATE log_entry SET patient_key = NULL WHERE patient_number = 4", "number 4 is missing").await;
        found("DELETE FROM log_leaf WHERE entry_id = (SELECT entry_id FROM log_entry WHERE patient_number = 5)",
            "numbers 4 to 5 are missing").await;
        found("DELETE FROM log_entry WHERE patient_number = 2", "number 2 is missing").await;
        found("UPDATE log_entry SET salt = commitment WHERE patient_number = 40",
            "number 3 is not in the log as the checkpoint has it").await;
    }
}
