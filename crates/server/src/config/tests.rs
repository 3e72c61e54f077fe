//! Configuration files, whole, broken, and those that are delivered with the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use delt_hub::entropy::SystemEntropy;
use delt_hub::review::rules::{Minute, Weekday};
use delt_hub::review::{CaseKind, ReviewSettings};
use tempfile::TempDir;
use time::macros::datetime;

use super::environment::{DATA_DIR, Environment, LOG};
use super::*;
use crate::profile::Profile;

const WHOLE: &str = r#"
[listen]
[tls]
certificate_file = "certificates/hub.pem"
key_file = "certificates/hub.key"
client_ca_file = "ca.pem"
[store]
url = "sqlite://delt.db"
[keys]
patient_key_file = "patient.key"
encryption_key_file = "encryption.key"
log_signing_key_file = "log.key"
[[auth.issuers]]
issuer = "https://sts.delt.test"
audiences = ["https://delt.test"]
jwks_file = "jwks.json"
algorithms = ["ES256"]
[directory]
organisations_file = "organisations.json"
systems_file = "systems.json"
[audit]
origin = "delt.test/log"
[sources]
ca_file = "ca.pem"
certificate_file = "certificates/hub.pem"
key_file = "certificates/hub.key"
"#;

/// A folder with every file that [`WHOLE`] names.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let now = datetime!(2026-11-23 08:00 UTC);
    Profile::open_or_create(dir.path(), now, &SystemEntropy::default()).unwrap();
    dir
}

fn fields(config: &Config) -> BTreeSet<String> {
    let problems = config.validate().err();
    problems
        .iter()
        .flat_map(Problems::iter)
        .map(|problem| problem.field.clone())
        .collect()
}

/// The fields that are wrong once `change` was made to a sound configuration.
fn broken_by(change: impl FnOnce(&mut Config, &Path)) -> Vec<String> {
    let dir = folder();
    let mut config = Config::parse(WHOLE, dir.path()).unwrap();
    change(&mut config, dir.path());
    fields(&config).into_iter().collect()
}

#[test]
fn relative_paths_are_meant_from_the_file() {
    let dir = folder();
    let path = dir.path().join("delt.toml");
    fs::write(&path, WHOLE).unwrap();
    let config = Config::load(&path).unwrap();
    config.validate().unwrap();
    assert_eq!(config.keys.patient_key_file, dir.path().join("patient.key"));
    assert_eq!(
        config.store.url,
        format!("sqlite://{}/delt.db", dir.path().display())
    );
    assert_eq!(config.limits, Limits::default());
}

#[test]
fn unknown_keys_are_errors_that_name_the_key() {
    for text in [
        WHOLE.replace("[listen]", "[listen]\nprt = 1"),
        format!("{WHOLE}\n[limitz]\n"),
        WHOLE.replace("[\"ES256\"]", "[\"HS256\"]"),
        WHOLE.replace("[\"ES256\"]", "[\"none\"]"),
    ] {
        let error = Config::parse(&text, Path::new("/"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown"), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Path::new("/nowhere/delt.toml"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("/nowhere/delt.toml"), "{error}");
}

#[test]
fn all_problems_are_listed_at_once() {
    let wrong = broken_by(|config, _| {
        config.listen.api = "localhost".into();
        config.tls.key_file = "/nowhere".into();
        config.store.url = "mysql://x".into();
        config.audit.origin = "https://delt.test".into();
        config.audit.checkpoint_interval_ms = 5000;
        config.audit.retention_days = Some(729);
        config.limits.max_request_bytes = 1;
        config.telemetry.filter = "delt=[".into();
        config.policy.dir = Some("/nowhere".into());
    });
    assert_eq!(
        wrong,
        [
            "audit.checkpoint_interval_ms",
            "audit.origin",
            "audit.retention_days",
            "limits.max_request_bytes",
            "listen.api",
            "policy.dir",
            "store.url",
            "telemetry.filter",
            "tls.key_file",
        ]
    );
}

#[test]
fn review_is_told_by_field_what_is_wrong() {
    let wrong = broken_by(|config, _| {
        let review = &mut config.review;
        review.interval_ms = 1;
        review.many_patients.patients = 0;
        review.many_patients.roles.insert("laegge".into(), 0);
        review.many_places.places = 0;
        review.colleague.days = 0;
        review.outside_hours.to = review.outside_hours.from;
        review.outside_hours.weekdays.push(Weekday::Monday);
        review.outside_hours.roles.insert("laegge".into());
        review.outside_hours.at_least = 0;
    });
    assert_eq!(
        wrong,
        [
            "review.colleague.days",
            "review.interval_ms",
            "review.many_patients.patients",
            "review.many_patients.roles",
            "review.many_patients.roles.laegge",
            "review.many_places.places",
            "review.outside_hours.at_least",
            "review.outside_hours.roles",
            "review.outside_hours.to",
            "review.outside_hours.weekdays",
        ]
    );
}

#[test]
fn review_is_read_as_it_is_written() {
    let text = format!(
        "{WHOLE}\n[review]\nfour_eyes = [\"break-glass\"]\n[review.outside_hours]\nfrom = \"07:30\"\nweekdays = [\"sunday\"]\n"
    );
    let settings = Config::parse(&text, Path::new("/"))
        .unwrap()
        .review
        .settings();
    assert_eq!(settings.four_eyes, [CaseKind::BreakGlass]);
    let hours = &settings.rules.outside_hours;
    assert_eq!(
        (hours.from, hours.weekdays.as_slice()),
        (Minute::of_clock(7, 30), [Weekday::Sunday].as_slice())
    );
    assert_eq!(
        settings.rules.many_patients,
        ReviewSettings::default().rules.many_patients
    );
    for (right, wrong) in [
        ("break-glass", "broken"),
        ("07:30", "7.30"),
        ("sunday", "someday"),
    ] {
        let error = Config::parse(&text.replace(right, wrong), Path::new("/"));
        assert!(error.is_err(), "{wrong}");
    }
}

#[test]
fn keys_are_32_bytes_and_differ() {
    let hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    for (content, good) in [
        (hex, true),
        (&format!("  {hex}\n"), true),
        ("ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=", true),
        ("ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8", true),
        (hex.trim_start_matches("00"), false),
        ("", false),
        (&"zz".repeat(32), false),
        ("æ".repeat(32).as_str(), false),
    ] {
        let wrong =
            broken_by(|config, _| fs::write(&config.keys.patient_key_file, content).unwrap());
        assert_eq!(wrong.is_empty(), good, "{content:?}: {wrong:?}");
    }
    let same = broken_by(|config, _| {
        config
            .keys
            .log_signing_key_file
            .clone_from(&config.keys.patient_key_file);
    });
    assert_eq!(same, ["keys.log_signing_key_file"]);
}

#[test]
fn certificate_and_key_belong_together() {
    let wrong = broken_by(|config, dir| {
        config.tls.key_file = dir.join("certificates/gp-testby.key");
        config.sources.key_file = dir.join("patient.key");
    });
    assert_eq!(wrong, ["sources.key_file", "tls"]);
}

#[test]
fn every_allowed_algorithm_has_a_key() {
    let wrong = broken_by(|config, _| {
        config.auth.issuers[0].algorithms = vec![Algorithm::ES256, Algorithm::EdDSA];
    });
    assert_eq!(wrong, ["auth.issuers[0].jwks_file"]);
    let broken = broken_by(|config, _| {
        fs::write(
            &config.auth.issuers[0].jwks_file,
            "{\"keys\": [{\"kty\": \"EC\"}]}",
        )
        .unwrap();
    });
    assert_eq!(broken, ["auth.issuers[0].jwks_file"]);
}

#[test]
fn the_directory_and_the_policies_are_checked_as_the_hub_reads_them() {
    let foreign = |config: &mut Config, _: &Path| {
        let systems = fs::read_to_string(&config.directory.systems_file).unwrap();
        let unknown = systems.replace("990401000016001", "111111000016001");
        fs::write(&config.directory.systems_file, unknown).unwrap();
    };
    assert_eq!(broken_by(foreign), ["directory"]);
    let delivered = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/policy");
    assert!(broken_by(|config, _| config.policy.dir = Some(delivered)).is_empty());
    let empty = |config: &mut Config, dir: &Path| config.policy.dir = Some(dir.to_owned());
    assert_eq!(broken_by(empty), ["policy.dir"]);
}

#[test]
fn issuers_are_there_once_and_have_audiences() {
    assert_eq!(
        broken_by(|config, _| config.auth.issuers.clear()),
        ["auth.issuers"]
    );
    let wrong = broken_by(|config, _| {
        let mut second = config.auth.issuers[0].clone();
        second.audiences.clear();
        config.auth.issuers.push(second);
    });
    assert_eq!(
        wrong,
        ["auth.issuers[1].audiences", "auth.issuers[1].issuer"]
    );
}

#[test]
fn the_password_stands_in_its_file_only() {
    for url in [
        "postgres://delt:secret@db/delt",
        "postgres://delt@db/delt?a=b&password=secret",
    ] {
        assert_eq!(
            broken_by(|config, _| config.store.url = url.into()),
            ["store.url"]
        );
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    fs::write(&file, "p@ss/w:rd æ\n").unwrap();
    let url = "postgres://delt@db:5432/delt?sslmode=verify-full";
    let mut store = Store {
        password_file: Some(file),
        ..Store::with_url(url.into())
    };
    let expected = "postgres://delt:p%40ss%2Fw%3Ard%20%C3%A6@db:5432/delt?sslmode=verify-full";
    assert_eq!(*store.connection_url().unwrap(), expected);
    store.url = "postgres://db/delt".into();
    assert!(store.connection_url().is_err());
}

#[test]
fn the_delivered_files_parse_and_lack_nothing_but_the_sites_own_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/config");
    let files: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 2);
    for file in files {
        let config = Config::load(&file).unwrap_or_else(|error| panic!("{error}"));
        let sites_own = |field: &String| field.ends_with("_file") || field == "store.url";
        let other: Vec<_> = fields(&config)
            .into_iter()
            .filter(|field| !sites_own(field))
            .collect();
        assert!(other.is_empty(), "{}: {other:?}", file.display());
    }
}

#[test]
fn the_defaults_in_the_comments_are_the_defaults() {
    let text = include_str!("../../../../deploy/config/production-postgres.toml");
    let base = Path::new("/etc/delt");
    // `# key = value`: a key that may be left out. The examples under `role_aliases` and of a folder are no defaults.
    let uncommented: Vec<_> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with(|c: char| c.is_ascii_lowercase()) && rest.contains(" = ") =>
            {
                rest
            }
            _ => line,
        })
        .filter(|line| {
            ![
                "dir =",
                "assumed_",
                "retention_days =",
                "pooler_url =",
                "standby_url =",
            ]
            .iter()
            .any(|example| line.starts_with(example))
        })
        .collect();
    assert!(
        uncommented
            .iter()
            .filter(|line| !text.lines().any(|found| found == **line))
            .count()
            > 15
    );
    let (short, long) = (
        Config::parse(text, base),
        Config::parse(&uncommented.join("\n"), base),
    );
    assert_eq!(long.unwrap(), short.unwrap());
}

#[test]
fn the_environment_is_read_by_name() {
    let read = Environment::read(|name| match name {
        DATA_DIR => Some("/data".into()),
        LOG => Some(String::new()),
        _ => None,
    });
    assert_eq!(read.data_dir, Some(PathBuf::from("/data")));
    assert_eq!(read.log, None);
}

#[test]
fn a_witness_policy_is_held_against_this_log() {
    let witness = delt_ledger::Cosigner::from_seed("w.test", &[7; 32]).unwrap();
    let stranger = delt_ledger::Signer::from_seed("other.test/log", &[8; 32]).unwrap();
    let place = format!("witness w {} ", witness.verifier());
    let wrong = |policy: String, ca: Option<&str>| {
        broken_by(|config, dir| {
            let file = dir.join("witness-policy");
            fs::write(&file, policy).unwrap();
            config.audit.witness_policy_file = Some(file);
            config.audit.witness_ca_file = ca.map(Into::into);
        })
    };
    let policy = ["audit.witness_policy_file"];
    assert!(wrong(format!("{place} http://w.test/w\nquorum w\n"), None).is_empty());
    assert!(wrong("quorum none\n".to_owned(), None).is_empty());
    assert_eq!(wrong("quorum w\n".to_owned(), None), policy);
    assert_eq!(wrong(format!("{place}\nquorum w\n"), None), policy);
    assert_eq!(wrong(format!("{place} w.test\nquorum w\n"), None), policy);
    assert_eq!(
        wrong(format!("{place} ftp://w.test\nquorum w\n"), None),
        policy
    );
    let others = format!("log {}\nquorum none\n", stranger.verifier());
    assert_eq!(wrong(others, None), policy);
    let secured = format!("{place} https://w.test\nquorum w\n");
    assert_eq!(wrong(secured.clone(), None), ["audit.witness_ca_file"]);
    assert_eq!(wrong(secured, Some("/nowhere")), ["audit.witness_ca_file"]);
    assert_eq!(
        broken_by(|config, _| {
            config.audit.promise_seconds = 1;
            config.audit.witness_interval_ms = 1;
            config.audit.witness_policy_file = Some("/nowhere".into());
        }),
        [
            "audit.promise_seconds",
            "audit.witness_interval_ms",
            "audit.witness_policy_file"
        ]
    );
}
