//! `delt bench`

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::bench::{self, Plan, Scenario, Stores};

/// Measures hubs and what the machine could do, in turns, on processes of its own on loopback. Needs Linux.
#[derive(Debug, Args)]
pub(super) struct Bench {
    /// A few minutes instead of an hour
    #[arg(long)]
    quick: bool,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    /// Which database
    #[arg(long, value_enum, default_value = "both")]
    store: Store,
    /// Only this; may be given more than once
    #[arg(long, value_enum, value_name = "SCENARIO")]
    only: Vec<Scenario>,
    /// An empty PostgreSQL database on this machine; without it a server of its own is started for the run
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// A new folder to keep everything in; without it, one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// How many persons the index holds [default: 500 with --quick, else 20000]
    #[arg(long, value_name = "N")]
    persons: Option<u32>,
    /// How many entries of others the index holds besides, to see what its size costs
    #[arg(long, value_name = "N", default_value_t = 0)]
    others: u64,
    /// Another sample
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Draw the ratios as a chart
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Length of a round
    #[arg(long, value_name = "SECONDS", hide = true)]
    seconds: Option<f64>,
    /// Rounds of each comparison
    #[arg(long, value_name = "N", hide = true)]
    rounds: Option<usize>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Store {
    Both,
    Sqlite,
    Postgres,
}

impl Bench {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let plan = self.plan();
        let tell = |text: &str| {
            // Standard error is gone: then nobody wants to be told.
            drop(writeln!(std::io::stderr().lock(), "delt bench: {text}"));
        };
        let report = bench::run(&plan, &tell).await?;
        if let Some(file) = &self.svg {
            std::fs::write(file, bench::chart(&report))
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
        let text = if self.json {
            serde_json::to_string_pretty(&report)?
        } else {
            bench::text(&report)
        };
        Ok(writeln!(std::io::stdout().lock(), "{text}")?)
    }

    fn plan(&self) -> Plan {
        let persons = if self.quick { 500 } else { 20_000 };
        Plan {
            stores: match self.store {
                Store::Both => Stores::Both,
                Store::Sqlite => Stores::Sqlite,
                Store::Postgres => Stores::Postgres,
            },
            only: self.only.clone(),
            postgres: self.postgres.clone(),
            data_dir: self.data_dir.clone(),
            others: self.others,
            seed: self.seed,
            ..Plan::new(
                self.quick,
                self.seconds,
                self.rounds,
                self.persons.unwrap_or(persons),
            )
        }
    }
}
