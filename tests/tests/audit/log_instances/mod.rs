//! Several hubs that append to one log, in random order: requests at all of them, clocks that step, a hub that stands still in the middle of whatever it
//! does and comes back, a hub that dies.
//!
//! Afterwards: every answered request has its entry under the receipt's leaf hash, no two checkpoints contradict each other, whoever signed them, and every
//! patient's entries are numbered without a gap.

mod clock;
mod instance;
mod paused;
mod world;

use delt_tests::hub::Backend;

use world::World;

/// Steps of one run.
const STEPS: usize = 100;

fn run(backend: Backend, hubs: usize, seed: u64) {
    let mut world = World::new(backend, hubs, seed);
    for _ in 0..STEPS {
        world.step();
    }
    world.check();
}

#[test]
fn three_hubs_keep_one_log_on_postgres() {
    for seed in [11, 12] {
        run(Backend::Postgres, 3, seed);
    }
}

/// SQLite belongs to one hub: it stands still, dies and comes back, and so does its clock.
#[test]
fn one_hub_keeps_its_log_on_sqlite() {
    for seed in [21, 22] {
        run(Backend::Sqlite, 1, seed);
    }
}
