//! `[listen]`, `[tls]`, `[sources]`, `[messages]`, `[limits]`, `[telemetry]`.

use super::Report;
use crate::config::{Config, Limits, Listen, Messages, Sources, Telemetry, Tls};
use crate::tls::{self, pem};

/// Room for the envelope around a message in its request, in bytes.
const ENVELOPE_BYTES: usize = 64 * 1024;

pub(super) fn listen(listen: &Listen, report: &mut Report) {
    let api = report.take("listen.api", listen.api_address());
    let admin = report.take("listen.admin", listen.admin_address());
    let same = api.is_some() && api == admin && api.is_some_and(|address| address.port() != 0);
    report.require(!same, "listen.admin", "must differ from listen.api");
}

pub(super) fn tls(files: &Tls, report: &mut Report) {
    let before = report.problems.len();
    report.take(
        "tls.certificate_file",
        pem::certificates(&files.certificate_file),
    );
    report.take("tls.key_file", pem::private_key(&files.key_file));
    report.take(
        "tls.client_ca_file",
        pem::authorities(&files.client_ca_file),
    );
    if report.problems.len() == before {
        // Each file is sound; whether they belong together shows when they are put together.
        report.take("tls", tls::server_config(files));
    }
}

pub(super) fn sources(sources: &Sources, report: &mut Report) {
    let before = report.problems.len();
    report.take("sources.ca_file", pem::authorities(&sources.ca_file));
    report.take(
        "sources.certificate_file",
        pem::certificates(&sources.certificate_file),
    );
    report.take("sources.key_file", pem::private_key(&sources.key_file));
    if report.problems.len() == before {
        report.take(
            "sources",
            tls::client_config(&sources.into(), &[tls::ALPN_H2]),
        );
    }
    report.within("sources.deadline_ms", sources.deadline_ms, [100, 120_000]);
    report.within(
        "sources.connect_timeout_ms",
        sources.connect_timeout_ms,
        [50, sources.deadline_ms.max(50)],
    );
    report.within(
        "sources.max_document_bytes",
        sources.max_document_bytes,
        [1024, 1 << 30],
    );
    report.within("sources.parallel", sources.parallel, [1, 64]);
}

pub(super) fn messages(messages: &Messages, report: &mut Report) {
    report.within("messages.lease_seconds", messages.lease_seconds, [5, 3600]);
    report.within(
        "messages.max_bytes",
        messages.max_bytes,
        [1024, 100 * 1024 * 1024],
    );
}

pub(super) fn limits(config: &Config, report: &mut Report) {
    let limits: &Limits = &config.limits;
    let least = config.messages.max_bytes.saturating_add(ENVELOPE_BYTES);
    report.require(
        limits.max_request_bytes >= least,
        "limits.max_request_bytes",
        format_args!("must be at least {least}, so that a message of messages.max_bytes fits"),
    );
    report.within(
        "limits.concurrent_streams",
        limits.concurrent_streams,
        [1, 10_000],
    );
    report.within(
        "limits.requests_in_flight",
        limits.requests_in_flight,
        [1, 100_000],
    );
    places(limits, report);
    report.within("limits.connections", limits.connections, [1, 100_000]);
    report.within("limits.handshakes", limits.handshakes, [1, 10_000]);
    report.within(
        "limits.handshake_timeout_ms",
        limits.handshake_timeout_ms,
        [100, 60_000],
    );
    report.within("limits.page_size_max", limits.page_size_max, [1, 10_000]);
    report.within("limits.deadline_ms", limits.deadline_ms, [100, 600_000]);
    report.within(
        "limits.shutdown_notice_ms",
        limits.shutdown_notice_ms,
        [0, 600_000],
    );
    report.within(
        "limits.shutdown_grace_ms",
        limits.shutdown_grace_ms,
        [0, 600_000],
    );
}

fn places(limits: &Limits, report: &mut Report) {
    report.within(
        "limits.standing_streams",
        limits.standing_streams,
        [1, 100_000],
    );
    report.within(
        "limits.system_share_percent",
        limits.system_share_percent,
        [1, 100],
    );
    report.within("limits.queue_ms", limits.queue_ms, [10, 60_000]);
    for (field, value) in [
        (
            "limits.system_requests_per_second",
            limits.system_requests_per_second,
        ),
        ("limits.system_request_burst", limits.system_request_burst),
        ("limits.refusals_per_second", limits.refusals_per_second),
        ("limits.refusal_burst", limits.refusal_burst),
    ] {
        report.within(field, value, [0, 1_000_000]);
    }
}

pub(super) fn telemetry(telemetry: &Telemetry, report: &mut Report) {
    report.take(
        "telemetry.filter",
        crate::telemetry::parse_filter(&telemetry.filter),
    );
    if let Some(url) = &telemetry.otlp_endpoint {
        report
            .problems
            .extend(crate::telemetry::otlp::endpoint(telemetry, url).err());
    }
    report.within(
        "telemetry.otlp_interval_ms",
        telemetry.otlp_interval_ms,
        [100, 3_600_000],
    );
    report.within("telemetry.resource", telemetry.resource.len(), [0, 32]);
}
