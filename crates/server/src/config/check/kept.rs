//! `[store]`, `[keys]`, `[audit]`.

use std::path::Path;

use super::Report;
use crate::config::{Backend, Config, Keys, Store, read_key, witnesses};
use crate::tls::pem;

pub(super) fn store(store: &Store, report: &mut Report) {
    match store.backend() {
        None => report.add("store.url", "must begin with sqlite:// or postgres://"),
        Some(Backend::Sqlite) => sqlite(store, report),
        Some(Backend::Postgres) => postgres(store, report),
    }
    report.within("store.max_connections", store.max_connections, [1, 1000]);
    report.within("store.timeout_ms", store.timeout_ms, [100, 60_000]);
}

fn sqlite(store: &Store, report: &mut Report) {
    let unused = store.password_file.is_none();
    report.require(unused, "store.password_file", "SQLite takes no password");
    let direct = store.pooler_url.is_none();
    report.require(direct, "store.pooler_url", "nothing stands before SQLite");
    let alone = store.standby_url.is_none();
    report.require(alone, "store.standby_url", "SQLite has no standby");
    let file = store.sqlite_file();
    let folder = file
        .as_deref()
        .and_then(Path::parent)
        .is_some_and(Path::is_dir);
    report.require(
        folder,
        "store.url",
        "the folder of the database file does not exist",
    );
}

fn postgres(store: &Store, report: &mut Report) {
    report.require(
        !store.has_password_in_url(),
        "store.url",
        "must not hold the password: put it into the file that store.password_file names",
    );
    report.take("store.password_file", store.connection_url());
    let others = [
        (
            "store.pooler_url",
            &store.pooler_url,
            store.pooler_connection_url(),
        ),
        (
            "store.standby_url",
            &store.standby_url,
            store.standby_connection_url(),
        ),
    ];
    for (field, url, connection) in others {
        let known = url
            .as_ref()
            .is_none_or(|url| url.starts_with("postgres://") || url.starts_with("postgresql://"));
        report.require(known, field, "must begin with postgres://");
        report.take("store.password_file", connection.transpose());
    }
}

pub(super) fn keys(keys: &Keys, report: &mut Report) {
    let files = [
        ("keys.patient_key_file", &keys.patient_key_file),
        ("keys.encryption_key_file", &keys.encryption_key_file),
        ("keys.log_signing_key_file", &keys.log_signing_key_file),
    ];
    let mut seen = Vec::new();
    for (field, path) in files {
        let result = read_key(path).map_err(|error| format!("{}: {error}", path.display()));
        let Some(key) = report.take(field, result) else {
            continue;
        };
        report.require(
            !seen.contains(&key),
            field,
            "must differ from the other keys",
        );
        seen.push(key);
    }
}

pub(super) fn audit(config: &Config, report: &mut Report) {
    let audit = &config.audit;
    report.require(
        sensible_origin(&audit.origin),
        "audit.origin",
        "must be a host name and a path without a scheme, such as delt.example.dk/log/1",
    );
    report.within(
        "audit.checkpoint_interval_ms",
        audit.checkpoint_interval_ms,
        [50, 1000],
    );
    if let Some(days) = audit.retention_days {
        report.within("audit.retention_days", days, [730, 36_500]);
    }
    report.within("audit.promise_seconds", audit.promise_seconds, [5, 3600]);
    report.within(
        "audit.witness_interval_ms",
        audit.witness_interval_ms,
        [100, 60_000],
    );
    report.problems.extend(witnesses::check(config));
    if let Some(file) = &audit.witness_ca_file {
        report.take("audit.witness_ca_file", pem::authorities(file));
    }
}

/// A signed note's key name holds no white space and no plus sign (C2SP signed-note); the origin ought to be a
/// schema-less URL (C2SP tlog-checkpoint).
fn sensible_origin(origin: &str) -> bool {
    let (host, path) = origin.split_once('/').unwrap_or((origin, ""));
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || c == b'-')
    };
    let segments = |c: u8| c.is_ascii_alphanumeric() || b"-._~/".contains(&c);
    origin.len() <= 200
        && host.contains('.')
        && host.split('.').all(label)
        && path.bytes().all(segments)
}
