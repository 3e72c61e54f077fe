//! A hub on a clock that the test moves, for what holds for years or months.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use delt_client::Connection;
use delt_client::proto::audit::v1::{EntryFilter, SearchEntriesRequest};
use delt_hub::clock::{Clock, Micros, SECOND};
use delt_hub::entropy::SystemEntropy;
use delt_ledger::Entry;
use delt_server::config::Config;
use delt_server::profile::{Holder, SourceAddresses};
use delt_server::serve::{self, Running};
use prost_types::Timestamp;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::hub::{Backend, Groundwork, TestHub, sample, test_person, token_at};

/// When every such hub starts: the test persons have the ages that the tests say.
const START: OffsetDateTime = datetime!(2026-11-23 09:00 UTC);
/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// The hands of the clock, in microseconds.
#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Micros {
        self.0.load(Ordering::SeqCst)
    }
}

/// The Danish profile knows normal confidentiality only; sources that are merely warned may register what is restricted.
fn lenient(config: &mut Config) {
    let file = &config.directory.systems_file;
    let systems = std::fs::read_to_string(file).expect("the profile's systems");
    let warned = systems.replace("\"validation\": \"reject\"", "\"validation\": \"warn\"");
    assert_ne!(warned, systems, "no source is held to the profile");
    std::fs::write(file, warned).expect("a file");
    // The clock leaps; what is due then must not wait for the machine's own time.
    config.policy.follow_up_interval_ms = 100;
    config.review.interval_ms = 100;
}

/// A hub and its clock.
#[derive(Debug)]
pub struct TimedHub {
    pub hub: TestHub,
    hands: Arc<Hands>,
}

impl TimedHub {
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, |_| {}).await
    }

    /// With a changed configuration.
    pub async fn start_with(backend: Backend, change: impl FnOnce(&mut Config)) -> Self {
        let change = |config: &mut Config| {
            lenient(config);
            change(config);
        };
        let hands = Arc::new(Hands(AtomicI64::new(START.unix_timestamp() * SECOND)));
        let sources = SourceAddresses::default();
        let entropy = Arc::new(SystemEntropy::default());
        let hub = Groundwork::lay().start_at(backend, &sources, change, hands.clone(), entropy);
        let hub = hub.await;
        Self { hub, hands }
    }

    /// A second hub on the same store and clock.
    pub async fn twin(&self) -> Running {
        let entropy = Arc::new(SystemEntropy::default());
        let started = serve::start_with(self.hub.config(), self.hands.clone(), entropy).await;
        started.expect("a second hub starts")
    }

    /// So many seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.hands.0.fetch_add(seconds * SECOND, Ordering::SeqCst);
    }

    /// It becomes this moment, which lies ahead.
    pub fn wait_until(&self, moment: OffsetDateTime) {
        let until = moment.unix_timestamp() * SECOND;
        assert!(until >= self.hands.now(), "a clock does not go back");
        self.hands.0.store(until, Ordering::SeqCst);
    }

    pub fn now(&self) -> OffsetDateTime {
        let nanos = i128::from(self.hands.now()) * 1_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("a moment in the calendar")
    }

    /// So many seconds from now, on the wire.
    pub fn after(&self, seconds: i64) -> Timestamp {
        Timestamp {
            seconds: self.now().unix_timestamp() + seconds,
            nanos: 0,
        }
    }

    /// Somebody at work in a system, with a token of the clock's own time.
    pub async fn person(&self, holder: &Holder, system: &str, purposes: &[&str]) -> Connection {
        let token = token_at(&self.hub.profile, holder, system, purposes, self.now());
        self.hub
            .connect(self.hub.running.api, system, Some(token))
            .await
    }

    pub async fn professional(&self, key: &str, system: &str, purposes: &[&str]) -> Connection {
        let holder = Holder::Professional(sample(key));
        self.person(&holder, system, purposes).await
    }

    /// A helper under a responsible professional.
    pub async fn helper(
        &self,
        key: &str,
        under: &str,
        system: &str,
        purposes: &[&str],
    ) -> Connection {
        let holder = Holder::Helper {
            acting: sample(key),
            responsible: sample(under),
        };
        self.person(&holder, system, purposes).await
    }

    pub async fn citizen(&self, cpr: &str) -> Connection {
        let holder = Holder::Citizen(test_person(cpr));
        self.person(&holder, "sundhedsportal", &[]).await
    }

    /// A citizen who says that they may act for another.
    pub async fn citizen_for(&self, cpr: &str, other: &str, relation: &str) -> Connection {
        let holder = Holder::CitizenFor {
            acting: test_person(cpr),
            other: test_person(other),
            relation: relation.to_owned(),
        };
        self.person(&holder, "sundhedsportal", &[]).await
    }

    /// The newest entry of the access log about an operation, and its text.
    pub async fn logged(&self, operation: &str) -> (Entry, String) {
        // So that no two entries have one time.
        self.pass(1);
        let filter = EntryFilter {
            operation: operation.to_owned(),
            ..EntryFilter::default()
        };
        let request = SearchEntriesRequest {
            filter: Some(filter),
            ..SearchEntriesRequest::default()
        };
        let supervisor = self.professional("dpo", "tilsyn", &[]).await;
        let found = supervisor.audit().search(request).await;
        let mut found = found.expect("the supervisor may search").entries;
        let json = found.swap_remove(0).entry_json;
        let entry = Entry::from_json(&json).expect("an entry");
        (entry, String::from_utf8_lossy(&json).into_owned())
    }
}
