//! Every way into the log is its index on both databases, whatever else is asked, and whether or not anything has been counted; on PostgreSQL a period
//! leaves out the other months. Partitions come ahead of their month and never stand in the way of an append.

use delt_policy::PatientKey;
use futures_util::future::BoxFuture;
use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use super::{
    months::Month,
    partitions::{self, Add},
    search_rows::{Before, Conditions, Search},
    ways::{Branch, Way},
};
use crate::{
    Result,
    background::Background,
    clock::Micros,
    facts::tests::postgres::Postgres,
    store::{AsyncWork, Store, StoreSettings, Tx, on, unavailable},
};

/// 1 November 2026, and the month before and after it.
const NOVEMBER: Micros = 1_793_491_200_000_000;
const DAY: Micros = 86_400_000_000;

struct Room {
    store: Store,
    background: Background,
    _folder: TempDir,
}

struct Sql(String);

impl AsyncWork<()> for Sql {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        let sql = AssertSqlSafe(self.0.clone());
        Box::pin(async move {
            on!(tx, c => sqlx::raw_sql(sql).execute(c).await.map(drop)).map_err(unavailable)
        })
    }
}

impl Room {
    async fn open(url: String, folder: TempDir) -> Self {
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
        Self {
            store,
            background,
            _folder: folder,
        }
    }

    async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("delt.db").display());
        Self::open(url, folder).await
    }

    async fn on_postgres() -> Self {
        Self::open(Postgres::shared().database(), tempfile::tempdir().unwrap()).await
    }

    async fn run(&self, sql: &str) {
        self.store.write(Sql(sql.to_owned())).await.unwrap();
    }

    /// An entry every so often, from the first of October to the end of December.
    async fn fill(&self, entries: i64) {
        let bytes = match self.store.snapshot().await.unwrap() {
            Tx::Sqlite(_) => "CAST(substr('0000000000000000' || n, -16) AS BLOB)",
            Tx::Postgres(_) => "convert_to(lpad(n::text, 16, '0'), 'UTF8')",
        };
        self.run(&format!(
            "INSERT INTO log_entry (recorded_at, entry_id, commitment, salt, payload, patient_key, person_id, responsible_id, organisation, system_id,
    operation, outcome, purpose, overridden)
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {entries})
SELECT {from} + CAST(n AS BIGINT) * {apart}, {bytes}, {bytes}, {bytes}, {bytes}, {bytes},
    'person' || (n % 50), 'person' || (n % 70), 'sor:' || (n % 30), 'system' || (n % 10),
    'SearchRecord', CASE WHEN n % 20 = 0 THEN 'denied' ELSE 'permitted' END, CASE WHEN n % 40 = 0 THEN 'BTG' ELSE 'TREAT' END, 0
FROM numbers",
            from = NOVEMBER - 31 * DAY,
            apart = 92 * DAY / entries,
        ))
        .await;
    }

    async fn plan(&self, search: &Search, branch: &Branch, before: Before) -> String {
        let mut tx = self.store.snapshot().await.unwrap();
        let plan = search.explain(&mut tx, branch, before, 50, "").await;
        plan.unwrap().join("\n")
    }

    async fn close(self) {
        self.background.shut_down().await;
    }
}

fn every_way() -> [Way; 8] {
    let key = PatientKey::new([1; 32]);
    [
        Way::Patient(vec![key]),
        Way::Document(vec![key]),
        Way::Person("person1".into()),
        Way::Organisation(vec!["sor:1".into()]),
        Way::System("system1".into()),
        Way::Outcome("denied"),
        Way::Purpose("BTG".into()),
        Way::Time,
    ]
}

fn everything_else() -> Conditions {
    Conditions {
        person: Some("person2".into()),
        organisations: Some(r#"["sor:2","sor:3"]"#.into()),
        system: Some("system2".into()),
        operation: Some("SearchRecord".into()),
        outcome: Some("denied"),
        purpose: Some("BTG".into()),
        document: Some(b"uuid".to_vec()),
    }
}

fn searches() -> impl Iterator<Item = Search> {
    let conditions = [Conditions::default(), everything_else()];
    every_way().into_iter().flat_map(move |way| {
        // What no index of its own leads to is gone through in steps, each down to a floor, so that the range of one is short.
        let since = match way {
            Way::Time => NOVEMBER + 19 * DAY,
            _ => NOVEMBER,
        };
        let search = move |conditions| Search::new(&way, conditions, since);
        conditions.clone().map(search)
    })
}

#[tokio::test]
async fn sqlite_goes_the_way_that_was_chosen() {
    let room = Room::on_sqlite().await;
    for counted in [false, true] {
        if counted {
            room.fill(5_000).await;
            room.run("ANALYZE").await;
        }
        for search in searches() {
            for branch in &search.branches {
                let plan = room
                    .plan(&search, branch, Before::moment(Micros::MAX))
                    .await;
                let way = match branch {
                    Branch::Time => "SEARCH e USING PRIMARY KEY (recorded_at>? AND recorded_at<?)",
                    other => &format!("SEARCH e USING INDEX {} (", other.index()),
                };
                assert!(plan.contains(way), "{way} in {plan}");
                assert!(
                    !plan.contains("SCAN e") && !plan.contains("TEMP B-TREE FOR ORDER"),
                    "{plan}"
                );
            }
        }
    }
    room.close().await;
}

#[tokio::test]
async fn postgres_goes_the_way_that_was_chosen_in_the_months_that_are_asked() {
    let room = Room::on_postgres().await;
    let october = Month::of(NOVEMBER - DAY).unwrap();
    for month in [october, october.next(), october.next().next()] {
        assert!(room.store.write(Add(month)).await.unwrap());
    }
    for counted in [false, true] {
        if counted {
            room.fill(30_000).await;
            room.run("ANALYZE").await;
        }
        for search in searches() {
            for branch in &search.branches {
                let plan = room
                    .plan(&search, branch, Before::moment(NOVEMBER + 20 * DAY))
                    .await;
                // How it finds the leaf of each row on a page is another matter, and an empty table is read as it is.
                assert!(!plan.contains("Seq Scan on log_entry"), "{plan}");
                // Where it expects few rows, it reads the same range as a bitmap and sorts them.
                let index = indexed(branch, "log_entry_2026_11");
                let ways = [" using ", "Bitmap Index Scan on "].map(|way| format!("{way}{index} "));
                assert!(
                    ways.iter().any(|way| plan.contains(way)),
                    "{index} in {plan}"
                );
                let scans = [" using log_entry_", "Index Scan on log_entry_"];
                let scans = scans.map(|scan| plan.matches(scan).count());
                assert_eq!(scans.iter().sum::<usize>(), 1, "{plan}");
                for other in ["log_entry_2026_10", "log_entry_2026_12", "log_entry_rest"] {
                    assert!(!plan.contains(other), "{plan}");
                }
            }
        }
    }
    room.close().await;
}

/// The name that PostgreSQL gives to a partition's part of an index.
fn indexed(branch: &Branch, partition: &str) -> String {
    let column = match branch {
        Branch::Patient(_) => "patient_key_",
        Branch::Person(_) => "person_id_",
        Branch::Responsible(_) => "responsible_id_",
        Branch::Organisation(_) => "organisation_",
        Branch::System(_) => "system_id_",
        Branch::Outcome(_) => "outcome_",
        Branch::Purpose(_) => "purpose_",
        Branch::Time => return format!("{partition}_pkey"),
    };
    format!("{partition}_{column}recorded_at_entry_id_idx")
}

#[tokio::test]
async fn a_month_that_has_begun_in_the_default_partition_stays_there() {
    let room = Room::on_postgres().await;
    room.fill(100).await;
    let october = Month::of(NOVEMBER - DAY).unwrap();
    assert!(!room.store.write(Add(october)).await.unwrap());
    let january = october.next().next().next();
    assert!(room.store.write(Add(january)).await.unwrap());
    // Another hub was first.
    assert!(room.store.write(Add(january)).await.is_err());
    let mut tx = room.store.snapshot().await.unwrap();
    assert_eq!(partitions::existing(&mut tx).await.unwrap(), [january]);
    drop(tx);
    room.close().await;
}

#[tokio::test]
async fn a_reader_that_takes_its_time_keeps_no_append_waiting() {
    let room = Room::on_postgres().await;
    let mut reader = room.store.snapshot().await.unwrap();
    let search = Search::new(&Way::Time, Conditions::default(), 0);
    let before = Before::moment(Micros::MAX);
    search.floor(&mut reader, before, 1).await.unwrap();
    // What is appended meanwhile is of other months, so that it is the reader alone who stands in the way.
    let january = Month::of(NOVEMBER).unwrap().next().next();
    let (made, ()) = tokio::join!(room.store.write(Add(january)), room.fill(10));
    assert!(made.is_err(), "it gives way");
    drop(reader);
    assert!(room.store.write(Add(january)).await.unwrap());
    room.close().await;
}

#[tokio::test]
async fn sqlite_needs_no_partitions() {
    let room = Room::on_sqlite().await;
    assert!(!room.store.write(Add(Month::of(0).unwrap())).await.unwrap());
    room.close().await;
}
