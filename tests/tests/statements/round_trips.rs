//! What a request asks the store, as its drivers log it: one statement for the facts of a decision and the entries of a record, and for a person with
//! several numbers a snapshot with more.

use delt_client::Connection;
use delt_tests::alone::alone;
use delt_tests::calls::{merge, record, register, treats};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, X_ECPR, cpr, note, number};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::statements;

/// With the entries of the record.
const FACTS: &str = "facts_select_record";
/// Without, where others are linked: on SQLite it begins the snapshot too.
const fn facts_alone(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "facts_begin_sqlite",
        Backend::Postgres => "facts_select",
    }
}
const LINKED_FACTS: &str = "facts_select_linked";

/// What the facts would take one by one: the links, and each kind of record that a decision looks at.
const ONE_BY_ONE: [&str; 6] = [
    "patient_select_linked_keys",
    "consent_select",
    "relation_select",
    "representation_select",
    "helper_delegation_select_received",
    "glass_select",
];

/// A professional who reads the record of a patient with a treatment relation and an entry.
async fn prepared(hub: &TestHub) -> Connection {
    let source = hub.system(REGION_H).await;
    register(&source, &note(REGION_H, LONNI)).await;
    treats(hub, REGION_H, CARDIOLOGY, cpr(LONNI)).await;
    hub.professional("kard", "ehr-hovedstaden").await
}

/// The names of the statements that ran while the record was read, as often as they ran.
async fn statements_of_a_search(reader: &Connection) -> Vec<String> {
    statements::take();
    assert_eq!(record(reader, cpr(LONNI)).await.total, 1);
    let ran = statements::take();
    ran.iter()
        .map(|statement| statements::name(statement).to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_asks_the_store_once_for_its_facts() {
    let _alone = alone().await;
    statements::keep();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let hub = TestHub::start(backend).await;
        let reader = prepared(&hub).await;
        for turn in 0..4 {
            let linked = turn >= 2;
            if turn == 2 {
                merge(&hub, number(X_ECPR, "0203291WQ3"), cpr(LONNI)).await;
            }
            let ran = statements_of_a_search(&reader).await;
            let asked = |of: &str| ran.iter().filter(|name| *name == of).count();
            let once_if_linked = usize::from(linked);
            for (name, times) in [
                (FACTS, 1),
                (facts_alone(backend), once_if_linked),
                (LINKED_FACTS, once_if_linked),
                ("document_select_record", 2 * once_if_linked),
            ] {
                assert_eq!(
                    asked(name),
                    times,
                    "{name}, {backend:?}, search {turn}: {ran:?}"
                );
            }
            let singly = ran
                .iter()
                .find(|name| ONE_BY_ONE.iter().any(|one| name.starts_with(one)));
            assert_eq!(singly, None, "{backend:?}, search {turn}: {ran:?}");
        }
        hub.running.stop().await;
    }
}
