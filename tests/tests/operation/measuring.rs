//! A hub that can leave its access log out works on stores that were made for that, and on no other; and no other hub works on those.

use std::net::{Ipv4Addr, SocketAddr};

use delt_server::config::{Config, Store};
use delt_server::profile::Profile;
use delt_server::serve::{StartError, start, start_for_measuring};
use delt_tests::calls::register;
use delt_tests::entries::{LONNI, REGION_H, note};
use delt_tests::hub::{Backend, Groundwork, TestHub};
use delt_tests::on_both;
use delt_tests::postgres::Postgres;

fn refused<T>(started: Result<T, StartError>, why: &str) {
    let said = started.map(drop).unwrap_err().to_string();
    assert!(said.contains(why), "{said}");
}

/// A hub's configuration on a store that nobody has opened yet.
async fn fresh(backend: Backend, profile: &Profile) -> Config {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut config = profile.config_at(any, any).expect("loopback");
    if backend == Backend::Postgres {
        let database = tokio::task::spawn_blocking(|| Postgres::shared().database()).await;
        config.store = Store::with_url(database.expect("a fresh database"));
    }
    config
}

on_both! {
    async fn a_store_of_records_is_never_measured_on(backend) {
        let hub = TestHub::start(backend).await;
        register(&hub.system(REGION_H).await, &note(REGION_H, LONNI)).await;
        refused(start_for_measuring(hub.config()).await, "not made for measuring");
        assert!(hub.running.hub.set_audited(false).is_err());
        // It is still what it was, also for a hub that begins anew.
        let hub = hub.restart().await;
        refused(start_for_measuring(hub.config()).await, "not made for measuring");
        hub.running.stop().await;
    }

    async fn a_store_made_for_measuring_never_holds_records(backend) {
        let ground = Groundwork::lay();
        let config = fresh(backend, &ground.profile).await;
        let measuring = start_for_measuring(&config).await.expect("the store is empty");
        measuring.hub.set_audited(false).expect("it measures");
        measuring.stop().await;
        refused(start(&config).await, "was made for measuring");
        let again = start_for_measuring(&config).await.expect("the store was made for it");
        again.stop().await;
        refused(start(&config).await, "was made for measuring");
    }

    async fn a_hub_that_measures_answers_on_loopback_only(backend) {
        let ground = Groundwork::lay();
        let mut config = fresh(backend, &ground.profile).await;
        "0.0.0.0:0".clone_into(&mut config.listen.api);
        refused(start_for_measuring(&config).await, "loopback");
        "127.0.0.1:0".clone_into(&mut config.listen.api);
        "0.0.0.0:0".clone_into(&mut config.listen.admin);
        refused(start_for_measuring(&config).await, "loopback");
        // Nothing was opened, so the store is still anybody's.
        "127.0.0.1:0".clone_into(&mut config.listen.admin);
        start(&config).await.expect("a fresh store").stop().await;
    }
}
