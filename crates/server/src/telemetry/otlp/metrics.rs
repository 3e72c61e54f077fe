//! Metrics to the collector, every so often.

use std::time::Duration;

use delt_hub::clock::{Clock as _, SystemClock};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use tonic::transport::Channel;

use super::{
    convert::{Times, request},
    read::families,
    resource,
};
use crate::{config::Telemetry, tasks::Shutdown, telemetry::Metrics};

/// Sends what stands at `/metrics` until shutdown, and then once more.
pub(crate) async fn push(
    metrics: Metrics,
    telemetry: Telemetry,
    collector: Channel,
    stop: Shutdown,
) {
    let mut client = MetricsServiceClient::new(collector);
    let start = nanos();
    let interval = Duration::from_millis(telemetry.otlp_interval_ms);
    let mut failing = false;
    loop {
        let last = tokio::select! {
            () = stop.requested() => true,
            () = tokio::time::sleep(interval) => false,
        };
        let text = metrics.encode().unwrap_or_default();
        let times = Times {
            start,
            now: nanos(),
        };
        let sent = client
            .export(request(resource(&telemetry), &families(&text), times))
            .await;
        // Once when it begins to fail, and not every time.
        if let (Err(status), false) = (&sent, failing) {
            tracing::warn!(code = ?status.code(), "the collector does not take the metrics");
        }
        failing = sent.is_err();
        if last {
            return;
        }
    }
}

/// Since 1970.
fn nanos() -> u64 {
    u64::try_from(SystemClock.now())
        .unwrap_or_default()
        .saturating_mul(1_000)
}
