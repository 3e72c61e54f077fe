//! The metrics of the log's upkeep: partitions ahead of their month, and the end of retention.

use delt_hub::audit::LogUpkeep;
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

#[derive(Clone, Default)]
pub(super) struct UpkeepMetrics {
    partitions: Gauge,
    erased: Gauge,
    failures: Gauge,
}

impl UpkeepMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "audit_partitions_ready",
            "Of this month and the next three, how many have a partition of their own; 0 on SQLite, which needs none",
            self.partitions.clone(),
        );
        registry.register(
            "audit_erased_entries",
            "Entries that this hub has erased since its start at the end of their retention",
            self.erased.clone(),
        );
        registry.register(
            "audit_upkeep_failures",
            "How often since its start a partition could not be made or expired entries not be erased",
            self.failures.clone(),
        );
    }

    pub(super) fn set(&self, done: LogUpkeep) {
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.partitions.set(gauge(done.partitions_ready));
        self.erased.set(gauge(done.erased));
        self.failures.set(gauge(done.failures));
    }
}
