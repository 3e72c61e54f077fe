//! `delt audit accesses PERSON`

use clap::Args;
use delt_proto::audit::v1::{ListPatientAccessesRequest, PatientAccess};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::output::receipt_line;
use super::super::table::Table;
use super::super::values::{Person, minute};
use super::super::{Done, Outcome, Surroundings, json as wire};

#[derive(Debug, Args)]
pub(super) struct Accesses {
    /// A CPR number, or system|value
    person: Person,
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
    limit: i32,
}

impl Accesses {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = ListPatientAccessesRequest {
            context: session.context.clone(),
            patient: Some(self.person.0),
            page_size: self.limit,
            page_token: String::new(),
        };
        let answer = session.hub.audit().accesses(request).await?;
        session.output.answer(
            || {
                json!({
                    "accesses": answer.accesses.iter().map(as_json).collect::<Value>(),
                    "more": !answer.next_page_token.is_empty(),
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || {
                format!(
                    "{}{}",
                    table(&answer.accesses),
                    receipt_line(answer.receipt.as_ref())
                )
            },
        )?;
        Ok(Done::All)
    }
}

fn as_json(access: &PatientAccess) -> Value {
    json!({
        "entry_id": access.entry_id,
        "time": wire::time(access.time.as_ref()),
        "operation": access.operation,
        "outcome": access.outcome,
        "person_name": access.person_name,
        "person_role": access.person_role,
        "organisation": access.organisation,
        "organisation_name": access.organisation_name,
        "purpose_of_use": access.purpose_of_use,
        "override_reason": access.override_reason,
        "documents": access.documents,
        "grounds": wire::grounds(&access.grounds),
    })
}

fn table(accesses: &[PatientAccess]) -> String {
    if accesses.is_empty() {
        return "Nobody has looked.\n".to_owned();
    }
    let mut table = Table::new([
        "TIME (UTC)",
        "WHO",
        "ROLE",
        "WHERE",
        "WHAT",
        "OUTCOME",
        "WHY",
        "DOCUMENTS",
    ]);
    for access in accesses {
        let place = if access.organisation_name.is_empty() {
            &access.organisation
        } else {
            &access.organisation_name
        };
        let why = match access.override_reason.as_str() {
            "" => access.purpose_of_use.clone(),
            reason => format!("{}: {reason}", access.purpose_of_use),
        };
        table.row([
            minute(access.time.as_ref()),
            access.person_name.clone(),
            access.person_role.clone(),
            place.clone(),
            access.operation.clone(),
            access.outcome.clone(),
            why,
            access.documents.to_string(),
        ]);
    }
    table.to_string()
}
