//! What a request asks the store, as the store's own driver logs it: one statement for the facts of a decision, and one more for a person with several
//! numbers.

use delt_client::Connection;
use delt_client::proto::patient::v1::MergePatientRequest;
use delt_tests::alone::alone;
use delt_tests::calls::{operator, record, register, treats};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, X_ECPR, cpr, note, number};
use delt_tests::hub::{Backend, TestHub};
use delt_tests::statements;

/// On SQLite it begins the snapshot too.
const fn facts(backend: Backend) -> &'static str {
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

/// The patient gets a second number.
async fn link(hub: &TestHub) {
    let merge = MergePatientRequest {
        context: None,
        old: Some(number(X_ECPR, "0203291WQ3")),
        new: Some(cpr(LONNI)),
    };
    operator(hub).await.patients().merge(merge).await.unwrap();
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
                link(&hub).await;
            }
            let ran = statements_of_a_search(&reader).await;
            let asked = |of: &str| ran.iter().filter(|name| *name == of).count();
            assert_eq!(
                asked(facts(backend)),
                1,
                "{backend:?}, search {turn}: {ran:?}"
            );
            assert_eq!(
                asked(LINKED_FACTS),
                usize::from(linked),
                "{backend:?}, search {turn}: {ran:?}"
            );
            let singly = ran
                .iter()
                .find(|name| ONE_BY_ONE.iter().any(|one| name.starts_with(one)));
            assert_eq!(singly, None, "{backend:?}, search {turn}: {ran:?}");
        }
        hub.running.stop().await;
    }
}
