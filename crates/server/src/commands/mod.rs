//! The commands of `delt`. Those that talk to a hub are in [`crate::cli`]; here are those that are one.

mod bench;
mod check_config;
mod serve;
mod witness;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{bench::BenchPeer, cli::ClientCommand, config::environment::Environment, demo};

/// The hub behind a cross-sector Sundhedsjournal: share, don't send.
#[derive(Debug, Parser)]
#[command(name = "delt", version, propagate_version = true)]
pub struct Delt {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub. Without a configuration: the development profile, on loopback only
    Serve(serve::Serve),
    /// Tell the whole story on one machine: a hub, four sources, hospital, GP, municipality, citizen, auditor
    Demo(demo::Demo),
    /// Bring the schema of the store up to date, and end
    Migrate(serve::Migrate),
    /// Run an independent witness of logs, or print its key
    Witness(witness::WitnessCommand),
    /// Check a configuration without starting
    CheckConfig(check_config::CheckConfig),
    /// Measure what a hub costs on this machine, beside what the machine could do
    Bench(bench::Bench),
    /// A process of `delt bench`
    #[command(hide = true)]
    BenchPeer(BenchPeer),
    #[command(flatten)]
    Client(Box<ClientCommand>),
}

impl Delt {
    /// Does what was asked. Exit status: 0 done, 1 refused or failed, 2 bad usage.
    pub async fn run(self) -> ExitCode {
        let environment = Environment::of_process();
        match self.command {
            Command::Serve(serve) => report(Box::pin(serve.run(&environment)).await),
            Command::Demo(demo) => Box::pin(demo.run(&environment)).await,
            Command::Migrate(migrate) => report(migrate.run(&environment).await),
            Command::Witness(witness) => report(witness.run(&environment).await),
            Command::CheckConfig(check) => report(check.run()),
            Command::Bench(bench) => report(Box::pin(bench.run()).await),
            Command::BenchPeer(peer) => report(Box::pin(peer.run()).await),
            Command::Client(client) => client.run(&environment).await,
        }
    }
}

/// Why a command did not do what was asked, as one text for a person.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn report(done: Result<(), Failure>) -> ExitCode {
    use std::io::Write as _;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Standard error is gone: then nobody is there to be told.
            drop(writeln!(std::io::stderr().lock(), "delt: {failure}"));
            ExitCode::FAILURE
        }
    }
}
