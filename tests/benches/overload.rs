//! Goodput and latency when more is asked than the hub can do: searches of 20 entries, asked at a fixed pace whether or not the earlier ones are answered
//! (open loop), at one, two and three times of what the hub does at its best; and what a second system notices of it.
//!
//! `cargo build --release --bin delt && cargo bench -p delt-tests --bench overload`. The hub (and PostgreSQL) is kept on one core, and who asks on another.

mod quiet;

use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use delt_client::Connection;
use delt_tests::postgres::{Durability, Postgres};
use quiet::{Quiet, reader, search};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tonic::Code;

const CALLERS: usize = 32;
const CONNECTIONS: usize = 8;
const ROUND: Duration = Duration::from_secs(6);
/// How long somebody waits who is asked to be patient.
const PATIENCE: Duration = Duration::from_secs(2);

/// What became of the requests of a round.
#[derive(Debug, Default)]
struct Round {
    /// From when each was due until its answer.
    answered: Vec<Duration>,
    refused: usize,
    lost: usize,
}

impl Round {
    fn count(&mut self, due: Instant, outcome: Result<(), Code>) {
        match outcome {
            Ok(()) => self.answered.push(due.elapsed()),
            Err(Code::ResourceExhausted) => self.refused += 1,
            Err(_) => self.lost += 1,
        }
    }

    fn goodput(&self) -> f64 {
        f64::from(u32::try_from(self.answered.len()).expect("few")) / ROUND.as_secs_f64()
    }

    fn percentile(&mut self, hundredths: usize) -> Duration {
        self.answered.sort_unstable();
        let at = self.answered.len() * hundredths / 100;
        self.answered
            .get(at.min(self.answered.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }
}

/// So many who each wait for their answer: what the hub does at its best.
async fn closed(readers: &[Connection]) -> Round {
    let until = Instant::now() + ROUND;
    let mut callers = JoinSet::new();
    for reader in readers.iter().cycle().take(CALLERS) {
        let reader = reader.clone();
        callers.spawn(async move {
            let mut round = Round::default();
            while Instant::now() < until {
                let due = Instant::now();
                let outcome = search(&reader, PATIENCE).await;
                round.count(due, outcome.map(drop).map_err(|status| status.code()));
            }
            round
        });
    }
    gathered(callers).await
}

/// At a fixed pace, whether or not the earlier ones are answered.
async fn open(readers: Arc<Vec<Connection>>, per_second: f64) -> Round {
    let begun = Instant::now();
    let mut asked = JoinSet::new();
    let mut number = 0_u32;
    loop {
        let due = begun + Duration::from_secs_f64(f64::from(number) / per_second);
        if due >= begun + ROUND {
            return gathered(asked).await;
        }
        sleep_until(due).await;
        let reader = readers[number as usize % readers.len()].clone();
        asked.spawn(async move {
            let mut round = Round::default();
            let outcome = search(&reader, PATIENCE).await;
            round.count(due, outcome.map(drop).map_err(|status| status.code()));
            round
        });
        number += 1;
    }
}

async fn gathered(mut rounds: JoinSet<Round>) -> Round {
    let mut all = Round::default();
    while let Some(round) = rounds.join_next().await {
        let round = round.expect("no round breaks off");
        all.answered.extend(round.answered);
        all.refused += round.refused;
        all.lost += round.lost;
    }
    all
}

/// Keeps a process with all its threads on one core.
fn pin(process: &str, core: usize) {
    let core = core.to_string();
    let done = Command::new("taskset")
        .args(["-a", "-cp", &core, process])
        .output();
    assert!(done.expect("taskset, of util-linux").status.success());
}

async fn measure(name: &str, store: Option<String>) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let hub = Quiet::start(store, "").await;
    pin(&hub.hub.process.id().to_string(), 0);
    let mut readers = vec![hub.reader().clone()];
    while readers.len() < CONNECTIONS {
        readers.push(reader(&hub.hub).await);
    }
    let readers = Arc::new(readers);
    closed(&readers).await;
    let mut best = closed(&readers).await;
    let peak = best.goodput();
    let p99 = best.percentile(99).as_millis();
    writeln!(
        out,
        "{name}: at its best {peak:.0} searches a second, p99 {p99} ms with {CALLERS} callers"
    )?;
    writeln!(
        out,
        "{:>6} {:>10} {:>9} {:>9} {:>8} {:>8} {:>8} {:>6}",
        "asked", "goodput/s", "of peak", "refused", "lost", "p50 ms", "p99 ms", "cpu"
    )?;
    for times in [1.0, 2.0, 3.0] {
        let before = hub.cpu();
        let mut round = open(readers.clone(), peak * times).await;
        let cpu = hub.cpu().checked_sub(before).unwrap().as_secs_f64() / ROUND.as_secs_f64();
        let (p50, p99) = (
            round.percentile(50).as_millis(),
            round.percentile(99).as_millis(),
        );
        let goodput = round.goodput();
        writeln!(
            out,
            "{times:>5}× {goodput:>10.0} {:>9.2} {:>9} {:>8} {p50:>8} {p99:>8} {cpu:>6.2}",
            goodput / peak,
            round.refused,
            round.lost
        )?;
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    // Before there are threads, so that they all stay where they are put; what is started here stays on the first core.
    let own = std::process::id().to_string();
    pin(&own, 0);
    let postgres = Postgres::start(Durability::Durable);
    pin(&own, 1);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        measure("SQLite", None).await?;
        measure("PostgreSQL", Some(postgres.database())).await
    })
}
