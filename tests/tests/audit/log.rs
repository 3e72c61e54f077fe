//! The access log: every operation leaves an entry, and nobody can change the log unseen.

use std::collections::BTreeSet;
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::{
    EntryFilter, ExportEntriesRequest, GetCheckpointRequest, GetConsistencyProofRequest,
    GetEntryRequest, GetInclusionProofRequest, ListPatientAccessesRequest, PatientAccess,
    SearchEntriesRequest,
};
use delt_ledger::export::{ProblemKind, Report, TrustedCheckpoint, verify};
use delt_ledger::merkle::{verify_consistency, verify_inclusion};
use delt_ledger::{Checkpoint, Hash, Outcome, Verifier};
use delt_tests::calls::{break_glass, fetch, holdings, operator, refusal};
use delt_tests::entries::{CARDIOLOGY, EINER, GP, LONNI, MUNICIPALITY, cpr, nobodys};
use delt_tests::hub::TestHub;
use delt_tests::on_both;
use delt_tests::samples::{
    EHR, GP_TESTBY, LETTER, REGION_HOVEDSTADEN, REGION_MIDTJYLLAND, block_of, consent,
    documents_of, end_consent, entries, lonni_at_the_hospital, of, search, search_for, sent, take,
};
use tonic::Code;

/// The newest checkpoint, once it covers all that has happened so far.
async fn sealed(hub: &TestHub, caller: &Connection) -> (String, Verifier) {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let answer = caller
        .audit()
        .checkpoint(GetCheckpointRequest {})
        .await
        .expect("open to all");
    let verifier = Verifier::from_vkey(&answer.verifier_key).expect("a key");
    assert_eq!(answer.verifier_key, hub.running.hub.log_verifier_key());
    (answer.checkpoint, verifier)
}

async fn export(caller: &Connection, filter: Option<EntryFilter>) -> String {
    let mut bytes = Vec::new();
    let request = ExportEntriesRequest {
        context: None,
        filter,
        ..Default::default()
    };
    caller
        .audit()
        .export_to(request, &mut bytes)
        .await
        .expect("an auditor may export");
    String::from_utf8(bytes).expect("NDJSON")
}

fn verified(export: &str, verifier: &Verifier) -> Report {
    verify(export.as_bytes(), verifier, &[]).expect("memory can be read")
}

async fn accesses(citizen: &Connection) -> Vec<PatientAccess> {
    let request = ListPatientAccessesRequest {
        patient: Some(cpr(LONNI)),
        page_size: 100,
        ..Default::default()
    };
    citizen
        .audit()
        .accesses(request)
        .await
        .expect("the citizen sees who looked")
        .accesses
}

/// A day's work: registrations, looks, a refusal, a consent, a letter.
async fn a_day(hub: &TestHub) {
    Box::pin(work(hub)).await;
}

async fn work(hub: &TestHub) {
    let (_, doctor) = lonni_at_the_hospital(hub).await;
    search(&doctor, LONNI).await.unwrap();
    let stranger = hub.professional("gp2", "gp-gudenaadal").await;
    search(&stranger, LONNI).await.unwrap_err();
    let citizen = hub.citizen(LONNI).await;
    let id = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
    end_consent(&citizen, LONNI, &id).await;
    sent(&hub.system(EHR).await, LETTER).await;
    take(&hub.system(GP).await)
        .await
        .expect("a letter")
        .ack()
        .await
        .unwrap();
}

on_both! {
    async fn every_operation_leaves_an_entry(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let system = hub.system(EHR).await;
        holdings(&system, false).await;
        let log = entries(&hub, EntryFilter::default()).await;
        let operations: BTreeSet<&str> = log.iter().map(|entry| entry.operation.as_str()).collect();
        let done = [
            "RegisterDocument", "RegisterRelation", "SearchRecord", "CreateConsent", "EndConsent", "SendMessage",
            "ReceiveMessages", "AcknowledgeMessage", "ListSourceDocuments",
        ];
        for operation in done {
            assert!(operations.contains(operation), "{operation} is not among {operations:?}");
        }
        for entry in &log {
            assert!(entry.outcome != Outcome::Permitted || !entry.grounds.is_empty(), "{entry:?}");
            assert_eq!(entry.error_code.is_some(), entry.outcome != Outcome::Permitted, "{entry:?}");
            assert!(entry.actor.certificate_sha256.is_some());
        }
        // Asking for the log is itself in the log.
        assert!(!entries(&hub, of("SearchAuditEntries")).await.is_empty());
    }

    async fn a_look_says_what_was_disclosed_and_how_much_was_withheld(backend) {
        let hub = TestHub::start(backend).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        consent(&hub.citizen(LONNI).await, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        let view = search(&doctor, LONNI).await.unwrap();
        let log = entries(&hub, of("SearchRecord")).await;
        let [entry] = log.as_slice() else { panic!("{} entries", log.len()) };
        let disclosed: BTreeSet<_> = entry.disclosed.iter().cloned().collect();
        assert_eq!(disclosed, delt_tests::entries::uuids(&view.documents).into_iter().collect());
        assert_eq!(entry.withheld, u64::from(all - view.total));
        let person = entry.actor.person.as_ref().unwrap();
        assert_eq!((person.id.as_str(), person.role.as_str()), ("9RK1H", "laege"));
        assert_eq!(entry.purpose.as_deref(), Some("TREAT"));
        let json = String::from_utf8(entry.to_canonical().unwrap()).unwrap();
        assert!(!json.contains(LONNI), "the log knows people by key");
        assert_eq!(view.receipts[0].entry_id, entry.id, "the answer's receipt is this entry");
    }

    async fn a_failed_retrieval_leaves_its_entry(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        fetch(&doctor, cpr(LONNI), &nobodys()).await.unwrap_err();
        // No source runs: its documents cannot come.
        let stable = documents_of(LONNI).into_iter().find(|held| held.system == GP).unwrap();
        let answer = fetch(&doctor, cpr(LONNI), &stable.entry.entry_uuid).await;
        assert_eq!(refusal(&answer), (Code::Unavailable, "SOURCE_UNAVAILABLE"));
        let failed = EntryFilter { outcome: "failed".to_owned(), ..of("RetrieveDocument") };
        let log = entries(&hub, failed).await;
        let codes: BTreeSet<_> = log.iter().filter_map(|entry| entry.error_code.as_deref()).collect();
        assert!(codes.contains("SOURCE_UNAVAILABLE"), "{codes:?}");
    }

    async fn a_malformed_request_leaves_an_entry_without_its_content(backend) {
        let hub = TestHub::start(backend).await;
        let doctor = hub.professional("kard", EHR).await;
        let answer = search(&doctor, "9999999999").await;
        assert_eq!(refusal(&answer), (Code::InvalidArgument, "INVALID_ARGUMENT"));
        assert!(!format!("{answer:?}").contains("9999999999"));
        let log = entries(&hub, EntryFilter { outcome: "failed".to_owned(), ..of("SearchRecord") }).await;
        let [entry] = log.as_slice() else { panic!("{} entries", log.len()) };
        assert_eq!(entry.error_code.as_deref(), Some("INVALID_ARGUMENT"));
        // Who cannot be recognised is not told what is wrong with the request.
        let nobody = hub.connect(hub.running.api, EHR, Some("garbage".to_owned())).await;
        let answer = search(&nobody, "9999999999").await;
        assert_eq!(refusal(&answer), (Code::Unauthenticated, "TOKEN_INVALID"));
    }

    async fn the_log_is_searched_by_what_an_auditor_asks(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let glass = hub.professional_for("reserve", EHR, &["BTG"]).await;
        search_for(&glass, LONNI, break_glass()).await.unwrap();
        let document = documents_of(LONNI)[0].entry.entry_uuid.clone();
        let one = |filter: EntryFilter| entries(&hub, EntryFilter { operation: "SearchRecord".to_owned(), ..filter });
        let count = async |filter: EntryFilter| one(filter).await.len();
        assert_eq!(count(EntryFilter::default()).await, 3);
        assert_eq!(count(EntryFilter { person_id: "9RK1H".into(), ..Default::default() }).await, 1);
        assert_eq!(count(EntryFilter { outcome: "denied".into(), ..Default::default() }).await, 1);
        assert_eq!(count(EntryFilter { purpose_of_use: "BTG".into(), ..Default::default() }).await, 1);
        assert_eq!(count(EntryFilter { override_only: true, ..Default::default() }).await, 1);
        assert_eq!(count(EntryFilter { system_id: EHR.into(), ..Default::default() }).await, 2);
        assert_eq!(count(EntryFilter { organisation: CARDIOLOGY.into(), ..Default::default() }).await, 1);
        assert_eq!(count(EntryFilter { organisation: REGION_HOVEDSTADEN.into(), ..Default::default() }).await, 2);
        assert_eq!(count(EntryFilter { organisation: GP_TESTBY.into(), ..Default::default() }).await, 0);
        assert_eq!(count(EntryFilter { patient: Some(cpr(LONNI)), ..Default::default() }).await, 3);
        assert_eq!(count(EntryFilter { patient: Some(cpr(EINER)), ..Default::default() }).await, 0);
        assert_eq!(count(EntryFilter { document_entry_uuid: document, ..Default::default() }).await, 2);
        let wrong = EntryFilter { outcome: "perhaps".into(), ..Default::default() };
        let request = SearchEntriesRequest { filter: Some(wrong), ..Default::default() };
        let answer = hub.supervisor().await.audit().search(request).await;
        assert_eq!(refusal(&answer).0, Code::InvalidArgument);
    }

    async fn pages_of_the_log_follow_each_other_without_gap_or_overlap(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let whole = entries(&hub, of("RegisterDocument")).await;
        let supervisor = hub.supervisor().await;
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = SearchEntriesRequest {
                filter: Some(of("RegisterDocument")),
                page_size: 3,
                page_token,
                ..Default::default()
            };
            let page = supervisor.audit().search(request).await.unwrap();
            seen.extend(page.entries.into_iter().map(|entry| entry.entry_id));
            page_token = page.next_page_token;
            if page_token.is_empty() { break }
        }
        assert_eq!(seen, whole.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>());
    }

    async fn the_citizen_sees_who_looked_where_and_why(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let glass = hub.professional_for("reserve", EHR, &["BTG"]).await;
        search_for(&glass, LONNI, break_glass()).await.unwrap();
        let citizen = hub.citizen(LONNI).await;
        search(&citizen, LONNI).await.unwrap();
        let looks = accesses(&citizen).await;
        let [glass, stranger, doctor] = looks.as_slice() else { panic!("{looks:?}") };
        assert_eq!(glass.override_reason, break_glass().unwrap().override_reason);
        assert_eq!((stranger.outcome.as_str(), stranger.documents), ("denied", 0));
        assert_eq!(doctor.person_name, "Signe Ravnkilde-Holm");
        assert_eq!(doctor.organisation, CARDIOLOGY);
        assert_eq!(doctor.organisation_name, "Øresund Testhospital, Kardiologisk Afdeling");
        assert_eq!((doctor.purpose_of_use.as_str(), doctor.outcome.as_str()), ("TREAT", "permitted"));
        assert!(doctor.documents > 0 && !doctor.grounds.is_empty());

        let other = hub.citizen(EINER).await;
        let request = ListPatientAccessesRequest { patient: Some(cpr(LONNI)), ..Default::default() };
        assert_eq!(refusal(&other.audit().accesses(request).await), (Code::PermissionDenied, "ACCESS_DENIED"));
    }

    async fn an_export_of_the_whole_log_verifies_without_the_hub(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let supervisor = hub.supervisor().await;
        let (checkpoint, verifier) = sealed(&hub, &supervisor).await;
        let export = export(&supervisor, None).await;
        let trusted = TrustedCheckpoint { note: checkpoint, proof: None };
        let report = verify(export.as_bytes(), &verifier, &[trusted]).unwrap();
        assert!(report.is_intact() && report.complete, "{report}");
        assert_eq!((report.proved, report.extended), (report.size, 1));
        let mut size = export.lines().count();
        assert_eq!(size, usize::try_from(report.size).unwrap() + 1);
        size = export.matches("\"operation\":\"RegisterDocument\"").count();
        assert_eq!(size, documents_of(LONNI).len());
        assert!(!export.contains(LONNI), "no person number leaves with the log");
    }

    async fn one_changed_removed_or_moved_line_is_found(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let supervisor = hub.supervisor().await;
        let (_, verifier) = sealed(&hub, &supervisor).await;
        let export = export(&supervisor, None).await;
        assert!(verified(&export, &verifier).is_intact());
        let lines: Vec<&str> = export.lines().collect();
        let whole = |lines: &[&str]| lines.join("\n") + "\n";

        let denied = lines.iter().position(|line| line.contains("\"outcome\":\"denied\"")).expect("the stranger");
        let better = lines[denied].replace("\"outcome\":\"denied\"", "\"outcome\":\"permitted\"");
        let mut forged = lines.clone();
        forged[denied] = &better;
        let report = verified(&whole(&forged), &verifier);
        let problem = &report.problems[0];
        assert_eq!(problem.line, Some(denied as u64 + 1), "{report}");
        assert!(matches!(problem.kind, ProblemKind::EntryChanged), "{report}");

        let mut cut = lines.clone();
        cut.remove(denied);
        let report = verified(&whole(&cut), &verifier);
        assert!(report.problems.iter().any(|p| matches!(p.kind, ProblemKind::Removed { .. })), "{report}");

        let mut moved = lines.clone();
        moved.swap(denied, denied + 1);
        let report = verified(&whole(&moved), &verifier);
        assert!(report.problems.iter().any(|p| matches!(p.kind, ProblemKind::Reordered)), "{report}");

        let last = whole(&lines[..lines.len() - 1]);
        assert!(!verified(&last, &verifier).is_intact());
        assert!(!verified(export.get(..export.len() - 40).unwrap(), &verifier).is_intact());
    }

    async fn a_log_signed_by_another_key_does_not_verify(backend) {
        let hub = TestHub::start(backend).await;
        let other = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let supervisor = hub.supervisor().await;
        sealed(&hub, &supervisor).await;
        let export = export(&supervisor, None).await;
        let verifier = Verifier::from_vkey(&other.running.hub.log_verifier_key()).unwrap();
        let report = verified(&export, &verifier);
        assert!(report.problems.iter().any(|p| matches!(p.kind, ProblemKind::CheckpointNotSigned)), "{report}");
    }

    async fn a_search_result_is_exported_with_its_proofs(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let supervisor = hub.supervisor().await;
        let (_, verifier) = sealed(&hub, &supervisor).await;
        let export = export(&supervisor, Some(of("SearchRecord"))).await;
        let report = verified(&export, &verifier);
        assert!(report.is_intact() && !report.complete, "{report}");
        assert_eq!(report.proved, 2);
    }

    async fn proofs_from_the_hub_show_that_a_receipt_is_in_the_log_and_that_the_log_grew(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let receipt = search(&doctor, LONNI).await.unwrap().receipts.remove(0);
        // Checkpoints and proofs hold no personal data: any system may ask.
        let anyone = hub.system(MUNICIPALITY).await;
        let (first, verifier) = sealed(&hub, &anyone).await;
        let first = Checkpoint::open(&first, &verifier).unwrap();

        let request = GetEntryRequest { context: None, entry_id: receipt.entry_id.clone() };
        let entry = hub.supervisor().await.audit().entry(request).await.unwrap().entry.unwrap();
        assert_eq!(entry.leaf_hash, receipt.leaf_hash);
        let leaf_index = entry.leaf_index.expect("sealed by now");
        let request = GetInclusionProofRequest { leaf_index, tree_size: first.size, ..Default::default() };
        let proof = anyone.audit().inclusion_proof(request).await.unwrap();
        assert_eq!(proof.leaf_hash, receipt.leaf_hash);
        let leaf = Hash::from_slice(&receipt.leaf_hash).unwrap();
        verify_inclusion(&leaf, leaf_index, first.size, &hashes(&proof.hashes), &first.root).unwrap();

        search(&doctor, LONNI).await.unwrap();
        let (second, _) = sealed(&hub, &anyone).await;
        let second = Checkpoint::open(&second, &verifier).unwrap();
        assert!(second.size > first.size);
        let request = GetConsistencyProofRequest {
            first_tree_size: first.size,
            second_tree_size: second.size,
        };
        let proof = hashes(&anyone.audit().consistency_proof(request).await.unwrap().hashes);
        verify_consistency(first.size, &first.root, second.size, &second.root, &proof).unwrap();

        let beyond = GetInclusionProofRequest { leaf_index: second.size + 10, tree_size: second.size, ..Default::default() };
        assert_ne!(refusal(&anyone.audit().inclusion_proof(beyond).await).0, Code::Ok);
        let absurd = GetConsistencyProofRequest { first_tree_size: 9, second_tree_size: 3 };
        assert_ne!(refusal(&anyone.audit().consistency_proof(absurd).await).0, Code::Ok);
    }

    async fn only_auditors_search_and_export(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let others = [doctor, hub.citizen(LONNI).await, hub.system(EHR).await, operator(&hub).await];
        for caller in others {
            let request = SearchEntriesRequest::default();
            assert_eq!(refusal(&caller.audit().search(request).await).0, Code::PermissionDenied);
            let mut bytes = Vec::new();
            let answer = caller.audit().export_to(ExportEntriesRequest::default(), &mut bytes).await;
            assert_eq!(refusal(&answer).0, Code::PermissionDenied);
            assert!(bytes.is_empty());
            let request = GetEntryRequest { context: None, entry_id: nobodys() };
            assert_eq!(refusal(&caller.audit().entry(request).await).0, Code::PermissionDenied);
        }
        let denied = EntryFilter { outcome: "denied".to_owned(), ..EntryFilter::default() };
        assert_eq!(entries(&hub, denied).await.len(), 12);
    }

    async fn the_auditor_of_a_region_follows_up_on_its_own_users_only(backend) {
        let hub = TestHub::start(backend).await;
        a_day(&hub).await;
        let auditor = hub.auditor().await;
        let request = SearchEntriesRequest { page_size: 500, ..Default::default() };
        let found = auditor.audit().search(request).await.unwrap().entries;
        assert!(!found.is_empty());
        for entry in &found {
            let text = String::from_utf8_lossy(&entry.entry_json);
            for foreign in ["gp-gudenaadal", "kommune-testby", "gp-testby", "ejournal-midtjylland"] {
                assert!(!text.contains(&format!("\"system\":\"{foreign}\"")), "{text}");
            }
        }
        let foreign = entries(&hub, EntryFilter { system_id: "gp-gudenaadal".into(), ..of("SearchRecord") }).await;
        let request = GetEntryRequest { context: None, entry_id: foreign[0].id.clone() };
        assert_eq!(refusal(&auditor.audit().entry(request).await).0, Code::NotFound);
        let (_, verifier) = sealed(&hub, &auditor).await;
        let export = export(&auditor, None).await;
        let report = verified(&export, &verifier);
        assert!(report.is_intact() && !report.complete, "{report}");
        assert!(!export.contains("gp-gudenaadal"));
    }

    async fn the_log_goes_on_after_a_restart(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        let (before, _) = sealed(&hub, &hub.system(EHR).await).await;
        let hub = hub.restart().await;
        search(&hub.professional("kard", EHR).await, LONNI).await.unwrap();
        let supervisor = hub.supervisor().await;
        let (_, verifier) = sealed(&hub, &supervisor).await;
        let export = export(&supervisor, None).await;
        let trusted = TrustedCheckpoint { note: before, proof: None };
        let report = verify(export.as_bytes(), &verifier, &[trusted]).unwrap();
        assert!(report.is_intact() && report.complete, "{report}");
        assert_eq!(report.extended, 1);
    }
}

fn hashes(bytes: &[bytes::Bytes]) -> Vec<Hash> {
    bytes
        .iter()
        .map(|hash| Hash::from_slice(hash).expect("32 bytes"))
        .collect()
}
