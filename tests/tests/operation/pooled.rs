//! Hubs behind `PgBouncer` in transaction mode: every transaction may run on another connection of the database, which others have used before.

use delt_server::config::Store;
use delt_server::profile::{Holder, SourceAddresses};
use delt_tests::alone::alone;
use delt_tests::chains::verified;
use delt_tests::entries::{CARDIOLOGY, GP, LONNI, REGION_M, cpr};
use delt_tests::fleet::Fleet;
use delt_tests::glass::{broken, cases, essential};
use delt_tests::hub::{Backend, TestHub, sample, test_person};
use delt_tests::load::{Load, patient};
use delt_tests::pooler::Pooler;
use delt_tests::postgres::Postgres;
use delt_tests::samples::{
    EHR, LETTER, REGION_MIDTJYLLAND, block_of, consent, documents_of, end_consent,
    lonni_at_the_hospital, message, register_record, search, sent, take,
};

/// Connections to the database for two hubs, each of which opens 25 to the pooler.
const CONNECTIONS: u32 = 6;

/// A database and the pooler before it.
async fn pooled() -> (Store, Pooler) {
    let made = || {
        let url = Postgres::shared().database();
        let pooler = Pooler::start(&url, CONNECTIONS);
        (
            Store {
                pooler_url: Some(pooler.url()),
                ..Store::with_url(url)
            },
            pooler,
        )
    };
    tokio::task::spawn_blocking(made).await.unwrap()
}

async fn hub(store: Store) -> TestHub {
    TestHub::start_with(Backend::Sqlite, &SourceAddresses::default(), |config| {
        config.store = store;
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_at_one_hub_holds_at_once_at_the_other() {
    let (store, pooler) = pooled().await;
    let hub = hub(store).await;
    let twin = hub.twin().await;
    let (all, here) = lonni_at_the_hospital(&hub).await;
    let doctor = hub.token(&Holder::Professional(sample("kard")), EHR, &[]);
    let there = hub.connect(twin.api, EHR, Some(doctor)).await;
    let portal = hub.token(&Holder::Citizen(test_person(LONNI)), "sundhedsportal", &[]);
    let citizen = hub.connect(twin.api, "sundhedsportal", Some(portal)).await;
    let blocked = documents_of(LONNI)
        .iter()
        .filter(|held| held.system == REGION_M)
        .count();
    let rest = all - u32::try_from(blocked).unwrap();
    for round in 0..10 {
        let id = consent(&citizen, LONNI, block_of(REGION_MIDTJYLLAND)).await;
        assert_eq!(
            search(&here, LONNI).await.unwrap().total,
            rest,
            "round {round}"
        );
        end_consent(&hub.citizen(LONNI).await, LONNI, &id).await;
        assert_eq!(
            search(&there, LONNI).await.unwrap().total,
            all,
            "round {round}"
        );
    }
    twin.stop().await;
    assert!(!pooler.log().contains("ERROR"), "{}", pooler.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_a_broken_glass_and_the_log_are_as_without_a_pooler() {
    let (store, _pooler) = pooled().await;
    let hub = hub(store).await;
    let all = register_record(&hub, LONNI).await;
    let letter = sent(&hub.system(EHR).await, LETTER).await;
    let receiver = hub.system(GP).await;
    let delivery = take(&receiver).await.expect("it waits for its receiver");
    assert_eq!(delivery.message.message_id, letter.message_id);
    assert_eq!(delivery.content, message(LETTER));
    assert!(
        take(&receiver).await.is_none(),
        "it is leased, and to one alone"
    );

    let doctor = hub.professional_for("reserve", EHR, &["BTG"]).await;
    let view = broken(&doctor, essential("Bevidstløs efter et fald i hjemmet"))
        .await
        .unwrap();
    assert!(view.total >= all);
    assert_eq!(cases(&hub.supervisor().await).await.len(), 1);

    let hub = hub.restart().await;
    delt_tests::calls::treats(&hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
    let after = search(&hub.professional("kard", EHR).await, LONNI)
        .await
        .unwrap();
    assert!(after.total >= all);
    let logged = verified(&hub.supervisor().await, &[]).await;
    assert!(logged.leaves.len() > documents_of(LONNI).len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hubs_under_load_share_few_connections() {
    let _alone = alone().await;
    let (store, pooler) = pooled().await;
    let fleet = tokio::task::spawn_blocking(move || Fleet::start(&store, 2))
        .await
        .unwrap();
    let load = Load::start(&fleet.callers, patient()).await;
    load.goes_on(80).await;
    let sums = load.settle().await;
    assert!(
        sums.errors.is_empty(),
        "{:?}\n{}",
        sums.errors,
        pooler.log()
    );
}
