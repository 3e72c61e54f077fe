//! `delt explain PERSON`

mod text;
mod thought;

use clap::Args;
use delt_proto::common::v1::Ground;
use delt_proto::consent::v1::{
    ExplainAccessRequest, ExplainAccessResponse, Explanation, PlaceAccess, WhatIf,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::values::{Moment, Person};
use super::{Done, Outcome, Surroundings, json as wire};
use thought::Thought;

/// Asked by the citizen, or by those who follow up on accesses. Without a professional: about every place and role that treats the citizen.
#[derive(Debug, Args)]
pub struct Explain {
    /// A CPR number, or system|value
    person: Person,
    /// The professional's role, such as laege or sygeplejerske
    #[arg(long, value_name = "CODE", requires = "organisation")]
    role: Option<String>,
    /// Where the professional works: SOR code, or shak:, ydernummer: or gln: and that code
    #[arg(long, value_name = "SOR", requires = "role")]
    organisation: Option<String>,
    /// Who it is: authorisation id; anybody in the role there, where none is given
    #[arg(long, value_name = "ID", requires = "role")]
    professional: Option<String>,
    /// What for
    #[arg(long, value_name = "CODE", default_value = "TREAT")]
    for_purpose: String,
    /// As it was at this time
    #[arg(long, value_name = "TIME", conflicts_with = "what_if")]
    at: Option<Moment>,
    /// About this document only
    #[arg(long, value_name = "UUID")]
    entry: Option<String>,
    /// Tell the reasons of each place and role too
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    thought: Thought,
}

impl Explain {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = ExplainAccessRequest {
            context: session.context,
            patient: Some(self.person.0),
            role: self.role.unwrap_or_default(),
            organisation: self.organisation.unwrap_or_default(),
            authorisation_id: self.professional.unwrap_or_default(),
            purpose_of_use: self.for_purpose,
            as_of_time: self.at.map(|at| at.0),
            entry_uuid: self.entry.unwrap_or_default(),
            what_if: self.thought.consent(),
        };
        let answer = session.hub.consents().explain(request).await?;
        session
            .output
            .answer(|| as_json(&answer), || text::told(&answer, self.why))?;
        Ok(Done::All)
    }
}

fn as_json(answer: &ExplainAccessResponse) -> Value {
    json!({
        "admitted": answer.admitted,
        "visible": answer.visible,
        "withheld_by_consent": answer.withheld_by_consent,
        "withheld_by_role": answer.withheld_by_role,
        "withheld_by_purpose": answer.withheld_by_purpose,
        "grounds": grounds(&answer.grounds),
        "explanations": explanations(&answer.explanations),
        "places": answer.places.iter().map(place).collect::<Value>(),
        "what_if": answer.what_if.as_ref().map(what_if),
        "receipt": wire::receipt(answer.receipt.as_ref()),
    })
}

fn grounds(grounds: &[Ground]) -> Value {
    wire::grounds(grounds)
}

fn explanations(explanations: &[Explanation]) -> Value {
    explanations
        .iter()
        .map(|explanation| json!({ "language": explanation.language, "text": explanation.text }))
        .collect()
}

fn place(place: &PlaceAccess) -> Value {
    json!({
        "organisation": place.organisation,
        "organisation_name": place.organisation_name,
        "role": place.role,
        "authorisation_id": place.authorisation_id,
        "admitted": place.admitted,
        "visible": place.visible,
        "withheld_by_consent": place.withheld_by_consent,
        "withheld_by_role": place.withheld_by_role,
        "withheld_by_purpose": place.withheld_by_purpose,
        "visible_what_if": place.visible_what_if,
        "grounds": grounds(&place.grounds),
        "explanations": explanations(&place.explanations),
    })
}

fn what_if(what_if: &WhatIf) -> Value {
    json!({
        "entries": what_if.entries,
        "entries_hidden": what_if.entries_hidden,
        "entries_opened": what_if.entries_opened,
        "places": what_if.places,
        "places_affected": what_if.places_affected,
    })
}
