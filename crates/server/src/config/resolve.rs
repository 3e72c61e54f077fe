//! Relative paths are meant from the folder of the configuration file, wherever `delt` was started.

use std::path::{Path, PathBuf};

use super::{Config, Store};

pub(super) fn resolve(config: &mut Config, base: &Path) {
    for path in paths(config) {
        *path = base.join(&*path);
    }
    if let Some(url) = sqlite_url(&config.store.url, base) {
        config.store.url = url;
    }
}

fn paths(config: &mut Config) -> impl Iterator<Item = &mut PathBuf> {
    let Config {
        tls,
        store,
        keys,
        auth,
        directory,
        audit,
        policy,
        sources,
        telemetry,
        ..
    } = config;
    [
        &mut tls.certificate_file,
        &mut tls.key_file,
        &mut tls.client_ca_file,
        &mut keys.patient_key_file,
        &mut keys.encryption_key_file,
        &mut keys.log_signing_key_file,
        &mut directory.organisations_file,
        &mut directory.systems_file,
        &mut sources.ca_file,
        &mut sources.certificate_file,
        &mut sources.key_file,
    ]
    .into_iter()
    .chain(&mut store.password_file)
    .chain(&mut policy.dir)
    .chain(&mut audit.witness_policy_file)
    .chain(&mut audit.witness_ca_file)
    .chain(&mut telemetry.otlp_ca_file)
    .chain(auth.issuers.iter_mut().map(|issuer| &mut issuer.jwks_file))
}

/// The URL with an absolute path where it is a `SQLite` file with a relative one.
fn sqlite_url(url: &str, base: &Path) -> Option<String> {
    let file = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))?;
    let relative = !file.is_empty() && !file.starts_with('/') && !file.starts_with(":memory:");
    relative.then(|| format!("{}/{file}", Store::sqlite_url(base)))
}
