//! `[telemetry]`: what the hub says about itself.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Deserializer, de::Error as _};

/// `[telemetry]`: the log on standard error, and spans and metrics to a collector. Metrics are always on, on the admin port.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    /// Lines for people or for programs. Default `text`.
    pub log_format: LogFormat,
    /// Which lines, as directives such as `info,delt_hub=debug`. Default `info`. `DELT_LOG` goes before it.
    pub filter: String,
    /// Where spans and metrics go by OTLP over gRPC, such as `http://127.0.0.1:4317`. Default: nowhere.
    pub otlp_endpoint: Option<String>,
    /// Who may have issued the collector's certificate, PEM; for `https`.
    pub otlp_ca_file: Option<PathBuf>,
    /// Of so many requests spans are kept where the caller has not decided that (W3C `traceparent`); 0 to 1. Default 0.1.
    pub sample_ratio: Ratio,
    /// How often metrics are sent. Milliseconds, default 15000.
    pub otlp_interval_ms: u64,
    /// Attributes of this process, such as `"service.instance.id"` or `"deployment.environment.name"`.
    pub resource: BTreeMap<String, String>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Text,
            filter: "info".into(),
            otlp_endpoint: None,
            otlp_ca_file: None,
            sample_ratio: Ratio {
                millionths: 100_000,
            },
            otlp_interval_ms: 15_000,
            resource: BTreeMap::new(),
        }
    }
}

/// A number from 0 to 1, to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    millionths: u32,
}

impl Ratio {
    /// All of them.
    pub const ALL: Self = Self {
        millionths: 1_000_000,
    };

    pub fn fraction(self) -> f64 {
        f64::from(self.millionths) / 1e6
    }
}

impl<'de> Deserialize<'de> for Ratio {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to a million"
    )]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fraction = f64::deserialize(deserializer)?;
        if !(0.0..=1.0).contains(&fraction) {
            return Err(D::Error::custom("a ratio lies between 0 and 1"));
        }
        let millionths = (fraction * 1e6).round() as u32;
        Ok(Self { millionths })
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}
