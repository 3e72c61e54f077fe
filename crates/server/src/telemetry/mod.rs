//! What the hub says about itself: a log on standard error, and metrics.
//!
//! Neither holds personal data. Log fields are named by the code that writes them; metric labels are closed sets.

mod admission;
pub(crate) mod disk;
mod metrics;
mod upkeep;

pub(crate) use admission::{NotAdmitted, Places};
pub use metrics::{HandshakeFailure, Metrics, Outcome, ReloadOutcome, Request};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

use crate::config::{LogFormat, Telemetry};

/// Why the log could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error("log filter: {0}")]
    Filter(#[from] ParseError),
    #[error("the log is already started: {0}")]
    Started(#[from] TryInitError),
}

/// Starts the log, once per process. `filter` (from `DELT_LOG`) goes before the one of the configuration.
pub fn start(telemetry: &Telemetry, filter: Option<&str>) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt as _;
    let filter = parse_filter(filter.unwrap_or(&telemetry.filter))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Colours are for people at a terminal, not for files.
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        // A line that cannot be written, as on a full disk, is lost. Reporting that on standard error would panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match telemetry.log_format {
        LogFormat::Text => log.finish().try_init()?,
        LogFormat::Json => log.json().flatten_event(true).finish().try_init()?,
    }
    std::panic::set_hook(Box::new(|fault| tell_where(fault.location())));
    Ok(())
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
