//! Spans to the collector.

use std::{fmt, time::Duration};

use delt_hub::trace::TARGET;
use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithTonicConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use tonic::transport::Channel;
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::resource;
use crate::config::Telemetry;

/// Spans that wait to be sent; further ones are lost. A second of a busy hub.
const WAITING: usize = 16_384;
/// Spans in one message.
const BATCH: usize = 1_024;
/// How long the last of them may take at the end.
const FAREWELL: Duration = Duration::from_secs(3);

/// What sends the spans. Kept to the end, so that the last of them are sent too.
pub(crate) struct Spans(SdkTracerProvider);

/// The sender, and the layer that gives it the spans of [`TARGET`] and nothing else: no log line, no library's span, no place in the code.
pub(crate) fn spans<S>(
    telemetry: &Telemetry,
    collector: Channel,
) -> Option<(Spans, impl Layer<S> + Send + Sync + use<S>)>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_channel(collector)
        .build()
        .ok()?;
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(WAITING)
        .with_max_export_batch_size(BATCH)
        .build();
    let sender = BatchSpanProcessor::builder(exporter)
        .with_batch_config(batches)
        .build();
    let attributes = resource(telemetry).map(|(key, value)| KeyValue::new(key, value));
    // Who calls decides where a trace begins; where nobody has decided, the ratio does.
    let sampler = Sampler::TraceIdRatioBased(telemetry.sample_ratio.fraction());
    let provider = SdkTracerProvider::builder()
        .with_span_processor(sender)
        .with_sampler(Sampler::ParentBased(Box::new(sampler)))
        .with_resource(
            Resource::builder_empty()
                .with_attributes(attributes)
                .build(),
        )
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("delt"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(|metadata| {
            metadata.is_span() && metadata.target() == TARGET
        }));
    Some((Spans(provider), layer))
}

impl Spans {
    /// Sends the last of them. Waits for the collector, so it is called where waiting holds up nobody.
    pub(crate) fn stop(&self) {
        // A collector that is not there has said so before.
        let _ = self.0.shutdown_with_timeout(FAREWELL);
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spans(…)")
    }
}
