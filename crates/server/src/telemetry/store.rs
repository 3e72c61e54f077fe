//! How busy the store is: connections in use, what waits for its writers, and how many share a commit.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use delt_hub::StoreLoad;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::{MetricType, gauge::Gauge},
    registry::Registry,
};

#[derive(Debug, Clone, Default)]
pub(super) struct StoreMetrics {
    open: Gauge,
    used: Gauge,
    commands: Gauge,
    entries: Gauge,
    batches: Batches,
}

/// Counted by the store; here it is only shown.
#[derive(Debug, Clone, Default)]
struct Batches(Arc<Mutex<StoreLoad>>);

impl StoreMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "store_connections",
            "Open connections of the pool that reads use",
            self.open.clone(),
        );
        registry.register(
            "store_connections_used",
            "How many of them are in use",
            self.used.clone(),
        );
        registry.register(
            "store_queue_commands",
            "Commands that wait for a writer; on SQLite entries of the log too, in the same queue",
            self.commands.clone(),
        );
        registry.register(
            "store_queue_entries",
            "Entries of the log that wait for their writer",
            self.entries.clone(),
        );
        registry.register_collector(Box::new(self.batches.clone()));
    }

    pub(super) fn set(&self, load: &StoreLoad) {
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.open.set(gauge(load.connections));
        self.used.set(gauge(load.connections_used));
        self.commands.set(gauge(load.commands_waiting));
        self.entries.set(gauge(load.entries_waiting));
        let mut batches = self
            .batches
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        batches.clone_from(load);
    }
}

impl Collector for Batches {
    #[expect(clippy::cast_precision_loss, reason = "a sum for a chart")]
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let load = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut metric = encoder.encode_descriptor(
            "store_batch_size",
            "Commands and entries that shared a commit",
            None,
            MetricType::Histogram,
        )?;
        let count = load.batches.iter().map(|(_, count)| count).sum();
        let bounds = load
            .batches
            .iter()
            .map(|(bound, count)| (f64::from(*bound), *count));
        let mut buckets: Vec<(f64, u64)> = bounds.collect();
        buckets.push((f64::MAX, 0));
        metric.encode_histogram::<NoLabelSet>(load.batched as f64, count, &buckets, None)
    }
}
