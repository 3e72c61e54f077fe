//! Citizens, clinicians, systems and the clock in random order, against a naive model of who may see what.
//!
//! Real sockets, a real store, a clock that only the simulation moves, and a seed that tells every step. After each step: what was disclosed is what
//! the model allows, its audit entry names the entries and the grounds, and every refusal and every override stands in the log.

#![cfg(test)]

mod chance;
mod model;
mod others;
mod steps;
mod world;

use delt_tests::hub::Backend;

use chance::Chance;
use world::World;

/// Steps of one run.
const STEPS: usize = 140;

async fn run(backend: Backend, seed: u64) {
    let mut world = World::new(backend, seed).await;
    let mut chance = Chance::new(seed);
    for number in 0..STEPS {
        let step = steps::draw(&mut chance, &world.model);
        world.trail.push(format!("{number}: {step:?}"));
        world.play(step).await;
    }
    world.check_log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_disclosed_without_a_ground_on_sqlite() {
    for seed in [1, 2, 3, 6, 7, 20_261_123] {
        run(Backend::Sqlite, seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_disclosed_without_a_ground_on_postgres() {
    for seed in [4, 5] {
        run(Backend::Postgres, seed).await;
    }
}
