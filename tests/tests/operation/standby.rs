//! A hub with a standby of its database: the log is searched there, and nobody sees a difference.

use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::audit::v1::EntryFilter;
use delt_server::config::Store;
use delt_server::profile::SourceAddresses;
use delt_tests::alone::alone;
use delt_tests::calls::log;
use delt_tests::entries::LONNI;
use delt_tests::hub::{Backend, TestHub};
use delt_tests::postgres::{Durability, Postgres};
use delt_tests::samples::{lonni_at_the_hospital, search};

/// How often the log's entries were scanned at a server, as it counts them: a second late at most.
const SCANS: &str = "SELECT COALESCE(SUM(seq_scan + COALESCE(idx_scan, 0)), 0) FROM pg_stat_user_tables WHERE relname LIKE 'log_entry%'";

struct Room {
    server: Postgres,
    standby: String,
    hub: TestHub,
    doctor: Connection,
    /// Searches so far.
    searches: usize,
}

impl Room {
    async fn new() -> Self {
        let servers = tokio::task::spawn_blocking(|| {
            let server = Postgres::start(Durability::Durable);
            let url = server.database();
            let standby = server.start_standby(&url);
            (server, url, standby)
        });
        let (server, url, standby) = servers.await.unwrap();
        let store = Store {
            standby_url: Some(standby.clone()),
            ..Store::with_url(url)
        };
        let hub = TestHub::start_with(Backend::Sqlite, &SourceAddresses::default(), |config| {
            config.store = store;
        })
        .await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        let mut room = Self {
            server,
            standby,
            hub,
            doctor,
            searches: 0,
        };
        room.searches = room.logged().await;
        room
    }

    /// The searches of records that the log shows.
    async fn logged(&self) -> usize {
        let filter = EntryFilter {
            operation: "SearchRecord".to_owned(),
            ..EntryFilter::default()
        };
        log(&self.hub, filter).await.len()
    }

    /// A search of a record is in the log as soon as it is answered.
    async fn search_and_see_it_logged(&mut self) {
        search(&self.doctor, LONNI).await.unwrap();
        self.searches += 1;
        assert_eq!(self.logged().await, self.searches);
    }

    /// Waits until the standby has scanned the log.
    async fn has_read_there(&self) {
        for _ in 0..200 {
            if self.server.ask(&self.standby, SCANS) != "0" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the standby was never read");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_searched_there_and_nobody_sees_a_difference() {
    let _alone = alone().await;
    let mut room = Room::new().await;
    for _ in 0..5 {
        room.search_and_see_it_logged().await;
    }
    room.has_read_there().await;
    room.server
        .ask(&room.standby, "SELECT pg_wal_replay_pause()");
    room.search_and_see_it_logged().await;
    room.server.crash_standby();
    room.search_and_see_it_logged().await;
    room.hub.running.stop().await;
}
