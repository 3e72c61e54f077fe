//! Policies and directory, read again while the hub serves.
//!
//! Everything is read and checked before anything is changed, so that a mistake in one file changes nothing. What else the configuration says is read
//! at start alone.

use delt_hub::{Hub, organisation, role_policy::Replaced};
use delt_policy::RolePolicy;

use crate::{
    config::{Config, Problem, Problems},
    telemetry::{Metrics, ReloadOutcome},
};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// Names each file and field.
    #[error("{0}")]
    Files(#[from] Problems),
    #[error("the new policies cannot be recorded: {0}")]
    Store(#[from] delt_hub::Error),
}

/// What a reload puts in the place of what was in force.
struct Rules {
    roles: RolePolicy,
    directory: organisation::Directory,
}

pub(crate) async fn reload(
    hub: &Hub,
    metrics: &Metrics,
    config: &Config,
) -> Result<Replaced, ReloadError> {
    let done = attempt(hub, config).await;
    match &done {
        Ok(Replaced { from, to }) => {
            metrics.reloaded(ReloadOutcome::Done);
            metrics.policy(to);
            tracing::info!(from, to, "policies and directory were read again");
        }
        Err(ReloadError::Files(problems)) => {
            metrics.reloaded(ReloadOutcome::Refused);
            for Problem { field, description } in problems.iter() {
                tracing::error!(field, %description, "reload refused, what was in force stays");
            }
        }
        Err(ReloadError::Store(error)) => {
            metrics.reloaded(ReloadOutcome::Failed);
            tracing::error!(%error, "reload failed, what was in force stays");
        }
    }
    done
}

async fn attempt(hub: &Hub, config: &Config) -> Result<Replaced, ReloadError> {
    let config = config.clone();
    // Reading a register of organisations takes a while: requests are answered meanwhile.
    let rules = tokio::task::spawn_blocking(move || Rules::read(&config)).await;
    let broken = |_| Problems::one(Problem::new("policy", "reading it again broke off"));
    let Rules { roles, directory } = rules.map_err(broken)??;
    let replaced = hub.replace_roles(roles).await?;
    hub.replace_directory(directory);
    Ok(replaced)
}

impl Rules {
    /// Both, or everything that is wrong with either.
    fn read(config: &Config) -> Result<Self, Problems> {
        match (config.policy.roles(), config.directory.open()) {
            (Ok(roles), Ok(directory)) => Ok(Self { roles, directory }),
            (roles, directory) => {
                let problems = roles.err().into_iter();
                let wrong = directory.err();
                let of_directory = wrong.iter().flat_map(Problems::iter).cloned();
                Err(Problems::several(problems.chain(of_directory).collect()))
            }
        }
    }
}
