//! Of entries that share a commit, one that cannot be written costs the others nothing, and leaves nothing behind.

use delt_ledger::{ChainSalt, Entry, Salt};
use delt_policy::PatientKey;
use futures_util::future::join_all;
use uuid::Uuid;

use super::Pending;
use crate::{
    background::Background,
    clock::Micros,
    facts::tests::postgres::Postgres,
    store::{Store, StoreSettings, on},
};

const NOW: Micros = 1_793_491_200_000_000;
const PATIENT: [u8; 32] = [1; 32];

fn entry(id: u128) -> Pending {
    let id = Uuid::from_u128(id);
    let text = format!(
        r#"{{"actor":{{"system":"ehr"}},"id":"{id}","operation":"SearchRecord","outcome":"permitted","recorded_at":"2026-11-01T00:00:00.000000Z","version":1}}"#
    );
    Pending {
        id,
        recorded_at: NOW,
        salt: Salt::from_bytes([3; 32]),
        patient: Some((PatientKey::new(PATIENT), ChainSalt::from_bytes([2; 32]))),
        person_key: None,
        overridden: false,
        entry: Entry::from_json(text.as_bytes()).unwrap(),
    }
}

/// The numbers of the patient's entries, how many wait for their place, and how far the chain has come.
async fn kept(store: &Store) -> (Vec<i64>, i64, i64) {
    let mut tx = store.snapshot().await.unwrap();
    on!(&mut tx, c => {
        let numbers = sqlx::query_scalar("SELECT patient_number FROM log_entry ORDER BY patient_number");
        let numbers = numbers.fetch_all(&mut *c).await.unwrap();
        let waiting = sqlx::query_scalar("SELECT COUNT(*) FROM log_queue");
        let waiting = waiting.fetch_one(&mut *c).await.unwrap();
        let chain = sqlx::query_scalar("SELECT number FROM patient_chain WHERE patient_key = $1");
        let chain = chain.bind(PATIENT.as_slice()).fetch_one(&mut *c).await.unwrap();
        (numbers, waiting, chain)
    })
}

async fn one_of_seven_is_there_already(url: String) {
    let background = Background::new();
    let settings = StoreSettings {
        url,
        pooler_url: None,
        standby_url: None,
        read_connections: 2,
        timeout_ms: 10_000,
        statement_ms: 30_000,
    };
    let store = Store::open(&settings, &background).await.unwrap();
    store.append(entry(4)).await.unwrap();
    // On one thread: all of them are in the queue before the writer looks.
    let outcomes = join_all((1..=7).map(|id| store.append(entry(id)))).await;
    let written: Vec<_> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(written, [true, true, true, false, true, true, true]);
    assert_eq!(kept(&store).await, ((1..=7).collect(), 7, 7));
    background.shut_down().await;
}

#[tokio::test]
async fn an_entry_that_fails_takes_nobody_along_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("delt.db").display());
    one_of_seven_is_there_already(url).await;
}

#[tokio::test]
async fn an_entry_that_fails_takes_nobody_along_on_postgres() {
    one_of_seven_is_there_already(Postgres::shared().database()).await;
}
