//! What the hub says about itself: a log on standard error, metrics, and where an operator names a collector, spans.
//!
//! None of them holds personal data. Log fields are named by the code that writes them; metric labels are closed sets.

mod admission;
pub(crate) mod disk;
mod labels;
mod metrics;
pub(crate) mod otlp;
pub(crate) mod span;
mod store;
mod upkeep;

pub(crate) use admission::{NotAdmitted, Places};
pub use labels::{HandshakeFailure, Outcome, ReloadOutcome};
pub use metrics::{Metrics, Request};

use otlp::Spans;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::config::{LogFormat, Problem, Telemetry};

/// Why the log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log filter: {0}")]
    Filter(#[from] ParseError),
    #[error("the log is already started: {0}")]
    Started(#[from] TryInitError),
    #[error("{}: {}", .0.field, .0.description)]
    Collector(Problem),
}

/// The log, and the spans where they are collected. Kept to the end.
#[derive(Debug)]
pub struct Started(Option<Spans>);

impl Started {
    /// Sends what has not been sent yet. Waits for the collector, a few seconds at most.
    pub async fn stop(self) {
        if let Some(spans) = self.0 {
            let sent = tokio::task::spawn_blocking(move || spans.stop());
            // What broke off there has nobody else to tell.
            let _ = sent.await;
        }
    }
}

/// Starts the log, and the sending of spans where a collector is named; once per process. `filter` (from `DELT_LOG`) goes before the one of the
/// configuration.
pub fn start(telemetry: &Telemetry, filter: Option<&str>) -> Result<Started, TelemetryError> {
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    // Spans are for the collector: in a log line they would say nothing new.
    let spans_off = format!("{}=off", delt_hub::trace::TARGET).parse()?;
    let filter = parse_filter(filter.unwrap_or(&telemetry.filter))?.add_directive(spans_off);
    let registry =
        tracing_subscriber::registry().with(lines(telemetry.log_format).with_filter(filter));
    let collector = otlp::channel(telemetry).map_err(TelemetryError::Collector)?;
    let spans = collector.and_then(|collector| otlp::spans(telemetry, collector));
    let started = if let Some((spans, layer)) = spans {
        registry.with(layer).try_init()?;
        Some(spans)
    } else {
        registry.try_init()?;
        None
    };
    std::panic::set_hook(Box::new(|fault| tell_where(fault.location())));
    Ok(Started(started))
}

/// The log on standard error.
fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let log = tracing_subscriber::fmt::layer()
        // Colours are for people at a terminal, not for files.
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        // A line that cannot be written, as on a full disk, is lost. Reporting that on standard error would panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    }
}

/// Tells of a fault in the program by its place alone: what it says itself can hold what was being worked on, a person's number too.
fn tell_where(place: Option<&std::panic::Location<'_>>) {
    let place = place.map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "a fault broke off some work");
}

/// Directives such as `info,delt_hub=debug`.
pub(crate) fn parse_filter(directives: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(directives)
}
