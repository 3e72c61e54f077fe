//! `delt demo`: the whole story on one machine, over real sockets.
//!
//! ```text
//! Demo::run ─ profile, log file ─ source/: four source systems ─ serve: the hub ─ story: one step after the other
//!                                  └ fixtures/: their documents        └ steps/: each a party with its own certificate
//!                                                                        and token, through the SDK
//! ```

mod error;
pub mod fixtures;
mod log;
pub mod source;
mod stage;
mod step;
mod steps;
mod story;
mod telling;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

pub use error::DemoError;

use crate::config::environment::Environment;
use crate::profile;
use stage::{Ports, Stage};
use telling::Telling;

/// Tell the whole story on one machine, and leave the hub running.
#[derive(Debug, Clone, Default, Args)]
pub struct Demo {
    /// The folder of the development profile
    #[arg(
        long,
        value_name = "DIR",
        help = "The folder of the development profile [env: DELT_DATA_DIR] [default: ./delt-data]"
    )]
    pub data_dir: Option<PathBuf>,
    /// Stop the hub after the story, and exit with 0 only if every step held. Takes ports that are free
    #[arg(long)]
    pub once: bool,
    /// Print each step as one line of JSON
    #[arg(long)]
    pub json: bool,
}

impl Demo {
    /// Tells the story. Exit status: 0 when every step held, 1 otherwise.
    pub async fn run(self, environment: &Environment) -> ExitCode {
        let folder = self
            .data_dir
            .clone()
            .or_else(|| environment.data_dir.clone());
        let folder = folder.unwrap_or_else(|| PathBuf::from(profile::DEFAULT_DIR));
        let telling = Telling { json: self.json };
        match Box::pin(self.perform(&folder, environment, telling)).await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                telling::failed(&error);
                ExitCode::FAILURE
            }
        }
    }

    async fn perform(
        &self,
        folder: &std::path::Path,
        environment: &Environment,
        telling: Telling,
    ) -> Result<bool, DemoError> {
        let ports = if self.once { Ports::Free } else { Ports::Usual };
        let stage = Stage::open(folder, ports, environment.log.as_deref());
        let mut stage = Box::pin(stage).await?;
        telling.opening(&stage);
        let held = story::tell(&mut stage, telling).await;
        if !self.once {
            telling.stays_open(&stage);
            stopped().await;
        }
        stage.close().await;
        Ok(held)
    }
}

/// Returns at Ctrl-C, or when somebody asks the process to end.
async fn stopped() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without a handler the signal ends the process by itself.
        Err(_) => std::future::pending().await,
    }
}
