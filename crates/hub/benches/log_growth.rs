//! How searching the access log grows with it: first pages of every kind, beside a look-up by primary key in the same run, at 0.1, 1 and more million
//! entries over 24 months.
//!
//! `cargo bench -p delt-hub --features bench --bench log_growth [-- MILLIONS [sqlite|postgres]]`, 2 million and both by default.

#![expect(clippy::expect_used, reason = "a benchmark that cannot begin ends")]
#![expect(
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    reason = "a benchmark measures time, of as many rows as it is told"
)]

#[expect(
    unreachable_pub,
    dead_code,
    clippy::panic,
    reason = "the server that all tests use; not all of it is used here"
)]
#[path = "../../../tests/src/postgres.rs"]
mod postgres;

use std::io::Write as _;
use std::time::{Duration, Instant};

use delt_hub::{
    StoreSettings,
    bench_log::{Kind, Log},
    migrate,
};
use postgres::{Durability, Postgres};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// 1 December 2024, and 24 months after it, in microseconds.
const FROM: i64 = 1_733_011_200_000_000;
const TO: i64 = 1_796_083_200_000_000;
/// How often each page is read; the median counts.
const TIMES: usize = 31;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let top: f64 = words
        .iter()
        .find_map(|word| word.parse().ok())
        .unwrap_or(2.0);
    let asked = |name: &str| {
        words
            .iter()
            .all(|word| word.parse::<f64>().is_ok() || word == name)
    };
    let sizes = [0.1, 1.0]
        .into_iter()
        .filter(|size| *size < top)
        .chain([top]);
    let sizes: Vec<i64> = sizes.map(|millions| (millions * 1e6) as i64).collect();
    if asked("sqlite") {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("delt.db").display());
        measure(&url, &sizes).await;
    }
    if asked("postgres") {
        let server = Postgres::start(Durability::Fast);
        measure(&server.database(), &sizes).await;
    }
}

async fn measure(url: &str, sizes: &[i64]) {
    let settings = StoreSettings {
        url: url.to_owned(),
        pooler_url: None,
        standby_url: None,
        read_connections: 1,
        timeout_ms: 600_000,
        statement_ms: 600_000,
    };
    migrate(&settings).await.expect("a schema");
    let log = Log::open(&settings).await.expect("a store");
    let mut month = FROM;
    while month < TO {
        // Some months come twice.
        log.partition(month).await.ok();
        month += 28 * 86_400_000_000;
    }
    let mut filled = 0;
    for size in sizes {
        let begun = Instant::now();
        fill(url, filled, *size).await;
        filled = *size;
        say(&format!(
            "\n{} with {size} entries, filled in {:.0?}",
            backend(url),
            begun.elapsed()
        ));
        table(&log, *size).await;
    }
    log.close().await;
}

fn backend(url: &str) -> &'static str {
    if url.starts_with("sqlite") {
        "SQLite"
    } else {
        "PostgreSQL"
    }
}

async fn table(log: &Log, size: i64) {
    let at = when(size / 2 + 1);
    let id = format!("{:0>16}", size / 2 + 1);
    let mut one = Vec::new();
    for _ in 0..TIMES {
        let begun = Instant::now();
        assert!(log.one(at, id.as_bytes()).await.expect("a look-up"));
        one.push(begun.elapsed());
    }
    let one = median(one);
    say(&format!(
        "| {:<42} | {:>9} | {:>6} | {:>4} | index and parts |",
        "first page of 50", "median", "ratio", "rows"
    ));
    say(&format!(
        "| {:<42} | {:>9.1?} | {:>6.1} | {:>4} | |",
        "one entry by its primary key", one, 1.0, 1
    ));
    for (name, kind, since) in kinds() {
        let mut times = Vec::new();
        let mut rows = 0;
        for _ in 0..TIMES {
            let begun = Instant::now();
            rows = log.page(&kind, since, TO).await.expect("a page");
            times.push(begun.elapsed());
        }
        let plan = log.plan(&kind, since, TO).await.expect("a plan");
        let took = median(times);
        let ratio = took.as_secs_f64() / one.as_secs_f64();
        say(&format!(
            "| {name:<42} | {took:>9.1?} | {ratio:>6.1} | {rows:>4} | {} |",
            way(&plan)
        ));
    }
}

/// What is searched, and since when.
fn kinds() -> Vec<(&'static str, Kind, i64)> {
    let key: [u8; 32] = format!("{:0>32}", 77)
        .into_bytes()
        .try_into()
        .expect("32 bytes");
    let organisation = || Kind::Organisation("sor:77".to_owned());
    let month = TO - 30 * 86_400_000_000;
    vec![
        ("a patient", Kind::Patient(key), i64::MIN),
        (
            "a document",
            Kind::Document(key, format!("{:0>36}", 77)),
            i64::MIN,
        ),
        ("a person", Kind::Person("person77".to_owned()), i64::MIN),
        ("an organisation", organisation(), i64::MIN),
        ("an organisation, the last month", organisation(), month),
        ("a system", Kind::System("system7".to_owned()), i64::MIN),
        (
            "a system and a rare operation",
            Kind::SystemAnd("system7".to_owned(), "ExplainAccess".to_owned()),
            i64::MIN,
        ),
        ("refused", Kind::Denied, i64::MIN),
        ("break-glass", Kind::BreakGlass, i64::MIN),
        ("time, the last month", Kind::Time, month),
        ("time", Kind::Time, i64::MIN),
    ]
}

/// The index of the plan, and on PostgreSQL how many partitions it reads and how many pages it touches.
fn way(plan: &str) -> String {
    let lines = || plan.lines().filter(|line| !line.contains("never executed"));
    let named = |line: &str| {
        let after = [
            "USING INDEX ",
            " using log_entry_",
            "Index Scan on log_entry_",
        ];
        let name = after.iter().find_map(|words| line.split(words).nth(1))?;
        name.split([' ', '(']).next().map(str::to_owned)
    };
    let index = lines().find_map(named);
    let index = index.unwrap_or_else(|| "primary key".to_owned());
    let Some(pages) = plan
        .lines()
        .find_map(|line| line.trim().strip_prefix("Buffers: shared "))
    else {
        return index;
    };
    // The partition's own month stands before the columns.
    let index = index.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    let read = lines().filter_map(named).count();
    format!("{index}; {read} partitions; pages {pages}")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").expect("standard output");
}

/// When entry `n` was recorded. Entries are spread evenly by a step that has no factor in common with the time.
fn when(n: i64) -> i64 {
    FROM + (n * 7_919_000_003) % (TO - FROM)
}

/// Entries from one number to another: 1 of 100 refused, 1 of 500 with the glass broken, 1 of 10 000 an explanation, some 600 bytes each.
async fn fill(url: &str, from: i64, to: i64) {
    let sqlite = url.starts_with("sqlite");
    let bytes = |text: &str, width: usize| {
        if sqlite {
            format!("CAST(printf('%0{width}d', {text}) AS BLOB)")
        } else {
            format!("convert_to(lpad(({text})::text, {width}, '0'), 'UTF8')")
        }
    };
    let series = if sqlite {
        format!(
            "(WITH RECURSIVE s (n) AS (SELECT {from} + 1 UNION ALL SELECT n + 1 FROM s WHERE n < {to}) SELECT n FROM s) s"
        )
    } else {
        format!("(SELECT n::bigint AS n FROM generate_series({from} + 1, {to}) AS n) s")
    };
    let payload = if sqlite {
        "CAST(printf('%0600d', n) AS BLOB)".to_owned()
    } else {
        "convert_to(repeat(md5(n::text), 19), 'UTF8')".to_owned()
    };
    let at = format!("{FROM} + (n * 7919000003) % {}", TO - FROM);
    let (id, hash, patient) = (bytes("n", 16), bytes("n", 32), bytes("n % 1000000", 32));
    let entries = format!(
        "INSERT INTO log_entry (recorded_at, entry_id, commitment, salt, payload, patient_key, patient_number, person_id, organisation, system_id,
    operation, outcome, purpose, overridden)
SELECT {at}, {id}, {hash}, {hash}, {payload}, {patient}, n, 'person' || (n % 20000), 'sor:' || (n % 3000), 'system' || (n % 300),
    CASE WHEN n % 10007 = 0 THEN 'ExplainAccess' ELSE 'SearchRecord' END, CASE WHEN n % 100 = 0 THEN 'denied' ELSE 'permitted' END,
    CASE WHEN n % 500 = 0 THEN 'BTG' ELSE 'TREAT' END, 0
FROM {series};
INSERT INTO log_leaf (leaf_index, recorded_at, entry_id, commitment) SELECT n, {at}, {id}, {hash} FROM {series};"
    );
    if sqlite {
        let mut connection = SqliteConnection::connect(url).await.expect("a connection");
        let quick = format!(
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN; {entries} COMMIT;"
        );
        sqlx::raw_sql(AssertSqlSafe(quick))
            .execute(&mut connection)
            .await
            .expect("rows");
        connection.close().await.expect("it closes");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("a connection");
        sqlx::raw_sql(AssertSqlSafe(entries))
            .execute(&mut connection)
            .await
            .expect("rows");
        sqlx::raw_sql("VACUUM ANALYZE log_entry")
            .execute(&mut connection)
            .await
            .expect("counted");
        sqlx::raw_sql("VACUUM ANALYZE log_leaf")
            .execute(&mut connection)
            .await
            .expect("counted");
        connection.close().await.expect("it closes");
    }
}
