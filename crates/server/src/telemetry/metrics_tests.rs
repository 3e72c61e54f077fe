use delt_hub::Kind;

use super::*;

#[test]
fn counts_by_operation_and_outcome() {
    let metrics = Metrics::new("1.2.3");
    metrics.request("search_record").end(Outcome::Ok);
    metrics
        .request("search_record")
        .end(Outcome::Failed(Kind::Denied));
    drop(metrics.request("retrieve_document"));
    let open = metrics.request("search_record");
    metrics.log(&LogHealth {
        seal_lag: 250_000,
        entries: 7,
        checkpoint_age: 1_500_000,
        store_bytes: 4_096,
    });
    metrics.disk_free(1 << 30);
    metrics.relation_alerts(7);
    metrics.review_lag(3);
    metrics.reloaded(ReloadOutcome::Refused);
    metrics.policy("old");
    metrics.policy("new");
    let text = metrics.encode().unwrap();
    drop(open);
    assert!(
        !text.contains("version=\"old\""),
        "one edition is in force:\n{text}"
    );
    for line in [
        "delt_requests_total{operation=\"search_record\",outcome=\"ok\"} 1",
        "delt_requests_total{operation=\"search_record\",outcome=\"denied\"} 1",
        "delt_requests_total{operation=\"retrieve_document\",outcome=\"abandoned\"} 1",
        "delt_request_duration_seconds_count{operation=\"search_record\"} 2",
        "delt_requests_in_flight 1",
        "delt_audit_seal_lag_seconds 0.25",
        "delt_log_checkpoint_age_seconds 1.5",
        "delt_log_entries 7",
        "delt_store_bytes 4096",
        "delt_store_disk_free_bytes 1073741824",
        "delt_relation_alerts 7",
        "delt_review_lag_leaves 3",
        "delt_reloads_total{outcome=\"refused\"} 1",
        "delt_policy_info{version=\"new\"} 1",
        "delt_build_info{version=\"1.2.3\"} 1",
        "# EOF",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "no {line} in:\n{text}"
        );
    }
}
