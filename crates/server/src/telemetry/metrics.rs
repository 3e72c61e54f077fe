//! The metrics of `/metrics`, in the `OpenMetrics` text format.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use delt_hub::{
    StoreLoad,
    audit::{LogHealth, LogUpkeep, Witnessing},
};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use super::{
    admission::{AdmissionMetrics, NotAdmitted, Places},
    labels::{
        HandshakeFailure, HandshakeLabel, OperationLabel, Outcome, PolicyLabel, ReloadLabel,
        ReloadOutcome, RequestLabels, WitnessLabel, WitnessProblemLabels,
    },
    store::StoreMetrics,
    upkeep::UpkeepMetrics,
};

/// Upper bounds of the latency histogram, in seconds: from a cached answer to the longest deadline of a source.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// All metrics of one hub. Cheap to clone; the clones count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    duration: Family<OperationLabel, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    admission: AdmissionMetrics,
    handshake_failures: Family<HandshakeLabel, Counter>,
    audit_lag: Gauge<f64, AtomicU64>,
    checkpoint_age: Gauge<f64, AtomicU64>,
    log_entries: Gauge,
    store_bytes: Gauge,
    disk_free: Gauge,
    upkeep: UpkeepMetrics,
    store: StoreMetrics,
    relation_alerts: Gauge,
    review_lag: Gauge,
    cosigned_lag: Gauge<f64, AtomicU64>,
    cosigned_entries: Gauge,
    contradicting: Gauge,
    witness_lag: Family<WitnessLabel, Gauge<f64, AtomicU64>>,
    witness_behind: Family<WitnessLabel, Gauge>,
    witness_problem: Family<WitnessProblemLabels, Gauge>,
    reloads: Family<ReloadLabel, Counter>,
    policy: Family<PolicyLabel, Gauge>,
}

impl Metrics {
    /// Fresh counters. `version` goes into `delt_build_info`.
    pub fn new(version: &str) -> Self {
        let mut registry = Registry::with_prefix("delt");
        let mut metrics = Self {
            registry: Arc::default(),
            requests: Family::default(),
            duration: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            admission: AdmissionMetrics::default(),
            handshake_failures: Family::default(),
            audit_lag: Gauge::default(),
            checkpoint_age: Gauge::default(),
            log_entries: Gauge::default(),
            store_bytes: Gauge::default(),
            disk_free: Gauge::default(),
            upkeep: UpkeepMetrics::default(),
            store: StoreMetrics::default(),
            relation_alerts: Gauge::default(),
            review_lag: Gauge::default(),
            cosigned_lag: Gauge::default(),
            cosigned_entries: Gauge::default(),
            contradicting: Gauge::default(),
            witness_lag: Family::default(),
            witness_behind: Family::default(),
            witness_problem: Family::default(),
            reloads: Family::default(),
            policy: Family::default(),
        };
        metrics.register(&mut registry);
        let version = vec![("version", version.to_owned())];
        registry.register("build", "The running program", Info::new(version));
        metrics.registry = Arc::new(registry);
        metrics
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "requests",
            "Requests by operation and outcome",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "Time from a request's arrival to its answer",
            Unit::Seconds,
            self.duration.clone(),
        );
        registry.register(
            "requests_in_flight",
            "Requests being worked on",
            self.in_flight.clone(),
        );
        registry.register(
            "connections",
            "Open connections of the API port",
            self.connections.clone(),
        );
        registry.register(
            "handshake_failures",
            "Connections that ended in the TLS handshake",
            self.handshake_failures.clone(),
        );
        registry.register_with_unit(
            "audit_seal_lag",
            "Age of the oldest audit entry that no checkpoint covers yet",
            Unit::Seconds,
            self.audit_lag.clone(),
        );
        self.admission.register(registry);
        self.register_log(registry);
        self.upkeep.register(registry);
        self.store.register(registry);
        registry.register(
            "relation_alerts",
            "Number of the last alert about an attestation that nothing confirmed",
            self.relation_alerts.clone(),
        );
        registry.register(
            "review_lag_leaves",
            "Sealed audit entries that the rules of review have not looked at",
            self.review_lag.clone(),
        );
        self.register_witnesses(registry);
        registry.register(
            "reloads",
            "Times that policies and directory were read again, by outcome",
            self.reloads.clone(),
        );
        registry.register(
            "policy_info",
            "The role policies in force",
            self.policy.clone(),
        );
    }

    fn register_log(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "log_checkpoint_age",
            "Time since the newest checkpoint was signed; a log that nobody uses signs none",
            Unit::Seconds,
            self.checkpoint_age.clone(),
        );
        registry.register(
            "log_entries",
            "Entries that the newest checkpoint covers; its rate is the entries of a second",
            self.log_entries.clone(),
        );
        registry.register_with_unit(
            "store",
            "What the database holds",
            Unit::Bytes,
            self.store_bytes.clone(),
        );
        registry.register_with_unit(
            "store_disk_free",
            "Room that is left where an embedded database lies; 0 where the database is a server's",
            Unit::Bytes,
            self.disk_free.clone(),
        );
    }

    fn register_witnesses(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "cosigned_lag",
            "How long the log has been ahead of its newest checkpoint that the witness policy is content with",
            Unit::Seconds,
            self.cosigned_lag.clone(),
        );
        registry.register(
            "cosigned_entries",
            "Entries that the newest checkpoint covers that the witness policy is content with",
            self.cosigned_entries.clone(),
        );
        registry.register_with_unit(
            "witness_lag",
            "How long the log has been ahead of what a witness has cosigned",
            Unit::Seconds,
            self.witness_lag.clone(),
        );
        registry.register(
            "witness_lag_entries",
            "Entries of the newest checkpoint that a witness has not cosigned",
            self.witness_behind.clone(),
        );
        registry.register(
            "witnesses_contradict",
            "Witnesses that say that this log is not the one they have seen",
            self.contradicting.clone(),
        );
        registry.register(
            "witness_problem",
            "1 for a witness that does not cosign, by the reason",
            self.witness_problem.clone(),
        );
    }

    /// Sets how the witnessing of the log is doing, over all hubs of the store.
    pub fn witnessing(&self, state: &Witnessing) {
        let seconds = |lag: i64| Duration::from_micros(lag.unsigned_abs()).as_secs_f64();
        self.cosigned_lag.set(seconds(state.lag));
        self.cosigned_entries
            .set(gauge(state.published_size.unwrap_or(0)));
        let contradicting = state.witnesses.iter().filter(|one| one.contradicts());
        self.contradicting
            .set(gauge(contradicting.count().try_into().unwrap_or(u64::MAX)));
        self.witness_problem.clear();
        for one in &state.witnesses {
            let label = WitnessLabel {
                witness: one.name.clone(),
            };
            let behind = state.tree_size.saturating_sub(one.tree_size);
            self.witness_lag.get_or_create(&label).set(seconds(one.lag));
            self.witness_behind.get_or_create(&label).set(gauge(behind));
            if let Some(problem) = &one.problem {
                let labels = WitnessProblemLabels {
                    witness: one.name.clone(),
                    problem: problem.clone(),
                };
                self.witness_problem.get_or_create(&labels).set(1);
            }
        }
    }

    /// Counts a reload.
    pub fn reloaded(&self, outcome: ReloadOutcome) {
        self.reloads.get_or_create(&ReloadLabel { outcome }).inc();
    }

    /// Says which edition of the role policies is in force.
    pub fn policy(&self, version: &str) {
        self.policy.clear();
        let version = version.to_owned();
        self.policy.get_or_create(&PolicyLabel { version }).set(1);
    }

    /// Counts a request from now on. `operation` is a name from the code, never from the request.
    pub fn request(&self, operation: &'static str) -> Request {
        self.in_flight.inc();
        let started = Instant::now();
        Request {
            metrics: self.clone(),
            operation,
            started,
            outcome: Outcome::Abandoned,
        }
    }

    /// Sets how the log is doing.
    pub fn log(&self, health: &LogHealth) {
        let seconds = |micros: i64| Duration::from_micros(micros.unsigned_abs()).as_secs_f64();
        self.audit_lag.set(seconds(health.seal_lag));
        self.checkpoint_age.set(seconds(health.checkpoint_age));
        self.log_entries.set(gauge(health.entries));
        self.store_bytes.set(gauge(health.store_bytes));
    }

    /// Sets how much room an embedded database has left, in bytes.
    pub fn disk_free(&self, bytes: u64) {
        self.disk_free.set(gauge(bytes));
    }

    /// Sets how many sealed entries the rules of review have not looked at.
    pub fn review_lag(&self, leaves: u64) {
        self.review_lag.set(gauge(leaves));
    }

    /// Sets what upkeep of the log has done.
    pub fn upkeep(&self, done: LogUpkeep) {
        self.upkeep.set(done);
    }

    /// Sets how busy the store is.
    pub fn store(&self, load: &StoreLoad) {
        self.store.set(load);
    }

    /// Sets how many attestations have become alerts, over all hubs of the store.
    pub fn relation_alerts(&self, count: u64) {
        self.relation_alerts.set(gauge(count));
    }

    pub(crate) fn handshake_failed(&self, reason: HandshakeFailure) {
        self.handshake_failures
            .get_or_create(&HandshakeLabel { reason })
            .inc();
    }

    pub(crate) fn connection_opened(&self) -> OpenConnection {
        self.connections.inc();
        OpenConnection(self.connections.clone())
    }

    /// The gauge of one pool's places.
    pub(crate) fn places(&self, pool: &'static str) -> Places {
        self.admission.places(pool)
    }

    /// Counts a request that was turned away at the door. `system` is a registered system's id, or empty.
    pub(crate) fn not_admitted(&self, reason: NotAdmitted, system: &str) {
        self.admission.refused(reason, system);
    }

    /// All of it as `OpenMetrics` text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A request that is being counted. Dropped without [`Request::end`], it counts as abandoned.
#[derive(Debug)]
pub struct Request {
    metrics: Metrics,
    operation: &'static str,
    started: Instant,
    outcome: Outcome,
}

impl Request {
    pub fn end(mut self, outcome: Outcome) {
        self.outcome = outcome;
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let operation = self.operation;
        let labels = RequestLabels {
            operation,
            outcome: self.outcome,
        };
        self.metrics.requests.get_or_create(&labels).inc();
        let duration = self
            .metrics
            .duration
            .get_or_create(&OperationLabel { operation });
        duration.observe(self.started.elapsed().as_secs_f64());
        self.metrics.in_flight.dec();
    }
}

/// Lowers the gauge of open connections when the connection ends, however it ends.
#[derive(Debug)]
pub(crate) struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
#[path = "metrics_tests.rs"]
mod tests;
