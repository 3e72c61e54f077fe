//! `delt patient demographics`

use clap::{Args, Subcommand};
use delt_proto::patient::v1::RegisterDemographicsRequest;
use serde_json::json;

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::represent::REGISTER;
use super::values::Person;
use super::{Done, Outcome, Surroundings, json as wire};

#[derive(Debug, Args)]
pub struct Patient {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Tell a person's family name and address, in the place of what was told before
    ///
    /// A register of persons tells them: in the development profile the system `personregister`. They are kept as keyed hashes, so that the
    /// follow-up of accesses sees that two persons share one; nobody can read them back. What is left out is protected or unknown.
    Demographics(Demographics),
}

#[derive(Args)]
struct Demographics {
    /// A CPR number, or system|value
    person: Person,
    #[arg(long, value_name = "NAME", default_value = "")]
    family_name: String,
    /// In one line
    #[arg(long, value_name = "LINE", default_value = "")]
    address: String,
}

// By hand: name and address are a person's.
impl std::fmt::Debug for Demographics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Demographics(…)")
    }
}

impl Patient {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        match self.action {
            Action::Demographics(demographics) => demographics.run(hub, around).await,
        }
    }
}

impl Demographics {
    async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::System(REGISTER)).await?;
        let request = RegisterDemographicsRequest {
            context: session.context,
            patient: Some(self.person.0),
            family_name: self.family_name,
            address: self.address,
        };
        let answer = session
            .hub
            .patients()
            .register_demographics(request)
            .await?;
        let receipt = answer.receipt.as_ref();
        session.output.answer(
            || json!({ "receipt": wire::receipt(receipt) }),
            || format!("told\n{}", receipt_line(receipt)),
        )?;
        Ok(Done::All)
    }
}
