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

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scenario {
    /// Records of 20 entries
    #[value(name = "search-20")]
    Search20,
    /// Records of 200 entries
    #[value(name = "search-200")]
    Search200,
    /// Searches with the access log and without
    Audit,
    /// Searches with new tokens
    Token,
    /// Fetching documents
    Retrieve,
    /// Registering
    Register,
}

impl Scenario {
    /// In an order in which nothing disturbs what comes after it: registering is last, because it makes the index larger.
    pub(super) const ALL: [Self; 6] = [
        Self::Search20,
        Self::Search200,
        Self::Audit,
        Self::Token,
        Self::Retrieve,
        Self::Register,
    ];

    const fn told(self) -> &'static str {
        match self {
            Self::Search20 => "searching records of 20 entries",
            Self::Search200 => "searching records of 200 entries",
            Self::Audit => "searching with the access log and without",
            Self::Token => "searching with new tokens",
            Self::Retrieve => "fetching documents",
            Self::Register => "registering",
        }
    }

    async fn measure(
        self,
        world: &mut World,
        plan: &Plan,
        found: &mut Findings,
    ) -> Result<(), Failure> {
        match self {
            Self::Search20 => search::measure(world, plan, 20, found).await,
            Self::Search200 => search::measure(world, plan, 200, found).await,
            Self::Audit => audit::log(world, plan, found).await,
            Self::Token => audit::tokens(world, plan, found).await,
            Self::Retrieve => Box::pin(retrieve::measure(world, plan, found)).await,
            Self::Register => register::measure(world, plan, found).await,
        }
    }
}

/// All that the plan asks for.
pub(super) async fn all(
    world: &mut World,
    plan: &Plan,
    tell: &dyn Fn(&str),
) -> Result<Findings, Failure> {
    let mut found = Findings::default();
    for scenario in Scenario::ALL {
        if plan.only.is_empty() || plan.only.contains(&scenario) {
            tell(scenario.told());
            scenario.measure(world, plan, &mut found).await?;
        }
    }
    Ok(found)
}
