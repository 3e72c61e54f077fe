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
    report.within("policy.learning_months", policy.learning_months, [1, 24]);
    report.within("policy.quality_years", policy.quality_years, [1, 20]);
    report.within("policy.own_decision_age", policy.own_decision_age, [12, 18]);
    report.within(
        "policy.break_glass_minutes",
        policy.break_glass_minutes,
        [5, 1_440],
    );
    report.within(
        "policy.attestation_hours",
        policy.attestation_hours,
        [1, 168],
    );
    report.within(
        "policy.attestation_deadline_days",
        policy.attestation_deadline_days,
        [1, 90],
    );
    report.within(
        "policy.discharge_run_out_days",
        policy.discharge_run_out_days,
        [0, 180],
    );
    report.within(
        "policy.citizen_log_years",
        policy.citizen_log_years,
        [0, 20],
    );
    report.within(
        "policy.visit_pause_hours",
        policy.visit_pause_hours,
        [1, 24],
    );
    report.within(
        "policy.follow_up_interval_ms",
        policy.follow_up_interval_ms,
        [100, 3_600_000],
    );
}
