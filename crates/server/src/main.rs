//! `delt`: the hub, its command line and its demo in one binary.

use std::process::ExitCode;

use clap::Parser as _;
use delt_server::commands::Delt;

#[tokio::main]
async fn main() -> ExitCode {
    Delt::parse().run().await
}
