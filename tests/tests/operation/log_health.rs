//! What the operator sees of the log: gauges that move, and alerts that ask for nothing that is not there.

use std::collections::BTreeSet;
use std::time::Duration;

use delt_tests::entries::LONNI;
use delt_tests::hub::TestHub;
use delt_tests::process::get;
use delt_tests::samples::{lonni_at_the_hospital, search};
use delt_tests::{on_both, tree};

const ALERTS: &str = "deploy/prometheus/delt-alerts.yaml";
const DASHBOARD: &str = "deploy/grafana/delt.json";

fn metrics(hub: &TestHub) -> String {
    let (status, text) = get(hub.running.admin, "/metrics").expect("the admin port");
    assert_eq!(status, 200);
    text
}

/// The value of a gauge without labels.
fn value(text: &str, name: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let value = line.unwrap_or_else(|| panic!("no {name} in:\n{text}"));
    value.parse().expect("a number")
}

/// Every name of one of our metrics in a text.
fn names(text: &str) -> BTreeSet<String> {
    let part = |c: char| !(c.is_ascii_lowercase() || c == '_');
    text.split(part)
        .filter(|word| word.starts_with("delt_"))
        .map(str::to_owned)
        .collect()
}

on_both! {
    async fn the_gauges_follow_the_log(backend) {
        let hub = TestHub::start(backend).await;
        let (_, doctor) = lonni_at_the_hospital(&hub).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let before = metrics(&hub);
        assert!(value(&before, "delt_log_entries") > 0.0);
        assert!(value(&before, "delt_store_bytes") > 100_000.0);
        assert!(value(&before, "delt_log_checkpoint_age_seconds") > 0.0);
        for _ in 0..5 {
            search(&doctor, LONNI).await.unwrap();
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
        let after = metrics(&hub);
        assert!(value(&after, "delt_log_entries") >= value(&before, "delt_log_entries") + 5.0);
        assert!(value(&after, "delt_audit_seal_lag_seconds").abs() < f64::EPSILON, "all have a place");
        let embedded = hub.config().store.url.starts_with("sqlite:");
        assert_eq!(value(&after, "delt_store_disk_free_bytes") > 0.0, embedded);
    }

    async fn every_alert_asks_for_a_metric_that_the_hub_has(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let known = names(&metrics(&hub));
        let alerts = tree::read(ALERTS);
        let expressions: Vec<_> = alerts.lines().filter(|line| line.trim().starts_with("expr:")).collect();
        assert!(expressions.len() >= 5, "{alerts}");
        for expression in expressions {
            let asked = names(expression);
            assert!(!asked.is_empty(), "{expression}");
            for name in asked {
                assert!(known.contains(&name), "{name} of {expression} is no metric of the hub");
            }
        }
    }
}

/// Metrics that a hub shows only once something has happened.
const LATER: [&str; 2] = ["delt_handshake_failures_total", "delt_witness_lag_seconds"];

on_both! {
    async fn the_dashboard_shows_metrics_that_the_hub_has(backend) {
        let hub = TestHub::start(backend).await;
        lonni_at_the_hospital(&hub).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let known = names(&metrics(&hub));
        let dashboard: serde_json::Value = serde_json::from_str(&tree::read(DASHBOARD)).unwrap();
        let panels = dashboard["panels"].as_array().unwrap();
        let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
        let expressions: Vec<_> = targets.filter_map(|target| target["expr"].as_str()).collect();
        assert!(expressions.len() >= 20, "{expressions:?}");
        for expression in expressions {
            let asked = names(expression);
            assert!(!asked.is_empty(), "{expression}");
            for name in asked {
                assert!(known.contains(&name) || LATER.contains(&name.as_str()), "{name} of {expression} is no metric of the hub");
            }
        }
        for name in LATER {
            assert!(tree::read("docs/OPERATIONS.md").contains(name));
        }
    }
}

#[test]
fn every_alert_is_explained_to_the_operator() {
    let guide = tree::read("docs/OPERATIONS.md");
    for line in tree::read(ALERTS).lines() {
        if let Some(alert) = line.trim().strip_prefix("- alert: ") {
            assert!(
                guide.contains(alert),
                "docs/OPERATIONS.md does not say what to do about {alert}"
            );
        }
    }
}
