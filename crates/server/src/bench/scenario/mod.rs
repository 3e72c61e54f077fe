//! What is compared. Each scenario measures both sides in turns within one run, because only their ratio holds on a machine that others use too.

mod audit;
mod register;
mod retrieve;
mod search;

use serde_json::{Map, Value, json};

use super::Failure;
use super::measure::figure::round;
use super::run::Plan;
use super::world::World;

/// What the scenarios found on one database.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// By scenario.
    pub(super) scenarios: Map<String, Value>,
    /// By name.
    pub(super) ratios: Map<String, Value>,
}

impl Findings {
    fn ratio(&mut self, name: &str, ratio: f64) {
        self.ratios.insert(name.to_owned(), json!(round(ratio)));
    }

    /// Requests a second that a scenario reached with the telling number of callers.
    fn rate(&self, scenario: &str) -> f64 {
        let rows = self.scenarios.get(scenario).and_then(Value::as_array);
        let telling = |row: &&Value| row.get("callers") == Some(&json!(TELLING));
        let row = rows.and_then(|rows| rows.iter().find(telling));
        let rate = row.and_then(|row| row.pointer("/hub/per_second")?.as_f64());
        rate.unwrap_or_default()
    }
}

/// Callers at whom the ratios are told.
pub(super) const TELLING: usize = 64;

/// Everything, in an order in which nothing disturbs what comes after it.
pub(super) async fn all(
    world: &mut World,
    plan: &Plan,
    tell: &dyn Fn(&str),
) -> Result<Findings, Failure> {
    let mut found = Findings::default();
    for entries in [20, 200] {
        tell(&format!("searching records of {entries} entries"));
        search::measure(world, plan, entries, &mut found).await?;
    }
    tell("searching with the access log and without");
    audit::log(world, plan, &mut found).await?;
    tell("searching with new tokens");
    audit::tokens(world, plan, &mut found).await?;
    tell("fetching documents");
    Box::pin(retrieve::measure(world, plan, &mut found)).await?;
    // Last, because it makes the index larger.
    tell("registering");
    register::measure(world, plan, &mut found).await?;
    Ok(found)
}
