//! OTLP over gRPC: spans and metrics to a collector, where the operator names one.
//!
//! [`mod@spans`] sends what [`super::span`] and `delt_hub::trace` make, and nothing else; [`metrics`] sends what stands at `/metrics`, under the same names.

mod convert;
mod metrics;
mod read;
mod spans;

use std::time::Duration;

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

pub(crate) use metrics::push;
pub(crate) use spans::{Spans, spans};

use crate::config::{Problem, Telemetry};

/// A collector that takes longer is not waited for: what it would have got is lost, and requests never wait for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The way to the collector; nothing is dialled before it is used. None where none is named.
pub(crate) fn channel(telemetry: &Telemetry) -> Result<Option<Channel>, Problem> {
    let Some(url) = &telemetry.otlp_endpoint else {
        return Ok(None);
    };
    let endpoint = endpoint(telemetry, url)?;
    Ok(Some(
        endpoint
            .connect_timeout(TIMEOUT)
            .timeout(TIMEOUT)
            .connect_lazy(),
    ))
}

/// Whether the collector could be spoken to, as far as can be said without asking it.
pub(crate) fn endpoint(telemetry: &Telemetry, url: &str) -> Result<Endpoint, Problem> {
    let wrong = |description: &str| Problem::new("telemetry.otlp_endpoint", description);
    let is_tls = url.starts_with("https://");
    if !is_tls && !url.starts_with("http://") {
        return Err(wrong("must begin with http:// or https://"));
    }
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(|_| wrong("is no URL"))?;
    match (&telemetry.otlp_ca_file, is_tls) {
        (None, false) => Ok(endpoint),
        (None, true) => Err(wrong("https needs telemetry.otlp_ca_file")),
        (Some(_), false) => Err(wrong(
            "must begin with https:// where telemetry.otlp_ca_file is set",
        )),
        (Some(file), true) => {
            let pem = std::fs::read(file).map_err(|error| {
                Problem::new(
                    "telemetry.otlp_ca_file",
                    format_args!("{}: {error}", file.display()),
                )
            })?;
            let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem));
            endpoint
                .tls_config(tls)
                .map_err(|_| wrong("cannot be used with TLS"))
        }
    }
}

/// What this process is called there.
fn resource(telemetry: &Telemetry) -> impl Iterator<Item = (String, String)> {
    let own = [
        ("service.name", "delt"),
        ("service.version", env!("CARGO_PKG_VERSION")),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
    // What the operator says goes before it, as the name of one hub of several.
    let named = telemetry.resource.clone();
    let own = own
        .into_iter()
        .filter(move |(key, _)| !named.contains_key(key));
    own.chain(telemetry.resource.clone())
}
