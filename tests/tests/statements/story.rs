//! Enough of what a hub does that it sends nearly all of its statements.

use std::collections::BTreeSet;

use delt_client::Connection;
use delt_client::proto::document::v1::RelationCode;
use delt_client::proto::record::v1::RecordFilter;
use delt_tests::alone::alone;
use delt_tests::calls::{everything, filtered, found, merge, operator, register, register_all};
use delt_tests::entries::{
    GP, LONNI, REGION_H, REGION_M, X_ECPR, code, cpr, note, number, related,
};
use delt_tests::glass::{broken, cases, essential};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::rpcs::{self, SOURCE};
use delt_tests::samples::{
    EHR, LETTER, REGION_MIDTJYLLAND, block_of, consent, end_consent, lonni_at_the_hospital, sent,
    take,
};
use delt_tests::statements;
use tokio::sync::OnceCell;

/// What a hub sends to PostgreSQL.
pub(crate) async fn to_postgres() -> &'static BTreeSet<String> {
    static SENT: OnceCell<BTreeSet<String>> = OnceCell::const_new();
    SENT.get_or_init(|| sent_on(Backend::Postgres)).await
}

/// What a hub sends to SQLite.
pub(crate) async fn to_sqlite() -> BTreeSet<String> {
    sent_on(Backend::Sqlite).await
}

async fn sent_on(backend: Backend) -> BTreeSet<String> {
    let _alone = alone().await;
    statements::keep();
    statements::take();
    let hub = TestHub::start(backend).await;
    one_patient(&hub).await;
    every_rpc(&hub).await;
    // The sealer and the rules of review have a turn each.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    hub.running.stop().await;
    statements::take().into_iter().collect()
}

async fn one_patient(hub: &TestHub) {
    let (_, doctor) = lonni_at_the_hospital(hub).await;
    let source = hub.system(REGION_H).await;
    let first = note(REGION_H, LONNI);
    register(&source, &first).await;
    register(&source, &first).await;
    register(
        &source,
        &related(
            note(REGION_H, LONNI),
            RelationCode::Replaces,
            &first.entry_uuid,
        ),
    )
    .await;
    let streamed = vec![note(REGION_H, LONNI), note(REGION_H, LONNI)];
    let streamed = register_all(&source, streamed).await;
    assert_eq!(streamed.map(|all| all.len()).ok(), Some(2));
    let block = consent(
        &hub.citizen(LONNI).await,
        LONNI,
        block_of(REGION_MIDTJYLLAND),
    )
    .await;
    every_search(&doctor).await;
    end_consent(&hub.citizen(LONNI).await, LONNI, &block).await;
    sent(&hub.system(EHR).await, LETTER).await;
    let letter = take(&hub.system(GP).await)
        .await
        .expect("it waits for its receiver");
    drop(letter);
    let reserve = hub.professional_for("reserve", EHR, &["BTG"]).await;
    broken(&reserve, essential("Bevidstløs efter et fald i hjemmet"))
        .await
        .expect("the glass breaks");
    assert_eq!(cases(&hub.supervisor().await).await.len(), 1);
    merge(hub, number(X_ECPR, "0203291WQ3"), cpr(LONNI)).await;
    every_search(&doctor).await;
}

/// With a filter by code and without.
async fn every_search(doctor: &Connection) {
    let by_class = RecordFilter {
        class_codes: vec![code("1.2.208.184.100.9", "001")],
        ..RecordFilter::default()
    };
    for search in [everything(cpr(LONNI)), filtered(cpr(LONNI), by_class)] {
        found(doctor, search).await;
    }
}

/// Each RPC, asked by those who may ask it.
async fn every_rpc(hub: &TestHub) {
    let callers = [
        hub.system(SOURCE).await,
        hub.system(REGION_M).await,
        hub.system("personregister").await,
        hub.professional("kard", EHR).await,
        hub.citizen(LONNI).await,
        hub.supervisor().await,
        hub.auditor().await,
        operator(hub).await,
    ];
    let mut answered = BTreeSet::new();
    for rpc in rpcs::all() {
        for caller in &callers {
            if rpcs::ask(caller, &rpc).await == "ok" {
                answered.insert(rpc.name.clone());
            }
        }
    }
    assert!(answered.len() > 25, "few calls were answered: {answered:?}");
}
