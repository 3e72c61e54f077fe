//! One run: each database after the other, and the report.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Failure;
use super::clients::uuid;
use super::data::person::persons;
use super::data::random::Random;
use super::load::load;
use super::peers::order::{Bare, Order};
use super::postgres::Postgres;
use super::report::{machine, targets};
use super::scenario::{self, Scenario};
use super::scratch::Scratch;
use super::world::World;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Rounds {
    pub count: usize,
    pub time: Duration,
}

/// Which databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stores {
    Both,
    Sqlite,
    Postgres,
}

/// What is measured, on what, and for how long.
#[derive(Debug, Clone)]
pub struct Plan {
    pub quick: bool,
    pub stores: Stores,
    /// Nothing else; everything where it is empty.
    pub only: Vec<Scenario>,
    pub postgres: Option<String>,
    pub data_dir: Option<PathBuf>,
    pub persons: u32,
    /// Entries of others that the index holds beside the sample.
    pub others: u64,
    pub seed: u64,
    pub rounds: Rounds,
}

impl Plan {
    /// A run on both databases. A round takes so many seconds; 1.2 in a quick run and 8 in a long one, where nobody says.
    pub fn new(quick: bool, seconds: Option<f64>, rounds: Option<usize>, persons: u32) -> Self {
        let (usual, count) = if quick { (1.2, 3) } else { (8.0, 5) };
        let seconds = seconds.unwrap_or(usual).clamp(0.01, 600.0);
        let count = rounds.unwrap_or(count).clamp(1, 100);
        Self {
            quick,
            stores: Stores::Both,
            only: Vec::new(),
            postgres: None,
            data_dir: None,
            persons,
            others: 0,
            seed: 1,
            rounds: Rounds {
                count,
                time: Duration::from_secs_f64(seconds),
            },
        }
    }

    /// Callers at once, one number after the other.
    pub(super) fn callers(&self) -> Vec<usize> {
        if self.quick {
            vec![1, 16, 64]
        } else {
            vec![1, 16, 64, 256]
        }
    }
}

/// Measures, and tells on the way what is going on.
pub async fn run(plan: &Plan, tell: &dyn Fn(&str)) -> Result<Value, Failure> {
    let mut backends = Map::new();
    let unique = uuid()?.to_string();
    if plan.stores != Stores::Postgres {
        let folder = plan.data_dir.as_ref().map(|dir| dir.join("sqlite"));
        let folder = Scratch::open(folder.as_deref(), &format!("{unique}-sqlite"))?;
        tell("SQLite");
        backends.insert(
            "sqlite".to_owned(),
            Box::pin(backend(plan, folder, None, tell)).await?,
        );
    }
    if plan.stores != Stores::Sqlite {
        let folder = plan.data_dir.as_ref().map(|dir| dir.join("postgres"));
        let folder = Scratch::open(folder.as_deref(), &format!("{unique}-postgres"))?;
        tell("PostgreSQL");
        let found = Box::pin(postgres(plan, folder, tell)).await?;
        backends.insert("postgres".to_owned(), found);
    }
    Ok(json!({
        "machine": machine::describe(),
        "settings": settings(plan),
        "targets": targets::as_json(),
        "backends": backends,
    }))
}

/// On the database that was named, or on a server of its own.
async fn postgres(plan: &Plan, folder: Scratch, tell: &dyn Fn(&str)) -> Result<Value, Failure> {
    if let Some(url) = &plan.postgres {
        return Box::pin(backend(plan, folder, Some(url), tell)).await;
    }
    let server = Postgres::start().await?;
    let found = Box::pin(backend(plan, folder, Some(&server.url()), tell)).await;
    server.stop().await?;
    found
}

fn settings(plan: &Plan) -> Value {
    json!({
        "quick": plan.quick,
        "seed": plan.seed,
        "persons": plan.persons,
        "others": plan.others,
        "rounds": plan.rounds.count,
        "seconds_a_round": plan.rounds.time.as_secs_f64(),
        "callers": plan.callers(),
        "requests_on_a_connection": super::clients::STREAMS,
        "postgres": if plan.postgres.is_some() {
            "as it was given"
        } else {
            "its own: shared_buffers = 512MB, synchronous_commit = on, all else as by default"
        },
    })
}

async fn backend(
    plan: &Plan,
    folder: Scratch,
    store: Option<&str>,
    tell: &dyn Fn(&str),
) -> Result<Value, Failure> {
    let mut random = Random::new(plan.seed);
    let people = persons(plan.persons, &mut random);
    let mut world = World::start(folder, store, people).await?;
    let measured = Box::pin(measure(&mut world, &mut random, plan, tell)).await;
    if measured.is_err() {
        tell(&world.said());
    }
    let measured = measured?;
    world.stop().await?;
    Ok(measured)
}

async fn measure(
    world: &mut World,
    random: &mut Random,
    plan: &Plan,
    tell: &dyn Fn(&str),
) -> Result<Value, Failure> {
    let loaded = load(world, random).await?;
    tell(&format!(
        "{} entries of {} persons in {:.1} s",
        loaded.entries,
        world.people.len(),
        loaded.lasted.as_secs_f64()
    ));
    let others = others(world, plan.others, tell).await?;
    let found = Box::pin(scenario::all(world, plan, tell)).await?;
    Ok(json!({
        "sample": {
            "entries": loaded.entries,
            "relations": loaded.relations,
            "consents": loaded.consents,
            "loaded_in_s": loaded.lasted.as_secs_f64(),
            "others": others,
        },
        "scenarios": found.scenarios,
        "ratios": found.ratios,
    }))
}

/// Makes the index as large as it is to be, and says what that took and what an entry takes.
async fn others(world: &mut World, entries: u64, tell: &dyn Fn(&str)) -> Result<Value, Failure> {
    if entries == 0 {
        return Ok(Value::Null);
    }
    let before: i64 = world.store.ask(&Order::Bytes).await?;
    let filled: Bare = world.store.ask(&Order::Fill(entries)).await?;
    let bytes = world.store.ask::<i64>(&Order::Bytes).await? - before;
    tell(&format!(
        "{entries} entries of others in {:.0} s",
        filled.seconds
    ));
    Ok(json!({
        "entries": filled.rows,
        "seconds": filled.seconds,
        "bytes_an_entry": bytes / i64::try_from(entries)?,
    }))
}
