//! How `delt audit verify` reaches the hub, where it must.

use std::path::PathBuf;

use clap::Args;

use super::super::arguments::{HubArgs, Secret};
use super::super::people::Who;

/// The connection's flags. Not `HubArgs` itself, whose --key is the certificate's and not the log's.
#[derive(Debug, Args)]
#[command(next_help_heading = "The hub, where a receipt is verified without an export")]
pub(super) struct Reach {
    /// The hub [env: DELT_ADDRESS]
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// PEM file: the authorities that may have issued the hub's certificate [env: DELT_CA_FILE]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// PEM file: this system's certificate [env: DELT_CERTIFICATE_FILE]
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// PEM file: the key of that certificate [env: DELT_KEY_FILE]
    #[arg(long, value_name = "FILE")]
    cert_key: Option<PathBuf>,
    /// A file with an access token; a certificate is enough [env: DELT_TOKEN_FILE]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// An access token; better in the environment [env: DELT_TOKEN]
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    token: Option<Secret>,
    /// The folder of the development profile [env: DELT_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Development profile: who asks [default: auditor]
    #[arg(long = "as", value_name = "WHO", conflicts_with_all = ["token", "token_file"])]
    who: Option<Who>,
    /// Development profile: the system whose certificate is used
    #[arg(long, value_name = "ID")]
    system: Option<String>,
}

impl Reach {
    pub(super) fn hub(self, json: bool) -> HubArgs {
        HubArgs {
            address: self.address,
            ca: self.ca,
            cert: self.cert,
            key: self.cert_key,
            token: self.token,
            token_file: self.token_file,
            data_dir: self.data_dir,
            who: self.who,
            system: self.system,
            json,
            ..HubArgs::default()
        }
    }
}
