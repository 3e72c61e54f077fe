//! What the access log costs: `SearchRecord` of 20 entries with the log on beside the same with the log off. Both are measured in turns in one run,
//! because only their ratio holds on a noisy machine. With the log on, every answer waits for its durable entry and the sealer runs beside; with it off
//! nothing of an entry is made: no serialization, no hash, no commit, no receipt.
//!
//! `cargo bench -p delt-tests --features bench --bench audit_cost`

mod load;

use std::io::Write as _;
use std::time::Duration;

use delt_client::Connection;
use delt_hub::bench_audit::set_audited;
use delt_server::config::Store;
use delt_server::profile::SourceAddresses;
use delt_tests::hub::{Backend, TestHub};
use delt_tests::postgres::{Durability, Postgres};
use load::{ENTRIES, median, prepared, rate, search};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(4);
const CALLERS: [usize; 3] = [1, 16, 64];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = tokio::task::spawn_blocking(|| Postgres::start(Durability::Durable)).await?;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let url = tokio::task::block_in_place(|| server.database());
        let hub = TestHub::start_with(Backend::Sqlite, &SourceAddresses::default(), |config| {
            if backend == Backend::Postgres {
                config.store = Store::with_url(url);
            }
        })
        .await;
        let reader = prepared(&hub).await;
        let found = search(&reader).await?;
        assert_eq!(found.documents.len(), ENTRIES);
        compare(backend, &hub, &reader).await?;
        hub.running.stop().await;
    }
    Ok(())
}

async fn compare(backend: Backend, hub: &TestHub, reader: &Connection) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{backend:?}: SearchRecord, {ENTRIES} entries; medians of {ROUNDS} rounds"
    )?;
    writeln!(
        out,
        "{:>8} {:>14} {:>14} {:>8}",
        "callers", "log on req/s", "log off req/s", "ratio"
    )?;
    for callers in CALLERS {
        let (mut on, mut off, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let a = rate(reader, callers, ROUND).await;
            // What the sealer still has to do is no cost of the other.
            sealed(hub).await;
            set_audited(false);
            let b = rate(reader, callers, ROUND).await;
            set_audited(true);
            on.push(a);
            off.push(b);
            ratios.push(a / b);
        }
        let (a, b, ratio) = (median(on), median(off), median(ratios));
        writeln!(out, "{callers:>8} {a:>14.0} {b:>14.0} {ratio:>8.3}")?;
    }
    Ok(())
}

async fn sealed(hub: &TestHub) {
    while hub.running.hub.seal_lag().await.expect("a store") > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
