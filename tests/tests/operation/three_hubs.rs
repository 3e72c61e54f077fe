//! Three hubs on one database behind a proxy: one is killed, one freezes, all are restarted one after another, under a load that keeps account.

use std::time::Duration;

use delt_client::proto::message::v1::ReceiveMessagesRequest;
use delt_client::{Backoff, Inbox};
use delt_server::config::Store;
use delt_tests::alone::alone;
use delt_tests::entries::GP;
use delt_tests::fleet::Fleet;
use delt_tests::load::{Load, Sums, impatient};
use delt_tests::postgres::{Durability, Postgres};

/// So much must be done between two incidents: by those who register, and by those who search.
const STEPS: usize = 30;

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// A database whose commits are durable, and three hubs on it.
async fn three_hubs() -> (Postgres, Fleet) {
    blocking(|| {
        let server = Postgres::start(Durability::Durable);
        let fleet = Fleet::start(&Store::with_url(server.database()), 3);
        (server, fleet)
    })
    .await
}

/// Receivers who wait at empty mailboxes, one at each hub: the proxy gives a new connection to the hub that has the fewest.
async fn waiting(fleet: &Fleet) -> Vec<Inbox> {
    let mut inboxes = Vec::new();
    for _ in 0..3 {
        let receiver = fleet.callers.connect(GP, None, Backoff::default());
        let inbox = receiver
            .messages()
            .receive(ReceiveMessagesRequest::default())
            .await;
        inboxes.push(inbox.expect("a receiver may wait"));
    }
    inboxes
}

fn report(name: &str, sums: &Sums) {
    let (pointers, searches) = (sums.pointers.len(), sums.searches);
    eprintln!(
        "{name}: {pointers} pointers, {searches} searches, errors: {:?}",
        sums.errors
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_killed_and_one_freezes_and_nobody_notices() {
    let _alone = alone().await;
    let (_server, mut fleet) = three_hubs().await;
    let with_retry = Load::start(&fleet.callers, Backoff::default()).await;
    let without = Load::start(&fleet.callers, impatient()).await;
    with_retry.goes_on(STEPS).await;

    tokio::task::block_in_place(|| fleet.hubs[0].kill());
    with_retry.goes_on(STEPS).await;

    fleet.hubs[1].signal("STOP");
    tokio::time::sleep(Duration::from_secs(10)).await;
    with_retry.goes_on(STEPS).await;
    fleet.hubs[1].signal("CONT");
    tokio::task::block_in_place(|| fleet.restart(0));
    with_retry.goes_on(STEPS).await;

    // All that is left is the one that was frozen and the one that came back.
    tokio::task::block_in_place(|| fleet.hubs[2].kill());
    with_retry.goes_on(STEPS).await;

    let retried = with_retry.settle().await;
    let once = without.settle().await;
    report("with the SDK's retry", &retried);
    report("without", &once);
    assert!(
        retried.errors.is_empty(),
        "{:?}\n{}",
        retried.errors,
        fleet.front_log()
    );
    assert!(
        !once.errors.is_empty(),
        "nobody was hit: the incidents were none"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_restarted_in_turn_and_drops_no_request() {
    let _alone = alone().await;
    let (_server, mut fleet) = three_hubs().await;
    let load = Load::start(&fleet.callers, Backoff::default()).await;
    let without = Load::start(&fleet.callers, impatient()).await;
    load.goes_on(STEPS).await;
    for number in 0..3 {
        let _waiting = waiting(&fleet).await;
        let status = tokio::task::block_in_place(|| fleet.hubs[number].stop());
        assert!(status.success(), "{status}");
        let log = fleet.hubs[number].log();
        assert!(
            log.contains("api port closed stopped=0"),
            "requests were cut:\n{log}"
        );
        tokio::task::block_in_place(|| fleet.restart(number));
        load.goes_on(STEPS).await;
    }
    let sums = load.settle().await;
    report("three restarts, with the SDK's retry", &sums);
    report("three restarts, without", &without.settle().await);
    assert!(
        sums.errors.is_empty(),
        "{:?}\n{}",
        sums.errors,
        fleet.front_log()
    );
}
