//! What gets stuck holds up no more than it must: one who freezes while breaking a glass, one attestation that cannot be followed up.

use std::time::Duration;

use delt_client::proto::relation::v1::AttestRelationRequest;
use delt_server::{config::Config, profile::SourceAddresses};
use delt_tests::entries::{EINER, LONNI, cpr};
use delt_tests::glass::{broken, cases, essential};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::samples::{EHR, lonni_at_the_hospital, search};
use delt_tests::timed::{DAY, TimedHub};
use sqlx::Connection as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_reads_does_not_wait_for_the_numbers_of_cases_on_postgres() {
    let hub = TestHub::start(Backend::Postgres).await;
    let (all, cardiologist) = lonni_at_the_hospital(&hub).await;
    let doctor = hub.professional_for("reserve", EHR, &["BTG"]).await;
    search(&cardiologist, LONNI).await.unwrap();

    // Another hub that stopped in the middle.
    let url = &hub.config().store.url;
    let mut frozen = sqlx::PgConnection::connect(url).await.unwrap();
    let mut held = frozen.begin().await.unwrap();
    sqlx::raw_sql("UPDATE counter SET value = value WHERE name = 'review_case'")
        .execute(&mut *held)
        .await
        .unwrap();
    let breaking = broken(&doctor, essential("Bevidstløs efter et fald i hjemmet"));
    let reading = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for _ in 0..5 {
            let found = tokio::time::timeout(Duration::from_secs(1), search(&cardiologist, LONNI));
            assert_eq!(found.await.expect("at once").unwrap().total, all);
        }
        assert!(cases(&hub.supervisor().await).await.is_empty());
        held.rollback().await.unwrap();
    };
    let (view, ()) = tokio::join!(breaking, reading);
    assert_eq!(view.unwrap().total, all);
    assert_eq!(cases(&hub.supervisor().await).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_waits_for_any_more_ends_in_the_database_too_on_postgres() {
    let brief = |config: &mut Config| config.limits.deadline_ms = 1_000;
    let hub = TestHub::start_with(Backend::Postgres, &SourceAddresses::default(), brief).await;
    let (all, cardiologist) = lonni_at_the_hospital(&hub).await;

    // A table that somebody keeps for themselves.
    let url = &hub.config().store.url;
    let mut frozen = sqlx::PgConnection::connect(url).await.unwrap();
    let mut held = frozen.begin().await.unwrap();
    let keep = "LOCK TABLE document_entry IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(keep).execute(&mut *held).await.unwrap();
    search(&cardiologist, LONNI).await.unwrap_err();
    let mut beside = sqlx::PgConnection::connect(url).await.unwrap();
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'delt' AND datname = current_database() AND wait_event_type = 'Lock'";
    let mut left: i64 = 1;
    for _ in 0..200 {
        left = sqlx::query_scalar(waiting)
            .fetch_one(&mut beside)
            .await
            .unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(left, 0, "connections still wait for the table");
    held.rollback().await.unwrap();
    assert_eq!(search(&cardiologist, LONNI).await.unwrap().total, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_attestation_that_cannot_be_followed_up_holds_back_no_other_on_sqlite() {
    let timed = TimedHub::start(Backend::Sqlite).await;
    for (key, person) in [("kard", LONNI), ("reserve", EINER)] {
        let request = AttestRelationRequest {
            patient: Some(cpr(person)),
            reason: "Kom til skade uden for hospitalet".to_owned(),
            ..AttestRelationRequest::default()
        };
        let doctor = timed.professional(key, EHR, &[]).await;
        doctor.relations().attest(request).await.unwrap();
        timed.pass(1);
    }
    let url = &timed.hub.config().store.url;
    let mut store = sqlx::SqliteConnection::connect(url).await.unwrap();
    let broken =
        "UPDATE treatment_relation SET attested_role = NULL WHERE authorisation_id = '9RK1H'";
    sqlx::raw_sql(broken).execute(&mut store).await.unwrap();
    store.close().await.unwrap();
    timed.pass(15 * DAY);
    let auditor = timed.professional("auditor", "tilsyn", &[]).await;
    for _ in 0..50 {
        if !cases(&auditor).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the one behind it was never raised");
}
