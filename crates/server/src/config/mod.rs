//! The configuration of the hub: one TOML file, read once at start and never changed afterwards.
//!
//! Unknown keys are errors, secrets stand in files of their own (`…_file`), and a relative path is
//! meant from the folder of the configuration file.

mod access;
mod check;
mod duration;
pub mod environment;
mod exchange;
mod network;
mod observe;
mod parts;
mod policy;
mod problem;
mod resolve;
mod review;
mod secret;
mod storage;
#[cfg(test)]
mod tests;
mod witnesses;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use access::{Algorithm, Auth, Directory, Issuer};
pub use exchange::{Messages, Sources};
pub use network::{Limits, Listen, Tls};
pub use observe::{LogFormat, Ratio, Telemetry};
pub use policy::{HelperDelegation, MissingGround, Policy, ShowNames};
pub use problem::{Problem, Problems};
pub use review::{ManyPatients, OutsideHours, Review};
pub use secret::{Key, KeyFileError, read_key};
pub use storage::{Audit, Backend, Keys, Store};

/// The largest configuration file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Everything that an operator decides about a hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub tls: Tls,
    pub store: Store,
    pub keys: Keys,
    pub auth: Auth,
    pub directory: Directory,
    pub audit: Audit,
    #[serde(default)]
    pub policy: Policy,
    #[serde(default)]
    pub review: Review,
    pub sources: Sources,
    #[serde(default)]
    pub messages: Messages,
    #[serde(default)]
    pub limits: Limits,
    #[serde(default)]
    pub telemetry: Telemetry,
}

/// Why a configuration file could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("{} is larger than {MAX_FILE_BYTES} bytes", path.display())]
    TooLarge { path: PathBuf },
    /// The parser's text names the line, the column and the key.
    #[error("{} is not a valid configuration: {cause}", path.display())]
    Syntax {
        path: PathBuf,
        cause: Box<toml::de::Error>,
    },
}

impl Config {
    /// Reads the file and resolves relative paths from its folder. Says nothing yet about whether the
    /// values make sense together: that is [`Config::validate`].
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let path = path.to_owned();
        let read = |cause| LoadError::Read {
            path: path.clone(),
            cause,
        };
        if std::fs::metadata(&path).map_err(read)?.len() > MAX_FILE_BYTES {
            return Err(LoadError::TooLarge { path });
        }
        let text = std::fs::read_to_string(&path).map_err(read)?;
        let base = std::path::absolute(&path).map_err(read)?;
        Self::parse(&text, base.parent().unwrap_or(Path::new("/"))).map_err(|cause| {
            LoadError::Syntax {
                path,
                cause: Box::new(cause),
            }
        })
    }

    /// The configuration in `text`, with relative paths meant from `base`.
    pub fn parse(text: &str, base: &Path) -> Result<Self, toml::de::Error> {
        let mut config: Self = toml::from_str(text)?;
        resolve::resolve(&mut config, base);
        Ok(config)
    }

    /// Checks all of it, files included, without starting anything. Lists every problem, not the first one.
    pub fn validate(&self) -> Result<(), Problems> {
        Problems::none_of(check::check(self))
    }
}
