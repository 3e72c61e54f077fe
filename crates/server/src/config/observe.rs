//! `[telemetry]`: what the hub says about itself.

use serde::Deserialize;

/// `[telemetry]`: the log on standard error. Metrics are always on, on the admin port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Lines for people or for programs. Default `text`.
    pub log_format: LogFormat,
    /// Which lines, as directives such as `info,delt_hub=debug`. Default `info`. `DELT_LOG` goes before it.
    pub filter: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Text,
            filter: "info".into(),
        }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}
