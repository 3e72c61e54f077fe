//! `[auth]`, `[directory]`, `[policy]`.

use super::{Report, jwks};
use crate::config::{Auth, Directory, Issuer, Policy};

pub(super) fn auth(auth: &Auth, report: &mut Report) {
    let before = report.problems.len();
    report.require(
        !auth.issuers.is_empty(),
        "auth.issuers",
        "names no issuer of access tokens",
    );
    for (index, one) in auth.issuers.iter().enumerate() {
        let field = format!("auth.issuers[{index}]");
        issuer(one, &field, report);
        let twice = auth
            .issuers
            .iter()
            .take(index)
            .any(|other| other.issuer == one.issuer);
        report.require(!twice, &format!("{field}.issuer"), "is named twice");
    }
    report.within("auth.clock_skew_seconds", auth.clock_skew_seconds, [0, 60]);
    report.within("auth.cached_tokens", auth.cached_tokens, [0, 1_000_000]);
    if let Err(problem) = auth.aliases() {
        report.problems.push(problem);
    }
    if report.problems.len() == before {
        // Each issuer is sound; the hub itself says whether it can work with all of them.
        report.all(auth.authenticator());
    }
}

fn issuer(issuer: &Issuer, field: &str, report: &mut Report) {
    report.require(
        !issuer.issuer.is_empty(),
        &format!("{field}.issuer"),
        "is empty",
    );
    let audiences = !issuer.audiences.is_empty() && issuer.audiences.iter().all(|a| !a.is_empty());
    report.require(
        audiences,
        &format!("{field}.audiences"),
        "names no audience, or an empty one",
    );
    let some = !issuer.algorithms.is_empty();
    report.require(some, &format!("{field}.algorithms"), "allows no algorithm");
    let field = format!("{field}.jwks_file");
    let Some(bytes) = report.read(&field, &issuer.jwks_file) else {
        return;
    };
    let Some(keys) = report.take(&field, jwks::parse(&bytes)) else {
        return;
    };
    for algorithm in &issuer.algorithms {
        let has = jwks::has_key_for(&keys, *algorithm);
        report.require(
            has,
            &field,
            format_args!("holds no key for {}", algorithm.name()),
        );
    }
}

pub(super) fn directory(directory: &Directory, report: &mut Report) {
    report.all(directory.open());
}

pub(super) fn policy(policy: &Policy, report: &mut Report) {
    if let Err(problem) = policy.roles() {
        report.problems.push(problem);
    }
}
