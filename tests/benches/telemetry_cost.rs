//! What spans and metrics cost: CPU of the hub for a search of 20 entries, with every request traced and with one in ten, against none. Three hubs take
//! turns in one run, because only their ratios hold on a noisy machine.
//!
//! `cargo build --release --bin delt && cargo bench -p delt-tests --bench telemetry_cost`

mod quiet;

use std::io::Write as _;
use std::time::Duration;

use delt_tests::collector::Collector;
use quiet::{Quiet, search};
use tokio::task::JoinSet;

const ROUNDS: usize = 9;
const SEARCHES: u32 = 1_600;
const CALLERS: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(30);

/// CPU of a search, in microseconds, with the sending of what it leaves behind.
async fn cost(hub: &Quiet) -> f64 {
    let before = hub.cpu();
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let reader = hub.reader().clone();
        callers.spawn(async move {
            for _ in 0..SEARCHES / CALLERS {
                search(&reader, PATIENCE)
                    .await
                    .expect("a good search is answered");
            }
        });
    }
    while let Some(done) = callers.join_next().await {
        done.expect("no caller breaks off");
    }
    // The last spans are sent some seconds later.
    tokio::time::sleep(Duration::from_secs(6)).await;
    hub.cpu().checked_sub(before).unwrap().as_secs_f64() * 1e6 / f64::from(SEARCHES)
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let collector = Collector::start().await;
    let traced = |ratio: &str| {
        format!(
            "[telemetry]\notlp_endpoint = {:?}\nsample_ratio = {ratio}\n",
            collector.url()
        )
    };
    let hubs = [
        ("off", Quiet::start(None, "").await),
        ("one in ten", Quiet::start(None, &traced("0.1")).await),
        ("all", Quiet::start(None, &traced("1.0")).await),
    ];
    let mut costs = hubs.each_ref().map(|_| Vec::new());
    for _ in 0..ROUNDS {
        for ((_, hub), costs) in hubs.iter().zip(&mut costs) {
            costs.push(cost(hub).await);
        }
    }
    writeln!(
        out,
        "{:>12} {:>14} {:>8}",
        "traced", "CPU µs/search", "of off"
    )?;
    let off = costs[0].clone();
    for ((name, _), costs) in hubs.iter().zip(costs) {
        let ratios = costs
            .iter()
            .zip(&off)
            .map(|(with, without)| with / without)
            .collect();
        writeln!(
            out,
            "{name:>12} {:>14.0} {:>8.3}",
            median(costs),
            median(ratios)
        )?;
    }
    let spans = collector.got().spans.len();
    writeln!(out, "{spans} spans came to the collector")
}
