//! `delt relation attest|alerts`: a professional's own word, and what became of those that nothing confirmed.

use clap::Args;
use delt_proto::relation::v1::{
    AttestRelationRequest, ListRelationAlertsRequest, ListRelationAlertsResponse, RelationAlert,
    TreatmentRelation,
};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::output::receipt_line;
use super::super::table::Table;
use super::super::values::{Person, minute, span};
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::one;

#[derive(Debug, Args)]
pub(super) struct Attest {
    /// A CPR number, or system|value
    person: Person,
    /// Why the person is treated here though nothing says so yet: 10 to 500 characters
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Alerts {
    /// Only alerts after this number
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        hide_default_value = true
    )]
    after: u64,
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl Attest {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Somebody).await?;
        let request = AttestRelationRequest {
            context: session.context,
            patient: Some(self.person.0),
            reason: self.reason,
            request_id: around.uuid()?.to_string(),
        };
        let answer = session.hub.relations().attest(request).await?;
        let relation = answer.relation.unwrap_or_default();
        session.output.answer(
            || one(&relation, &wire::receipt(answer.receipt.as_ref())),
            || attested(&relation) + &receipt_line(answer.receipt.as_ref()),
        )?;
        Ok(Done::All)
    }
}

fn attested(relation: &TreatmentRelation) -> String {
    format!(
        "relation {}\nopen {} (UTC)\n{}\n",
        relation.relation_id,
        span(relation.validity.as_ref()),
        standing(relation),
    )
}

/// What has become of an attestation; nothing for a fact.
pub(super) fn standing(relation: &TreatmentRelation) -> String {
    match (&relation.verify_by_time, &relation.confirmed_time) {
        (None, _) => String::new(),
        (Some(by), None) => format!("to be confirmed by {}", minute(Some(by))),
        (Some(_), Some(at)) => format!("confirmed {}", minute(Some(at))),
    }
}

impl Alerts {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = ListRelationAlertsRequest {
            context: session.context,
            after_number: self.after,
            page_size: self.limit,
        };
        let answer = session.hub.relations().alerts(request).await?;
        session
            .output
            .answer(|| as_json(&answer), || as_text(&answer, self.after))?;
        Ok(Done::All)
    }
}

fn as_json(answer: &ListRelationAlertsResponse) -> Value {
    let alert = |alert: &RelationAlert| {
        json!({
            "number": alert.number,
            "relation_id": alert.relation_id,
            "organisation": alert.organisation,
            "authorisation_id": alert.authorisation_id,
            "attested_time": wire::time(alert.attested_time.as_ref()),
            "raised_time": wire::time(alert.raised_time.as_ref()),
        })
    };
    json!({
        "alerts": answer.alerts.iter().map(alert).collect::<Value>(),
        "read_to_number": answer.read_to_number,
        "receipt": wire::receipt(answer.receipt.as_ref()),
    })
}

fn as_text(answer: &ListRelationAlertsResponse, after: u64) -> String {
    let alerts = if answer.alerts.is_empty() {
        "No alerts.\n".to_owned()
    } else {
        table(&answer.alerts)
    };
    let next = if answer.read_to_number > after {
        format!("read on with --after {}\n", answer.read_to_number)
    } else {
        String::new()
    };
    alerts + &next + &receipt_line(answer.receipt.as_ref())
}

fn table(alerts: &[RelationAlert]) -> String {
    let mut table = Table::new([
        "NUMBER",
        "ORGANISATION",
        "PROFESSIONAL",
        "ATTESTED (UTC)",
        "RAISED (UTC)",
        "RELATION",
    ]);
    for alert in alerts {
        table.row([
            alert.number.to_string(),
            alert.organisation.clone(),
            alert.authorisation_id.clone(),
            minute(alert.attested_time.as_ref()),
            minute(alert.raised_time.as_ref()),
            alert.relation_id.clone(),
        ]);
    }
    table.to_string()
}
