//! `delt token`

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::arguments::HubArgs;
use super::failure::Failure;
use super::output::Output;
use super::people::{Who, system_of};
use super::{Done, Outcome, Surroundings};
use crate::profile::Profile;

#[derive(Debug, Args)]
pub struct Token {
    /// For whom: as with --as
    holder: Who,
    /// How long it lives, in seconds, at most an hour
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    lifetime: u32,
}

impl Token {
    pub(super) fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        if hub.ca.is_some() || hub.cert.is_some() || hub.key.is_some() {
            return Err(Failure::usage(
                "tokens are issued for the development profile's systems only",
            ));
        }
        let profile = Profile::open(&hub.data_dir(around))?;
        let holder = self.holder.holder()?;
        let system = hub
            .system
            .as_deref()
            .map_or_else(|| system_of(&holder), Ok)?;
        let lifetime = Duration::from_secs(self.lifetime.into());
        let token = hub.issue(around, &profile, &holder, system, lifetime)?;
        let purpose = hub.purpose().unwrap_or_else(|| holder.usual_purpose());
        Output { json: hub.json }.answer(
            || {
                json!({
                    "access_token": token, "token_type": "Bearer", "expires_in": self.lifetime,
                    "client_id": system, "purpose_of_use": purpose,
                })
            },
            || format!("{token}\n"),
        )?;
        Ok(Done::All)
    }
}
