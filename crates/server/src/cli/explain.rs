//! `delt explain PERSON`

use clap::Args;
use delt_proto::consent::v1::{ExplainAccessRequest, ExplainAccessResponse};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::output::receipt_line;
use super::table::{Table, plain};
use super::values::Person;
use super::{Done, Outcome, Surroundings, json as wire};

/// Asked by the citizen, or by those who follow up on accesses.
#[derive(Debug, Args)]
pub struct Explain {
    /// A CPR number, or system|value
    person: Person,
    /// The professional's role, such as laege or sygeplejerske
    #[arg(long, value_name = "CODE")]
    role: String,
    /// Where the professional works: SOR code
    #[arg(long, value_name = "SOR")]
    organisation: String,
    /// Who it is: authorisation id
    #[arg(long, value_name = "ID")]
    professional: String,
    /// What for
    #[arg(long, value_name = "CODE", default_value = "TREAT")]
    for_purpose: String,
}

impl Explain {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = ExplainAccessRequest {
            context: session.context,
            patient: Some(self.person.0),
            role: self.role,
            organisation: self.organisation,
            authorisation_id: self.professional,
            purpose_of_use: self.for_purpose,
            ..ExplainAccessRequest::default()
        };
        let answer = session.hub.consents().explain(request).await?;
        session
            .output
            .answer(|| as_json(&answer), || as_text(&answer))?;
        Ok(Done::All)
    }
}

fn as_json(answer: &ExplainAccessResponse) -> Value {
    json!({
        "admitted": answer.admitted,
        "visible": answer.visible,
        "withheld_by_consent": answer.withheld_by_consent,
        "withheld_by_role": answer.withheld_by_role,
        "grounds": wire::grounds(&answer.grounds),
        "explanations": answer.explanations.iter().map(|explanation| {
            json!({ "language": explanation.language, "text": explanation.text })
        }).collect::<Value>(),
        "receipt": wire::receipt(answer.receipt.as_ref()),
    })
}

fn as_text(answer: &ExplainAccessResponse) -> String {
    let let_in = if answer.admitted {
        "Would be let in."
    } else {
        "Would be refused."
    };
    let mut text = format!(
        "{let_in} {} documents visible, {} withheld by consent, {} by role.\n",
        answer.visible, answer.withheld_by_consent, answer.withheld_by_role
    );
    text.extend(answer.explanations.iter().map(|explanation| {
        format!(
            "  {}: {}\n",
            plain(&explanation.language),
            plain(&explanation.text)
        )
    }));
    if !answer.grounds.is_empty() {
        let mut table = Table::new(["RULE", "REFERENCE", "DETAIL"]);
        for ground in &answer.grounds {
            table.row([
                ground.rule.clone(),
                ground.reference.clone(),
                ground.detail.clone(),
            ]);
        }
        text.extend([format!("\n{table}\n")]);
    }
    text + &receipt_line(answer.receipt.as_ref())
}
