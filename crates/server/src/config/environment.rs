//! The only place that reads environment variables, so that this list of names is complete.

use std::path::PathBuf;

/// Path of the configuration file (`--config`).
pub const CONFIG: &str = "DELT_CONFIG";
/// Folder of the development profile (`--data-dir`).
pub const DATA_DIR: &str = "DELT_DATA_DIR";
/// Log filter; goes before `telemetry.filter`.
pub const LOG: &str = "DELT_LOG";
/// The hub's address for client commands, such as `https://127.0.0.1:7443`.
pub const ADDRESS: &str = "DELT_ADDRESS";
/// PEM file: the authorities that a client command trusts.
pub const CA_FILE: &str = "DELT_CA_FILE";
/// PEM file: the client certificate of a client command.
pub const CERTIFICATE_FILE: &str = "DELT_CERTIFICATE_FILE";
/// PEM file: the key of that certificate.
pub const KEY_FILE: &str = "DELT_KEY_FILE";
/// The access token of a client command.
pub const TOKEN: &str = "DELT_TOKEN";
/// A file with that token.
pub const TOKEN_FILE: &str = "DELT_TOKEN_FILE";

/// What the environment says, read once at start. Empty values count as absent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub log: Option<String>,
    pub address: Option<String>,
    pub ca_file: Option<PathBuf>,
    pub certificate_file: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub token: Option<String>,
    pub token_file: Option<PathBuf>,
}

// By hand, because the token is a secret.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("config", &self.config)
            .field("data_dir", &self.data_dir)
            .field("log", &self.log)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// The variables of this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment"
    )]
    pub fn of_process() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// The variables that `lookup` knows.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| lookup(name).filter(|value| !value.is_empty());
        let path = |name| text(name).map(PathBuf::from);
        Self {
            config: path(CONFIG),
            data_dir: path(DATA_DIR),
            log: text(LOG),
            address: text(ADDRESS),
            ca_file: path(CA_FILE),
            certificate_file: path(CERTIFICATE_FILE),
            key_file: path(KEY_FILE),
            token: text(TOKEN),
            token_file: path(TOKEN_FILE),
        }
    }
}
