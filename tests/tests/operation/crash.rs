//! A killed process, a full disk, a dead database: nothing acknowledged is lost, nothing is disclosed, and the log still verifies.

use std::process::Command;
use std::time::Duration;

use delt_client::bulk::Options;
use delt_client::proto::audit::v1::{ExportEntriesRequest, GetCheckpointRequest};
use delt_client::proto::common::v1::AuditReceipt;
use delt_client::proto::document::v1::DocumentEntry;
use delt_client::proto::record::v1::SearchRecordRequest;
use delt_client::{Backoff, ClientError, Connection, Documents, Settings};
use delt_ledger::export::{Report, verify};
use delt_ledger::{Hash, Verifier};
use delt_server::config::{Config, Store};
use delt_server::profile::SourceAddresses;
use delt_tests::alone::alone;
use delt_tests::calls::{everything, refusal, try_register};
use delt_tests::chains::{checkpoint, verified};
use delt_tests::entries::{EINER, GP, LONNI, REGION_H, cpr, note, read};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::load::held;
use delt_tests::postgres::{Durability, Postgres};
use delt_tests::process::get;
use delt_tests::samples::{EHR, LETTER, lonni_at_the_hospital, message, search, sent, take};
use delt_tests::served::Served;
use futures_util::future::join_all;
use futures_util::stream;
use tonic::Code;

/// The moments of the kills come from here: another number, other moments.
const SEED: u64 = 0x0005_DE17;
const KILLS: u64 = 5;
/// More items than a stream gets through before it is killed.
const ITEMS: u64 = 20_000;

const UNAVAILABLE: (Code, &str) = (Code::Unavailable, "STORE_UNAVAILABLE");

/// Registers a stream until it breaks; what was acknowledged by then.
async fn register_until_broken(documents: Documents) -> Vec<DocumentEntry> {
    let person = |number: u64| {
        if number.is_multiple_of(3) {
            EINER
        } else {
            LONNI
        }
    };
    let entries: Vec<_> = (0..ITEMS)
        .map(|number| note(REGION_H, person(number)))
        .collect();
    let items: Vec<_> = (0..).zip(entries.iter().cloned().map(Ok)).collect();
    let mut acknowledged = Vec::new();
    let outcomes = documents
        .register_all(stream::iter(items), Options::default())
        .await;
    let Ok(mut outcomes) = outcomes else {
        return acknowledged;
    };
    while let Ok(Some(outcome)) = outcomes.next().await {
        let registered = outcome.result.expect("a good entry is not refused");
        assert!(!registered.already_registered);
        let number = usize::try_from(outcome.line).unwrap();
        assert_eq!(
            registered.entry_uuid, entries[number].entry_uuid,
            "outcomes come in order"
        );
        acknowledged.push(entries[number].clone());
    }
    acknowledged
}

/// Looks at a record until nobody answers: the receipts of the answers, by entry.
async fn look_until_broken(citizen: Connection) -> Vec<(String, Hash)> {
    let mut receipts = Vec::new();
    // One entry at a time: the record grows while it is read.
    let request = SearchRecordRequest {
        page_size: 1,
        ..everything(cpr(LONNI))
    };
    while let Ok(found) = citizen.record().search(request.clone()).await {
        receipts.extend(found.receipt.map(kept));
    }
    receipts
}

fn kept(receipt: AuditReceipt) -> (String, Hash) {
    let leaf = Hash::from_slice(&receipt.leaf_hash).expect("a hash");
    (receipt.entry_id, leaf)
}

/// The whole log as an auditor takes it home, and what the verification says.
async fn audit(supervisor: &Connection) -> (String, Report) {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let checkpoint = supervisor
        .audit()
        .checkpoint(GetCheckpointRequest {})
        .await
        .expect("open to all");
    let verifier = Verifier::from_vkey(&checkpoint.verifier_key).expect("a key");
    let mut export = Vec::new();
    let request = ExportEntriesRequest::default();
    supervisor
        .audit()
        .export_to(request, &mut export)
        .await
        .expect("a supervisor may export");
    let report = verify(export.as_slice(), &verifier, &[]).expect("memory can be read");
    (String::from_utf8(export).expect("NDJSON"), report)
}

/// xorshift64*: moments that look random and are the same in every run.
fn next(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
}

async fn kills_lose_nothing(store: Option<String>) {
    let _alone = alone().await;
    let mut hub = Served::start(store);
    let letter = sent(&hub.system(EHR).await, LETTER).await;
    let mut acknowledged: Vec<DocumentEntry> = Vec::new();
    let (mut receipts, mut seen) = (Vec::new(), Vec::new());
    let mut state = SEED;
    for _ in 0..KILLS {
        let source = hub.system(REGION_H).await;
        let citizens = [
            hub.citizen(LONNI).await,
            hub.citizen(LONNI).await,
            hub.citizen(LONNI).await,
        ];
        let moment = Duration::from_millis(150 + next(&mut state) % 1_500);
        let looks = join_all(citizens.map(look_until_broken));
        let killed = async {
            tokio::time::sleep(moment).await;
            let note = checkpoint(&source).await.0;
            tokio::task::block_in_place(|| hub.process.kill());
            note
        };
        let (done, looks, note) =
            tokio::join!(register_until_broken(source.documents()), looks, killed);
        acknowledged.extend(done);
        receipts.extend(looks.concat());
        seen.push(note);
        tokio::task::block_in_place(|| hub.restart());
    }
    assert!(receipts.len() > 20, "only {} looks", receipts.len());
    assert!(
        acknowledged.len() > 50,
        "only {} were acknowledged",
        acknowledged.len()
    );

    let source = hub.system(REGION_H).await;
    let held = held(&source).await;
    for entry in &acknowledged {
        assert!(
            held.contains(&entry.entry_uuid),
            "an acknowledged entry is lost"
        );
    }
    for entry in acknowledged.iter().step_by(acknowledged.len() / 20 + 1) {
        let again = try_register(&source, entry)
            .await
            .expect("the same entry again is the same");
        assert!(again.already_registered);
    }
    let delivery = take(&hub.system(GP).await)
        .await
        .expect("the accepted letter still waits");
    assert_eq!(delivery.message.message_id, letter.message_id);
    assert_eq!(delivery.content, message(LETTER));

    let supervisor = hub.professional("dpo", "tilsyn").await;
    let (export, report) = audit(&supervisor).await;
    assert!(report.is_intact() && report.complete, "{report}");
    for uuid in &held {
        assert!(
            export.contains(uuid.as_str()),
            "an entry of the index has none in the log"
        );
    }
    every_answer_is_logged(&supervisor, &seen, &receipts).await;
}

/// The log verifies whole, has grown from each checkpoint that was seen, and holds the entry of each receipt with the same leaf hash; its chains have no gap.
async fn every_answer_is_logged(
    supervisor: &Connection,
    seen: &[String],
    receipts: &[(String, Hash)],
) {
    let logged = verified(supervisor, seen).await;
    for (entry, leaf) in receipts {
        let kept = logged.leaves.get(entry);
        assert_eq!(kept, Some(leaf), "an answer without its entry");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hub_loses_nothing_that_it_acknowledged_on_sqlite() {
    Box::pin(kills_lose_nothing(None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_hub_loses_nothing_that_it_acknowledged_on_postgres() {
    let url = tokio::task::spawn_blocking(|| Postgres::shared().database())
        .await
        .unwrap();
    Box::pin(kills_lose_nothing(Some(url))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_orderly_end_loses_nothing_either() {
    let mut hub = Served::start(None);
    let source = hub.system(REGION_H).await;
    let (acknowledged, status) = tokio::join!(register_until_broken(source.documents()), async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        tokio::task::block_in_place(|| hub.process.stop())
    });
    assert!(status.success(), "{status}");
    tokio::task::block_in_place(|| hub.restart());
    let held = held(&hub.system(REGION_H).await).await;
    assert!(
        acknowledged
            .iter()
            .all(|entry| held.contains(&entry.entry_uuid))
    );
}

/// Lets a process write no byte beyond this size into any file, as on a full disk. `None`: there is room again.
fn limit_files(process: u32, bytes: Option<u64>) {
    let soft = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let limit = format!("--fsize={soft}:unlimited");
    let done = Command::new("prlimit")
        .args(["--pid", &process.to_string(), &limit])
        .output();
    let done = done.expect("util-linux has prlimit");
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// What `/readyz` says once it has had time to notice.
async fn readiness(hub: &Served, expected: u16) -> u16 {
    let ask = || tokio::task::block_in_place(|| get(hub.process.admin(), "/readyz").unwrap().0);
    for _ in 0..40 {
        if ask() == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    ask()
}

/// Asks again until the hub has recovered by itself.
async fn recovered<T>(ask: impl AsyncFn() -> Result<T, ClientError>) -> T {
    for _ in 0..60 {
        match ask().await {
            Ok(answer) => return answer,
            Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
    ask().await.expect("the hub recovers without hand work")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_is_disclosed_or_acknowledged_until_there_is_room() {
    let mut hub = Served::start(None);
    let source = hub.system(REGION_H).await;
    try_register(&source, &note(REGION_H, LONNI)).await.unwrap();
    let citizen = hub.citizen(LONNI).await;
    assert_eq!(search(&citizen, LONNI).await.unwrap().total, 1);

    limit_files(hub.process.id(), Some(1));
    let unlogged = search(&citizen, LONNI).await;
    assert_eq!(refusal(&unlogged), UNAVAILABLE);
    let lost = note(REGION_H, LONNI);
    assert_eq!(refusal(&try_register(&source, &lost).await), UNAVAILABLE);
    assert_eq!(
        get(hub.process.admin(), "/healthz").unwrap().0,
        200,
        "the process lives"
    );
    assert_eq!(
        readiness(&hub, 503).await,
        503,
        "and says that it cannot serve"
    );

    limit_files(hub.process.id(), None);
    assert_eq!(
        recovered(async || search(&citizen, LONNI).await)
            .await
            .total,
        1
    );
    assert!(
        !try_register(&source, &lost)
            .await
            .unwrap()
            .already_registered
    );
    let (export, report) = audit(&hub.professional("dpo", "tilsyn").await).await;
    assert!(report.is_intact() && report.complete, "{report}");
    let looks = export
        .matches("\"operation\":\"SearchRecord\",\"outcome\":\"permitted\"")
        .count();
    assert_eq!(looks, 2, "each look that was answered, and no other");
    assert!(hub.process.stop().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_the_hub_discloses_nothing_and_goes_on_when_it_is_back() {
    let server = tokio::task::spawn_blocking(|| Postgres::start(Durability::Durable))
        .await
        .unwrap();
    let url = tokio::task::block_in_place(|| server.database());
    let hub = TestHub::start_with(Backend::Sqlite, &SourceAddresses::default(), |config| {
        config.store = Store {
            timeout_ms: 1_000,
            ..Store::with_url(url)
        };
    })
    .await;
    let (all, doctor) = lonni_at_the_hospital(&hub).await;
    assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
    let source = hub.system(REGION_H).await;

    for _ in 0..2 {
        tokio::task::block_in_place(|| server.crash());
        assert_eq!(refusal(&search(&doctor, LONNI).await), UNAVAILABLE);
        let entry = note(REGION_H, LONNI);
        assert_eq!(refusal(&try_register(&source, &entry).await), UNAVAILABLE);
        tokio::task::block_in_place(|| server.restart());
        assert!(recovered(async || search(&doctor, LONNI).await).await.total >= all);
        recovered(async || try_register(&source, &entry).await).await;
    }
    let view = search(&doctor, LONNI).await.unwrap();
    assert_eq!(view.total, all + 2);
    assert!(
        view.documents
            .iter()
            .all(|document| !read(document).entry_uuid.is_empty())
    );
    let (_, report) = audit(&hub.supervisor().await).await;
    assert!(report.is_intact() && report.complete, "{report}");
}

delt_tests::on_both! {
    async fn callers_that_go_away_leave_the_store_to_those_who_stay(backend) {
        let few = |config: &mut Config| config.store.max_connections = 1;
        let hub = TestHub::start_with(backend, &SourceAddresses::default(), few).await;
        let (all, doctor) = lonni_at_the_hospital(&hub).await;
        let settings = Settings {
            retry: Backoff { retries: 0, ..Backoff::default() },
            ..hub.settings(hub.running.api, REGION_H)
        };
        let source = Connection::connect(settings).await.expect("a connection");
        let mut state = SEED;
        for round in 0..100 {
            // Each gives up at another moment of its request.
            let impatient = (0..12).map(|_| {
                let patience = Duration::from_micros(next(&mut state) % 25_000);
                tokio::time::timeout(patience, search(&doctor, LONNI))
            });
            drop(futures_util::future::join_all(impatient.collect::<Vec<_>>()).await);
            let entry = note(REGION_H, EINER);
            let answer = try_register(&source, &entry).await;
            assert!(answer.is_ok(), "round {round}: {answer:?}");
        }
        assert_eq!(search(&doctor, LONNI).await.unwrap().total, all);
    }
}
