//! Searches as fast as so many callers ask them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use delt_client::Connection;
use delt_proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_proto::record::v1::{SearchRecordRequest, SearchRecordResponse};
use delt_server::profile::Holder;
use delt_server::tasks::Tasks;
use delt_tests::calls::{register, treats};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, cpr, note};
use delt_tests::hub::{TestHub, sample};
use tokio::time::Instant;

pub(crate) const ENTRIES: usize = 20;

/// A patient with 20 entries, and a physician who treats them.
pub(crate) async fn prepared(hub: &TestHub) -> Connection {
    let source = hub.system(REGION_H).await;
    for _ in 0..ENTRIES {
        register(&source, &note(REGION_H, LONNI)).await;
    }
    treats(hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
    let holder = Holder::Professional(sample("kard"));
    let token = hub.token(&holder, "ehr-hovedstaden", &[]);
    hub.connect(hub.running.api, "ehr-hovedstaden", Some(token))
        .await
}

pub(crate) async fn search(
    reader: &Connection,
) -> Result<SearchRecordResponse, Box<dyn std::error::Error>> {
    let request = SearchRecordRequest {
        patient: Some(cpr(LONNI)),
        ..SearchRecordRequest::default()
    };
    let mut client = PatientRecordServiceClient::new(reader.channel());
    Ok(client
        .search_record(reader.signed(request)?)
        .await?
        .into_inner())
}

/// Requests a second of so many callers who each wait for their answer.
pub(crate) async fn rate(reader: &Connection, callers: usize, round: Duration) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut tasks = Tasks::default();
    for _ in 0..callers {
        let (reader, done) = (reader.clone(), done.clone());
        tasks.spawn(async move {
            while begun.elapsed() < round {
                search(&reader).await.expect("a good search is answered");
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tasks.finish(round * 5).await;
    let done = u32::try_from(done.load(Ordering::Relaxed)).expect("fewer than four billion");
    f64::from(done) / begun.elapsed().as_secs_f64()
}

pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
