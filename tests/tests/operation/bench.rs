//! `delt bench` as a user starts it, with everything as small as it can be. How fast something is, is no question here.

use std::time::Duration;

use delt_tests::alone::alone_blocking;
use delt_tests::postgres::Postgres;
use delt_tests::process;
use serde_json::Value;

const RATIOS: [&str; 6] = [
    "search_20_cpu_over_limit",
    "search_200_cpu_over_limit",
    "register_stream_rows_over_bare",
    "audit_on_over_off",
    "retrieve_10mb_over_source",
    "rss_mb_at_64",
];

/// Runs a measurement of one store that says nothing, and gives what it printed.
fn measured(store: &str, more: &[&str]) -> Value {
    let _alone = alone_blocking();
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("chart.svg");
    let output = process::command(["bench", "--quick", "--json", "--persons", "20"])
        .args(["--seconds", "0.2", "--rounds", "1", "--store", store])
        .arg("--svg")
        .arg(&svg)
        .args(more)
        .output()
        .expect("delt can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let chart = std::fs::read_to_string(&svg).expect("a chart");
    assert!(chart.contains(store) && chart.ends_with("</svg>\n"));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

fn assert_whole(report: &Value, store: &str) {
    let backend = &report["backends"][store];
    for name in RATIOS {
        let ratio = backend["ratios"][name].as_f64();
        assert!(
            ratio.is_some_and(|ratio| ratio.is_finite() && ratio > 0.0),
            "{name}: {ratio:?}"
        );
        assert!(report["targets"][name].is_object(), "{name}");
    }
    // 2 of 20, 1 of 200, and the long tail.
    assert!(backend["sample"]["entries"].as_u64().unwrap() > 240);
    assert!(report["machine"]["cores"].as_u64().unwrap() > 0);
    for row in backend["scenarios"]["search_20"].as_array().unwrap() {
        assert!(row["hub"]["p50_us"].as_u64().unwrap() > 0);
        assert!(row["hub"]["p999_us"].as_u64() >= row["hub"]["p99_us"].as_u64());
        assert!(row["limit_grpc"]["cpu_us"].as_f64().unwrap() > 0.0);
        assert!(row["limit_rows"]["cpu_us"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn on_sqlite_a_run_tells_all_six_ratios() {
    let report = measured("sqlite", &[]);
    assert_whole(&report, "sqlite");
    assert!(report["backends"]["postgres"].is_null());
}

#[test]
fn on_postgres_a_run_tells_all_six_ratios() {
    let report = measured("postgres", &[]);
    assert_whole(&report, "postgres");
}

#[test]
fn a_database_that_is_not_empty_is_refused() {
    let _alone = alone_blocking();
    let url = Postgres::shared().database();
    let first = process::command([
        "bench",
        "--quick",
        "--persons",
        "20",
        "--seconds",
        "0.1",
        "--rounds",
        "1",
    ])
    .args(["--store", "postgres", "--postgres", &url])
    .output()
    .expect("delt can be started");
    let said = String::from_utf8_lossy(&first.stderr);
    assert!(first.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&first.stdout).contains("rss_mb_at_64"));
    let second = process::run(["bench", "--store", "postgres", "--postgres", &url]);
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("the hub did not start"));
}

#[test]
fn nothing_of_a_run_outlives_it() {
    let mut run = process::command(["bench", "--quick", "--store", "sqlite", "--persons", "20"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("delt can be started");
    std::thread::sleep(Duration::from_secs(3));
    let children = children(run.id());
    run.kill().expect("our own child can be killed");
    run.wait().expect("our own child can be waited for");
    assert!(!children.is_empty(), "the run had begun");
    let alive = |pid: &u32| {
        std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "delt")
    };
    for _ in 0..600 {
        if !children.iter().any(alive) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("processes of a run that was killed go on");
}

fn children(of: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").expect("Linux");
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let rest = stat.rsplit_once(')').map(|(_, rest)| rest.to_owned());
            let parent = rest.and_then(|rest| rest.split_ascii_whitespace().nth(1)?.parse().ok());
            parent == Some(of)
        })
        .collect()
}
