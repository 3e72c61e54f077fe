//! One who freezes while breaking a glass holds up others who break one, and nobody else.

#![cfg(test)]

use std::time::Duration;

use delt_tests::glass::{broken, cases, essential};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::samples::{EHR, lonni_at_the_hospital};
use delt_tests::{entries::LONNI, samples::search};
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
    let breaking = tokio::spawn(async move {
        broken(&doctor, essential("Bevidstløs efter et fald i hjemmet")).await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..5 {
        let found = tokio::time::timeout(Duration::from_secs(1), search(&cardiologist, LONNI));
        assert_eq!(found.await.expect("at once").unwrap().total, all);
    }
    assert!(!breaking.is_finished());
    held.rollback().await.unwrap();
    assert_eq!(breaking.await.unwrap().unwrap().total, all);
    assert_eq!(cases(&hub.supervisor().await).await.len(), 1);
}
