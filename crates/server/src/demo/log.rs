//! The log of the demo's hub goes into a file, so that the story can be read.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::util::SubscriberInitExt as _;

use super::DemoError;
use crate::telemetry;

const FILE: &str = "demo.log";
const FILTER: &str = "info";

/// Where the log is.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Starts the log, anew for each story. Where one is started already, as within a test, that one goes on.
pub(super) fn start(folder: &Path, filter: Option<&str>) -> Result<(), DemoError> {
    let path = path(folder);
    let file = File::create(&path).map_err(|cause| DemoError::File { path, cause })?;
    let filter = telemetry::parse_filter(filter.unwrap_or(FILTER))
        .map_err(|error| DemoError::Log(error.to_string()))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file));
    drop(log.finish().try_init());
    Ok(())
}
