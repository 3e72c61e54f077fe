//! A rehearsal of an upgrade while serving: three hubs of an earlier release on one PostgreSQL behind the proxy, the schema brought forward beside them,
//! each replaced in turn, one of them put back, all under a load that keeps account of what was acknowledged.
//!
//! `cargo build --release --bin delt && cargo bench -p delt-tests --bench rolling_upgrade -- PATH_OF_THE_EARLIER_DELT`

use std::io::Write as _;
use std::path::PathBuf;

use delt_client::Backoff;
use delt_server::config::Store;
use delt_tests::fleet::Fleet;
use delt_tests::load::Load;
use delt_tests::postgres::{Durability, Postgres};
use delt_tests::process::binary;
use tokio::task::block_in_place;

/// So much must be done between two steps: by those who register, and by those who search.
const STEPS: usize = 100;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let Some(earlier) = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"))
    else {
        return writeln!(out, "say which: -- PATH_OF_THE_EARLIER_DELT");
    };
    let earlier = PathBuf::from(earlier);
    let server = block_in_place(|| Postgres::start(Durability::Durable));
    let store = Store::with_url(server.database());
    let mut fleet = block_in_place(|| Fleet::start_as(&earlier, &store, 3));
    let load = Load::start(&fleet.callers, Backoff::default()).await;
    load.goes_on(STEPS).await;

    let migrated = block_in_place(|| fleet.run(0, "migrate"));
    let said = String::from_utf8_lossy(&migrated.stderr).into_owned();
    assert!(migrated.status.success(), "{said}");
    load.goes_on(STEPS).await;
    writeln!(out, "the schema is newer, three earlier hubs serve")?;

    let replaced = (0..3).map(|number| (number, binary()));
    for (number, program) in replaced.chain([(1, earlier.as_path()), (1, binary())]) {
        let status = block_in_place(|| fleet.hubs[number].stop());
        assert!(status.success(), "{status}\n{}", fleet.hubs[number].log());
        block_in_place(|| fleet.restart_as(program, number));
        load.goes_on(STEPS).await;
        writeln!(out, "hub {number} is now {}", program.display())?;
    }

    let sums = load.settle().await;
    assert!(
        sums.errors.is_empty(),
        "{:?}\n{}",
        sums.errors,
        fleet.front_log()
    );
    writeln!(
        out,
        "{} pointers acknowledged and found, {} searches, no error, the log verifies",
        sums.pointers.len(),
        sums.searches
    )
}
