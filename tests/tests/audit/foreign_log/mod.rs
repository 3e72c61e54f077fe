//! The log over HTTP, read by others' code: Python's HTTP client without a certificate, and Cloudflare's `signed_note` and `tlog_tiles`, which know
//! nothing of Delt.

mod others;
mod web;

use delt_client::proto::audit::v1::{GetInclusionProofRequest, SearchEntriesRequest};
use delt_ledger::Hash;
use delt_ledger::merkle::verify_inclusion;
use delt_tests::calls::{refusal, register, try_register};
use delt_tests::entries::{LONNI, REGION_H, note};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use delt_tests::samples::search;
use futures_util::future::join_all;
use tonic::Code;

use others::Tree;
use web::{Web, settled};

/// More than a full tile of leaves.
const ENTRIES: usize = 300;

/// A log with a full tile and a partial one.
async fn long(hub: &TestHub) {
    let source = hub.system(REGION_H).await;
    for _ in 0..ENTRIES / 30 {
        let entries: Vec<_> = (0..30).map(|_| note(REGION_H, LONNI)).collect();
        let registered = entries.iter().map(|entry| register(&source, entry));
        join_all(registered).await;
    }
}

on_both! {
    async fn others_verify_signature_every_leaf_and_growth(backend) {
        let hub = TestHub::start(backend).await;
        let web = Web::of(&hub);
        register(&hub.system(REGION_H).await, &note(REGION_H, LONNI)).await;
        let first = Tree::read(&web, settled(&web).await);
        long(&hub).await;
        let second = Tree::read(&web, settled(&web).await);
        assert!(first.size() >= 1 && second.size() > 256, "{}", second.size());
        first.check_signature(&hub).unwrap();
        second.check_signature(&hub).unwrap();
        second.check_every_leaf().unwrap();
        second.check_growth_from(&first).unwrap();
    }

    async fn others_find_one_flipped_byte(backend) {
        let hub = TestHub::start(backend).await;
        long(&hub).await;
        let web = Web::of(&hub);
        let tree = Tree::read(&web, settled(&web).await);
        tree.check_every_leaf().unwrap();
        for path in tree.paths() {
            for at in [0, 33, 500] {
                let changed = tree.with_flipped(&path, at);
                assert!(changed.is_none_or(|tree| tree.check_every_leaf().is_err()), "{path} at {at}");
            }
        }
        for at in 0..tree.note().len() {
            assert!(tree.with_flipped_note(at).check_signature(&hub).is_err(), "byte {at} of the checkpoint");
        }
    }

    async fn tiles_are_static_files_that_leave_no_entry(backend) {
        let hub = TestHub::start(backend).await;
        long(&hub).await;
        let web = Web::of(&hub);
        let size = others::size(&settled(&web).await);
        let rest = size - 256;
        let narrow = web.get("/log/tile/0/001.p/1");
        let partial = web.get(&format!("/log/tile/0/001.p/{rest}"));
        assert_eq!((partial.status, partial.body.len()), (200, usize::try_from(rest).unwrap() * 32));
        assert_eq!(narrow.body, partial.body[..32]);
        let full = web.get("/log/tile/0/000");
        assert_eq!((full.status, full.body.len()), (200, 256 * 32));
        assert_eq!(full.kind, "application/octet-stream");
        assert!(full.cache.contains("immutable"), "{}", full.cache);
        let checkpoint = web.get("/log/checkpoint");
        assert!(checkpoint.kind.starts_with("text/plain"), "{}", checkpoint.kind);
        assert_eq!(checkpoint.cache, "no-cache");

        let bundle = web.get("/log/tile/entries/000");
        assert_eq!(bundle.body.len(), 256 * 34);
        for (leaf, entry) in full.body.chunks(32).zip(bundle.body.chunks(34)) {
            assert_eq!(entry[..2], [0, 32]);
            assert_eq!(leaf, others::leaf(&entry[2..]));
        }
        for wrong in [
            "/log/tile/0/002", "/log/tile/0/000.p/256", "/log/tile/0/000.p/0", "/log/tile/0/0", "/log/tile/0/001", "/log/tile/00/000",
            "/log/tile/0/x000/000", "/log/tile/9/000", "/log/tile/0/001.p/255", "/log/tile/entries/002", "/log/tile/0/000?x=1",
            "/log/tile/entries/000.p/999", "/log/tile/0/99999999999999999999", "/log/tile/-1/000",
        ] {
            assert_eq!(web.get(wrong).status, 404, "{wrong}");
        }
        assert_eq!(others::size(&web.checkpoint()), size, "who reads hashes leaves no entry");
        let auditor = hub.supervisor().await;
        assert!(auditor.audit().search(SearchEntriesRequest::default()).await.is_ok(), "and the log goes on");
    }

    async fn an_entry_is_proved_by_its_receipt_alone(backend) {
        let hub = TestHub::start(backend).await;
        let citizen = hub.citizen(LONNI).await;
        let receipt = search(&citizen, LONNI).await.unwrap().receipts.remove(0);
        let stranger = hub.system(REGION_H).await;
        let asked = |entry_id: &str| GetInclusionProofRequest {
            entry_id: entry_id.to_owned(),
            ..GetInclusionProofRequest::default()
        };
        let web = Web::of(&hub);
        let root = others::root(&settled(&web).await);
        let proof = stranger.audit().inclusion_proof(asked(&receipt.entry_id)).await.unwrap();
        assert_eq!(proof.leaf_hash, receipt.leaf_hash);
        let hash = |bytes: &[u8]| Hash::from_slice(bytes).unwrap();
        let hashes: Vec<_> = proof.hashes.iter().map(|bytes| hash(bytes)).collect();
        let leaf = hash(&receipt.leaf_hash);
        verify_inclusion(&leaf, proof.leaf_index, proof.tree_size, &hashes, &hash(&root)).unwrap();
        let missing = stranger.audit().inclusion_proof(asked("0199aaaa-0000-7000-8000-000000000000")).await;
        assert_eq!(refusal(&missing).0, Code::NotFound);
        assert!(try_register(&stranger, &note(REGION_H, LONNI)).await.is_ok());
    }
}
