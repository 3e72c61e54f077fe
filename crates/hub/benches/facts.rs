//! What it costs to load the facts of a decision, beside loading them one by one and beside a statement that does nothing, each on one connection
//! of the same store.
//!
//! `cargo bench -p delt-hub --features bench --bench facts`

#![expect(clippy::expect_used, reason = "a benchmark that cannot begin ends")]

#[expect(
    unreachable_pub,
    dead_code,
    clippy::panic,
    reason = "the server that all tests use; not all of it is used here"
)]
#[path = "../../../tests/src/postgres.rs"]
mod postgres;

use std::sync::OnceLock;

use delt_hub::{StoreSettings, bench_facts::Measured, migrate};
use delt_policy::PatientKey;
use divan::Bencher;
use postgres::{Durability, Postgres};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;

const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];
/// Patients in the store, each with what the measured one has.
const PATIENTS: i32 = 20_000;
/// Numbers, consents, relations and representations of the measured patient.
const THERE_ARE: [usize; 4] = [2, 3, 4, 0];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backend {
    Sqlite,
    Postgres,
}

fn main() {
    divan::main();
}

#[divan::bench(args = BACKENDS)]
fn one_statement(bencher: Bencher<'_, '_>, backend: Backend) {
    measure(bencher, backend, |runtime, store| {
        let found = runtime.block_on(store.facts()).expect("facts");
        assert_eq!(found, THERE_ARE);
    });
}

#[divan::bench(args = BACKENDS)]
fn one_by_one(bencher: Bencher<'_, '_>, backend: Backend) {
    measure(bencher, backend, |runtime, store| {
        let found = runtime.block_on(store.one_by_one()).expect("facts");
        assert_eq!(found, THERE_ARE);
    });
}

#[divan::bench(args = BACKENDS)]
fn nothing(bencher: Bencher<'_, '_>, backend: Backend) {
    measure(bencher, backend, |runtime, store| {
        assert_eq!(runtime.block_on(store.nothing()).expect("a row"), 1);
    });
}

fn measure(bencher: Bencher<'_, '_>, backend: Backend, turn: fn(&Runtime, &mut Measured)) {
    let runtime = Runtime::new().expect("a runtime");
    let settings = settings(url(&runtime, backend));
    let measured = Measured::open(&settings, key(1));
    let mut store = runtime.block_on(measured).expect("a store");
    // PostgreSQL settles on a plan after the fifth time.
    for _ in 0..10 {
        turn(&runtime, &mut store);
    }
    bencher.bench_local(|| turn(&runtime, &mut store));
    runtime.block_on(store.close()).expect("it closes");
}

/// The store of a backend, filled once.
fn url(runtime: &Runtime, backend: Backend) -> &'static str {
    static SQLITE: OnceLock<(String, tempfile::TempDir)> = OnceLock::new();
    static POSTGRES: OnceLock<(String, Postgres)> = OnceLock::new();
    match backend {
        Backend::Sqlite => {
            let (url, _folder) = SQLITE.get_or_init(|| {
                let folder = tempfile::tempdir().expect("a folder");
                let url = format!("sqlite://{}", folder.path().join("delt.db").display());
                runtime
                    .block_on(migrate(&settings(&url)))
                    .expect("a schema");
                runtime.block_on(fill_sqlite(&url));
                (url, folder)
            });
            url
        }
        Backend::Postgres => {
            let (url, _server) = POSTGRES.get_or_init(|| {
                let server = Postgres::start(Durability::Durable);
                let url = server.database();
                runtime
                    .block_on(migrate(&settings(&url)))
                    .expect("a schema");
                runtime.block_on(fill_postgres(&url));
                (url, server)
            });
            url
        }
    }
}

fn settings(url: &str) -> StoreSettings {
    StoreSettings {
        url: url.to_owned(),
        pooler_url: None,
        standby_url: None,
        read_connections: 1,
        timeout_ms: 10_000,
        statement_ms: 30_000,
    }
}

/// The key of patient `n`, as [`rows`] writes it.
fn key(n: i32) -> PatientKey {
    let digits = format!("{n:0>32}");
    PatientKey::new(digits.as_bytes().try_into().expect("32 digits"))
}

/// Rows for every patient, and one number that each had before. `bytes` is a number as so many bytes.
fn rows(bytes: fn(&str, usize) -> String) -> String {
    let key = bytes("n", 32);
    let before = bytes("n + 1000000", 32);
    let id = bytes("n * 10 + i", 16);
    let patients = format!(
        "WITH RECURSIVE patients (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM patients WHERE n < {PATIENTS}),
times (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM times WHERE i < 4)"
    );
    format!(
        r#"INSERT INTO patient_link (from_key, to_key, kind, created_at, created_by)
{patients} SELECT {before}, {key}, 2, 1, 'bench' FROM patients;
INSERT INTO consent (patient_key, consent_id, terms, valid_from, created_at, created_by)
{patients} SELECT {key}, {id}, '{{"kind":"negative","what":{{"document_types":["11506-3"]}},"who":"all"}}', 1, 1, 'bench'
FROM patients CROSS JOIN times WHERE i < 4;
INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation, valid_from, created_at, created_by)
{patients} SELECT {key}, {id}, 'admission', 'sor:265161000016002', 1, 1, 'bench'
FROM patients CROSS JOIN times;"#
    )
}

async fn fill_sqlite(url: &str) {
    let rows = rows(|number, width| format!("CAST(printf('%0{width}d', {number}) AS BLOB)"));
    let mut connection = SqliteConnection::connect(url).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(rows))
        .execute(&mut connection)
        .await
        .expect("rows");
    connection.close().await.expect("it closes");
}

async fn fill_postgres(url: &str) {
    let rows =
        rows(|number, width| format!("convert_to(lpad(({number})::text, {width}, '0'), 'UTF8')"));
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    sqlx::raw_sql(AssertSqlSafe(rows + " ANALYZE;"))
        .execute(&mut connection)
        .await
        .expect("rows");
    connection.close().await.expect("it closes");
}
