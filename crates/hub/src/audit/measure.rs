//! What the benchmark of the log's growth calls. It opens a way past the door, so it is there only with the feature `bench`, which no build that serves has.

use delt_policy::PatientKey;

use super::{
    entry_rows::EntryRow,
    months::Month,
    partitions::Add,
    search_rows::{Before, Conditions, Search},
    ways::Way,
};
use crate::{
    Result, StoreSettings,
    background::Background,
    clock::Micros,
    store::{Store, on, unavailable},
};

const ONE: &str = "-- bench_one
SELECT entry_id FROM log_entry WHERE recorded_at = $1 AND entry_id = $2";

/// What is searched for. Values are those that the benchmark fills in.
#[derive(Debug, Clone)]
pub enum Kind {
    Patient([u8; 32]),
    Document([u8; 32], String),
    Person(String),
    Organisation(String),
    System(String),
    Denied,
    BreakGlass,
    Time,
    /// And an operation that is rare there.
    SystemAnd(String, String),
}

/// A store of the log alone.
#[derive(Debug)]
pub struct Log {
    store: Store,
    background: Background,
}

impl Log {
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let background = Background::new();
        let store = Store::open(settings, &background).await?;
        Ok(Self { store, background })
    }

    /// The partition of a moment's month, and whether it could be made.
    pub async fn partition(&self, at: Micros) -> Result<bool> {
        match Month::of(at) {
            Some(month) => self.store.write(Add(month)).await,
            None => Ok(false),
        }
    }

    /// The first page of 50, as an operation reads it; how many entries it has.
    pub async fn page(&self, kind: &Kind, since: Micros, to: Micros) -> Result<usize> {
        let search = search(kind, since);
        let mut tx = self.store.snapshot().await?;
        let step = search.step::<EntryRow>(&mut tx, Before::moment(to), 1_000, 50);
        Ok(step.await?.rows.len())
    }

    /// How the database reads the first range (`EXPLAIN`).
    pub async fn plan(&self, kind: &Kind, since: Micros, to: Micros) -> Result<String> {
        let search = search(kind, since);
        let mut tx = self.store.snapshot().await?;
        let Some(branch) = search.branches.first() else {
            return Ok(String::new());
        };
        let options = "(ANALYZE, BUFFERS, TIMING OFF)";
        let plan = search.explain(&mut tx, branch, Before::moment(to), 50, options);
        plan.await.map(|lines| lines.join("\n"))
    }

    /// One entry by its primary key.
    pub async fn one(&self, at: Micros, id: &[u8]) -> Result<bool> {
        let mut tx = self.store.snapshot().await?;
        let row: Option<(Vec<u8>,)> =
            on!(&mut tx, c => sqlx::query_as(ONE).bind(at).bind(id).fetch_optional(c).await)
                .map_err(unavailable)?;
        Ok(row.is_some())
    }

    pub async fn close(self) {
        self.background.shut_down().await;
    }
}

fn search(kind: &Kind, since: Micros) -> Search {
    let mut conditions = Conditions::default();
    let way = match kind.clone() {
        Kind::Patient(key) => Way::Patient(vec![PatientKey::new(key)]),
        Kind::Document(key, uuid) => {
            conditions.document = Some(uuid.into_bytes());
            Way::Document(vec![PatientKey::new(key)])
        }
        Kind::Person(id) => Way::Person(id),
        Kind::Organisation(id) => Way::Organisation(vec![id]),
        Kind::System(id) => Way::System(id),
        Kind::Denied => Way::Outcome("denied"),
        Kind::BreakGlass => Way::Purpose("BTG".to_owned()),
        Kind::Time => Way::Time,
        Kind::SystemAnd(id, operation) => {
            conditions.operation = Some(operation);
            Way::System(id)
        }
    };
    Search::new(&way, conditions, since)
}
