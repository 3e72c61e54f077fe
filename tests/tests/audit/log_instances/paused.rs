//! Hubs as processes of their own. One is stopped in the middle of whatever it does (SIGSTOP), for longer than the database waits for it, and goes on.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use delt_client::proto::common::v1::AuditReceipt;
use delt_client::{Connection, TokenSource};
use delt_ledger::Hash;
use delt_server::profile::Holder;
use delt_tests::calls::try_register;
use delt_tests::chains::{chain_key, checkpoint, verified};
use delt_tests::entries::{EINER, LONNI, REGION_H, note};
use delt_tests::hub::{settings, test_person, token};
use delt_tests::postgres::Postgres;
use delt_tests::process::{Delt, command, free_address};
use delt_tests::samples::search;
use delt_tests::served::Served;
use futures_util::future::join_all;
use sqlx::{Connection as _, PgConnection};
use std::net::SocketAddr;

/// The database ends a transaction that nobody goes on with after a quarter of `store.timeout_ms`, which is 1.25 s.
const PAUSE: Duration = Duration::from_millis(2_500);
/// The hub is stopped so often, and then until it was once found in the middle of a transaction.
const PAUSES: u64 = 3;
const PAUSES_MAX: u64 = 6;
/// Those who ask each hub, all at once.
const CALLERS: usize = 6;
/// How long a caller waits: longer than a hub is stopped, so that whatever it answers when it goes on is heard and held against the log.
const PATIENCE: Duration = Duration::from_secs(6);

/// What the callers keep.
#[derive(Default)]
struct Kept {
    ended: AtomicBool,
    /// Answers of the hub that is never stopped.
    steady: AtomicU64,
    receipts: Mutex<Vec<AuditReceipt>>,
}

/// A second process with the same profile on the same store.
fn twin(served: &Served) -> (SocketAddr, Delt) {
    let (api, admin) = (free_address(), free_address());
    let config = std::fs::read_to_string(served.file("delt.toml")).unwrap();
    let config = config
        .replace(&served.api.to_string(), &api.to_string())
        .replace(&served.process.admin().to_string(), &admin.to_string());
    let file = served.file("twin.toml");
    std::fs::write(&file, config).unwrap();
    let command = command(["serve", "--config", file.to_str().unwrap()]);
    (api, Delt::start(command, admin, &served.file("twin.log")))
}

async fn connect(served: &Served, api: SocketAddr, citizen: Option<&str>) -> Option<Connection> {
    let system = citizen.map_or(REGION_H, |_| "sundhedsportal");
    let mut settings = settings(&served.profile, api, system);
    settings.retry.retries = 0;
    if let Some(number) = citizen {
        let holder = Holder::Citizen(test_person(number));
        let token = token(&served.profile, &holder, system, &[]);
        settings = settings.with_token(TokenSource::text(token));
    }
    Connection::connect(settings).await.ok()
}

/// Asks one hub until the end; begins anew where nothing comes. Every second caller registers, the others look.
async fn ask(served: &Served, api: SocketAddr, number: usize, kept: &Kept) {
    let person = [LONNI, EINER][number / 2 % 2];
    let looks = number.is_multiple_of(2).then_some(person);
    while !kept.ended.load(Ordering::Relaxed) {
        let Some(caller) = connect(served, api, looks).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while !kept.ended.load(Ordering::Relaxed) {
            let asking = async {
                match looks {
                    Some(person) => search(&caller, person).await.ok()?.receipts.pop(),
                    None => {
                        try_register(&caller, &note(REGION_H, person))
                            .await
                            .ok()?
                            .receipt
                    }
                }
            };
            let Ok(Some(receipt)) = tokio::time::timeout(PATIENCE, asking).await else {
                break;
            };
            kept.receipts.lock().unwrap().push(receipt);
            if api == served.api {
                kept.steady.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// How many connections the database has ended because of an error, such as a transaction that nobody went on with.
async fn ended_by_the_database(url: &str) -> i64 {
    let mut store = PgConnection::connect(url).await.unwrap();
    let count = "SELECT sessions_fatal FROM pg_stat_database WHERE datname = current_database()";
    let count = sqlx::query_scalar(count).fetch_one(&mut store).await;
    store.close().await.unwrap();
    count.unwrap()
}

/// Stops the twin and lets it go on, again and again; the checkpoints that were seen meanwhile.
async fn pause(
    served: &Served,
    (api, twin): &(SocketAddr, Delt),
    url: &str,
    kept: &Kept,
) -> Vec<String> {
    let mut seen = Vec::new();
    let steady = || kept.steady.load(Ordering::Relaxed);
    let reader = served.system(REGION_H).await;
    for number in 0..PAUSES_MAX {
        tokio::time::sleep(Duration::from_millis(400 + 37 * number)).await;
        twin.signal("STOP");
        let before = steady();
        tokio::time::sleep(PAUSE).await;
        let meanwhile = steady() - before;
        seen.push(checkpoint(&reader).await.0);
        twin.signal("CONT");
        assert!(meanwhile > 0, "the other hub answers while one is stopped");
        if let Some(reader) = connect(served, *api, None).await {
            seen.push(checkpoint(&reader).await.0);
        }
        if number + 1 >= PAUSES && ended_by_the_database(url).await > 0 {
            break;
        }
    }
    kept.ended.store(true, Ordering::Relaxed);
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_was_stopped_and_goes_on_neither_forks_the_log_nor_loses_what_it_acknowledged() {
    let url = Postgres::shared().database();
    let served = Served::start(Some(url.clone()));
    let twin = twin(&served);
    let kept = Kept::default();
    let callers = [served.api, twin.0]
        .into_iter()
        .flat_map(|api| (0..CALLERS).map(move |number| (api, number)));
    let callers = callers.map(|(api, number)| ask(&served, api, number, &kept));
    let (seen, _) = tokio::join!(pause(&served, &twin, &url, &kept), join_all(callers));
    assert!(
        ended_by_the_database(&url).await > 0,
        "it was never stopped within a transaction"
    );

    // The log has grown from every checkpoint that was seen, and no chain has a gap.
    let supervisor = served.professional("dpo", "tilsyn").await;
    let exported = verified(&supervisor, &seen).await;
    let config = served.profile.config();
    exported.check_heads(&chain_key(
        &*config.secrets().unwrap().patient,
        &config.audit.origin,
    ));
    let receipts = kept.receipts.into_inner().unwrap();
    assert!(receipts.len() > 50, "{} answers", receipts.len());
    for receipt in receipts {
        let leaf = Hash::from_slice(&receipt.leaf_hash).unwrap();
        assert_eq!(
            exported.leaves.get(&receipt.entry_id),
            Some(&leaf),
            "{}",
            receipt.entry_id
        );
    }
    drop(twin);
}
