//! `RegisterDocument` one by one and streamed, beside a bare insert of the same bytes in batches that each are durable.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use delt_client::Connection;
use delt_proto::common::v1::Identifier;
use delt_proto::document::v1::{DocumentEntry, RegisterDocumentRequest};
use futures_util::stream;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Findings, TELLING};
use crate::bench::Failure;
use crate::bench::clients::STREAMS;
use crate::bench::data::entry::{SOURCES, entry_from};
use crate::bench::data::person::Person;
use crate::bench::data::random::Random;
use crate::bench::load::stream_in;
use crate::bench::measure::drive::closed;
use crate::bench::measure::figure::{Figure, count, median, report, round};
use crate::bench::measure::meter::{Meter, Spent};
use crate::bench::peers::order::{Bare, Order};
use crate::bench::run::Plan;
use crate::bench::world::{SOURCE, World};

/// Rows in one transaction of the bare insert.
const BATCH: usize = 256;

pub(super) async fn measure(
    world: &mut World,
    plan: &Plan,
    found: &mut Findings,
) -> Result<(), Failure> {
    let entries = Entries::of(world, plan.seed);
    let (mut single, mut streamed, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    let hubs = connections(world).await?;
    for turn in 0..=plan.rounds.count {
        let time = plan.rounds.time / if turn == 0 { 4 } else { 1 };
        let ones = one_by_one(world, &hubs, &entries, time).await?;
        world.sealed().await?;
        let rows = streams(world, &entries, time).await?;
        world.sealed().await?;
        let limit = insert(world, time).await?;
        if turn > 0 {
            single.push(ones);
            streamed.push(rows);
            bare.push(limit);
        }
    }
    let rates = streamed.iter().zip(&bare);
    let ratio = median(rates.map(|(ours, limit)| ours.per_second() / limit.per_second()));
    found.ratio("register_stream_rows_over_bare", ratio);
    let scenario = json!({
        "one_by_one": { "callers": TELLING, "hub": report(&single) },
        "streamed": { "streams": SOURCES.len(), "hub": Rows::report(&streamed) },
        "limit": { "rows_in_a_commit": BATCH, "bare": Rows::report(&bare) },
        "rows_over_bare": round(ratio),
    });
    found.scenarios.insert("register".to_owned(), scenario);
    Ok(())
}

async fn connections(world: &World) -> Result<Arc<[Connection]>, Failure> {
    let mut hubs = Vec::new();
    for _ in 0..TELLING / STREAMS {
        hubs.push(world.clients.system(&world.hub.address()?, SOURCE).await?);
    }
    Ok(hubs.into())
}

async fn one_by_one(
    world: &World,
    hubs: &Arc<[Connection]>,
    entries: &Entries,
    time: Duration,
) -> Result<Figure, Failure> {
    let (hubs, entries) = (hubs.clone(), entries.clone());
    let call = move |caller: usize, _| {
        let (hubs, entry) = (hubs.clone(), entries.next(SOURCE));
        async move {
            let hub = hubs.get(caller / STREAMS).ok_or("no connection")?;
            let request = RegisterDocumentRequest {
                context: None,
                entry: Some(entry),
            };
            hub.documents().register(request).await?;
            Ok(0)
        }
    };
    closed(TELLING, time, &world.hub_meter()?, call).await
}

/// A stream from each source at once, for so long.
async fn streams(world: &World, entries: &Entries, time: Duration) -> Result<Rows, Failure> {
    let meter = world.hub_meter()?;
    let mut tasks = JoinSet::new();
    let address = world.hub.address()?;
    let mut hubs = Vec::new();
    for source in SOURCES {
        hubs.push((source, world.clients.system(&address, source).await?));
    }
    let (begun, before) = (Instant::now(), meter.read()?);
    for (source, hub) in hubs {
        let entries = entries.clone();
        let made =
            std::iter::from_fn(move || (begun.elapsed() < time).then(|| entries.next(source)));
        tasks.spawn(async move { stream_in(&hub, stream::iter(made)).await });
    }
    let mut rows = 0;
    while let Some(ended) = tasks.join_next().await {
        rows += ended??;
    }
    Rows::since(rows, begun.elapsed().as_secs_f64(), &meter, before)
}

async fn insert(world: &mut World, time: Duration) -> Result<Rows, Failure> {
    let meter = world.store_meter()?;
    let before = meter.read()?;
    let order = Order::Insert {
        batch: BATCH,
        ms: u64::try_from(time.as_millis())?,
    };
    let bare: Bare = world.store.ask(&order).await?;
    Rows::since(bare.rows, bare.seconds, &meter, before)
}

/// Rows that were written.
struct Rows {
    written: u64,
    seconds: f64,
    spent: Spent,
}

impl Rows {
    fn since(rows: u64, seconds: f64, meter: &Meter, before: Spent) -> Result<Self, Failure> {
        if rows == 0 {
            return Err("no row was written".into());
        }
        let spent = meter.read()?.since(before);
        Ok(Self {
            written: rows,
            seconds,
            spent,
        })
    }

    fn per_second(&self) -> f64 {
        count(self.written) / self.seconds
    }

    fn report(rounds: &[Self]) -> serde_json::Value {
        json!({
            "rows_per_second": round(median(rounds.iter().map(Self::per_second))),
            "cpu_us_a_row": round(median(rounds.iter().map(|rows| rows.spent.total() / count(rows.written)))),
            "rows": rounds.iter().map(|rows| rows.written).sum::<u64>(),
        })
    }
}

/// New entries about the persons of the sample, none made twice.
#[derive(Debug, Clone)]
struct Entries {
    people: Arc<[Identifier]>,
    seed: u64,
    made: Arc<AtomicU64>,
}

impl Entries {
    /// Not about those whose number of entries is measured.
    fn of(world: &World, seed: u64) -> Self {
        Self {
            people: world.tail().iter().map(Person::identifier).collect(),
            seed: seed.rotate_left(32) ^ 0x5eed,
            made: Arc::default(),
        }
    }

    fn next(&self, source: &str) -> DocumentEntry {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let mut random = Random::new(self.seed.wrapping_add(number.wrapping_mul(0x1_0000)));
        let nobody = Identifier::default();
        let patient = random.pick(&self.people).unwrap_or(&nobody);
        entry_from(source, patient, &mut random)
    }
}
