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
use tokio::signal::unix::{Signal, SignalKind, signal};

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
        let telemetry = telemetry::start(&config.telemetry, environment.log.as_deref())?;
        // Taken before the start, because it would end the process; the others may.
        let hang_up = signal(SignalKind::hangup())?;
        let running = serve::start(&config).await?;
        let mut signals = Signals::listen(hang_up)?;
        while let Asked::ToReload = signals.next().await {
            // What went wrong is in the log, and the hub serves on with what was in force.
            let _ = running.reload(&config).await;
        }
        tracing::info!("stopping");
        running.stop().await;
        telemetry.stop().await;
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

/// What a terminal or a service manager says.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

enum Asked {
    ToStop,
    ToReload,
}

impl Signals {
    /// From here on none of them ends the process by itself.
    fn listen(hang_up: Signal) -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::ToStop,
            _ = self.terminate.recv() => Asked::ToStop,
            _ = self.hang_up.recv() => Asked::ToReload,
        }
    }
}
