//! `delt serve` and `delt migrate`

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use clap::Args;
use delt_hub::{
    clock::{Clock as _, SystemClock},
    entropy::SystemEntropy,
};
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::{
    config::{Config, Problems, environment::Environment},
    profile::{self, Profile},
    serve, telemetry,
};

/// Which hub.
#[derive(Debug, Args)]
struct Which {
    /// The configuration; the development profile where none is given
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the development profile [default: ./delt-data]
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
pub(super) struct Migrate {
    #[command(flatten)]
    which: Which,
}

impl Serve {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.which.config(environment)?;
        telemetry::start(&config.telemetry, environment.log.as_deref())?;
        let running = serve::start(&config).await?;
        stop_signal().await?;
        tracing::info!("stopping");
        running.stop().await;
        Ok(())
    }
}

impl Migrate {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let config = self.which.config(environment)?;
        delt_hub::migrate(&config.store_settings().map_err(Problems::one)?).await?;
        writeln!(std::io::stdout().lock(), "the schema is up to date")?;
        Ok(())
    }
}

impl Which {
    /// A configuration that was named, or the development profile, which is made where it is missing.
    fn config(&self, environment: &Environment) -> Result<Config, Failure> {
        if let Some(file) = self.config.as_ref().or(environment.config.as_ref()) {
            return Ok(Config::load(file)?);
        }
        let usual = Path::new(profile::DEFAULT_DIR);
        let named = self.data_dir.as_deref().or(environment.data_dir.as_deref());
        let profile =
            Profile::open_or_create(named.unwrap_or(usual), now(), &SystemEntropy::default())?;
        writeln!(
            std::io::stderr().lock(),
            "delt: development profile in {} (loopback only, test persons only; not for real data)",
            profile.data_dir().display()
        )?;
        Ok(profile.config())
    }
}

fn now() -> OffsetDateTime {
    let nanos = i128::from(SystemClock.now()) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Ctrl-C, or what a service manager sends.
async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}
