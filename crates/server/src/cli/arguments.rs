//! The flags that all client commands have in common.

use std::path::PathBuf;

use clap::Args;
use delt_proto::common::v1::{OverrideGround, RequestContext};

use super::people::Who;

/// Which hub, as whom, why, and how to print.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "The hub, and who asks")]
pub(super) struct HubArgs {
    /// The hub [env: DELT_ADDRESS] [default: the development profile's, https://127.0.0.1:7443]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) address: Option<String>,
    /// PEM file: the authorities that may have issued the hub's certificate [env: DELT_CA_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) ca: Option<PathBuf>,
    /// PEM file: this system's certificate [env: DELT_CERTIFICATE_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) cert: Option<PathBuf>,
    /// PEM file: the key of that certificate [env: DELT_KEY_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
    /// The access token of the person who asks; better in the environment [env: DELT_TOKEN]
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        conflicts_with = "token_file"
    )]
    pub(super) token: Option<Secret>,
    /// A file with that token [env: DELT_TOKEN_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) token_file: Option<PathBuf>,
    /// The folder of the development profile [env: DELT_DATA_DIR] [default: ./delt-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Development profile: who asks. A sample professional (gp, kard, sgpl, auditor …), a test person's number, or
    /// ACTING/OTHER: a helper and who answers for it, a citizen and for whom (then /custody, /guardian or /proxy)
    #[arg(long = "as", global = true, value_name = "WHO", conflicts_with_all = ["token", "token_file"])]
    pub(super) who: Option<Who>,
    /// Development profile: the system whose certificate is used [default: the one that WHO works in]
    #[arg(long, global = true, value_name = "ID")]
    pub(super) system: Option<String>,
    /// Why: a purpose of use that the token allows, such as TREAT, PATRQT or HQUALIMP
    #[arg(long, global = true, value_name = "CODE")]
    pub(super) purpose: Option<String>,
    /// Set a block or a missing relation aside, for this reason. It is flagged in the log, and the citizen sees it
    #[arg(long, global = true, value_name = "REASON", conflicts_with = "purpose")]
    pub(super) break_glass: Option<String>,
    /// With --break-glass: the citizen is present and lifts the block. Without it, the citizen cannot be asked
    #[arg(long, global = true, requires = "break_glass")]
    pub(super) citizen_lifts_block: bool,
    /// Print JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

impl HubArgs {
    /// The purpose that was named, by itself or by breaking the glass.
    pub(super) fn purpose(&self) -> Option<&str> {
        self.break_glass
            .as_ref()
            .map_or(self.purpose.as_deref(), |_| Some("BTG"))
    }

    /// Essential consideration unless the citizen is said to lift the block.
    fn override_ground(&self) -> OverrideGround {
        match (&self.break_glass, self.citizen_lifts_block) {
            (None, _) => OverrideGround::Unspecified,
            (Some(_), false) => OverrideGround::EssentialConsideration,
            (Some(_), true) => OverrideGround::CitizenLiftsBlock,
        }
    }

    pub(super) fn context(&self) -> Option<RequestContext> {
        let purpose_of_use = self.purpose()?.to_owned();
        let override_reason = self.break_glass.clone().unwrap_or_default();
        Some(RequestContext {
            purpose_of_use,
            override_reason,
            override_ground: self.override_ground().into(),
        })
    }
}

/// A text that is never printed.
#[derive(Clone)]
pub(super) struct Secret(pub(super) String);

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}
