//! The primary of a PostgreSQL cluster is killed under load: nothing that was acknowledged is lost, and the hubs go on by themselves.

use std::time::Instant;

use delt_server::config::Store;
use delt_tests::alone::alone;
use delt_tests::cluster::Cluster;
use delt_tests::fleet::Fleet;
use delt_tests::load::{Load, patient};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_primary_takes_nothing_with_it_and_another_takes_its_place() {
    let _alone = alone().await;
    let started = || {
        let cluster = Cluster::start();
        let fleet = Fleet::start(&Store::with_url(cluster.url()), 2);
        (cluster, fleet)
    };
    let (mut cluster, fleet) = tokio::task::spawn_blocking(started).await.unwrap();
    let load = Load::start(&fleet.callers, patient()).await;
    load.goes_on(30).await;

    let killed = tokio::task::block_in_place(|| cluster.kill_primary());
    #[expect(
        clippy::disallowed_methods,
        reason = "told to whoever reads the test's output, and asserted nowhere"
    )]
    let since = Instant::now();
    load.goes_on(1).await;
    eprintln!(
        "primary {killed} killed; served again after {:.1} s",
        since.elapsed().as_secs_f64()
    );
    cluster.restart(&killed);
    load.goes_on(30).await;

    let sums = load.settle().await;
    eprintln!(
        "{} pointers, {} searches, errors: {:?}",
        sums.pointers.len(),
        sums.searches,
        sums.errors
    );
    assert!(
        sums.errors.is_empty(),
        "the SDK's retry outlasts a fail-over: {:?}",
        sums.errors
    );
}
