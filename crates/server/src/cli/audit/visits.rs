//! `delt audit visits PERSON`

use clap::Args;
use delt_proto::audit::v1::{ListPatientVisitsRequest, PatientVisit};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::output::receipt_line;
use super::super::table::{Table, plain};
use super::super::values::{Person, minute};
use super::super::{Done, Outcome, Surroundings, json as wire};

#[derive(Debug, Args)]
pub(super) struct Visits {
    /// A CPR number, or system|value
    person: Person,
    /// Show this many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
    limit: i32,
    /// Tell why in this language: da or en
    #[arg(long, default_value = "en", value_parser = ["da", "en"])]
    language: String,
}

impl Visits {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub
            .connect(around, Usually::Citizen(&self.person.0))
            .await?;
        let request = ListPatientVisitsRequest {
            context: session.context.clone(),
            patient: Some(self.person.0),
            page_size: self.limit,
            page_token: String::new(),
        };
        let answer = session.hub.audit().visits(request).await?;
        session.output.answer(
            || {
                json!({
                    "visits": answer.visits.iter().map(as_json).collect::<Value>(),
                    "more": !answer.next_page_token.is_empty(),
                    "since_time": wire::time(answer.since_time.as_ref()),
                    "receipt": wire::receipt(answer.receipt.as_ref()),
                })
            },
            || {
                let since = match minute(answer.since_time.as_ref()).as_str() {
                    "" => String::new(),
                    since => format!("visits since {since}\n"),
                };
                let receipt = receipt_line(answer.receipt.as_ref());
                format!("{}{since}{receipt}", text(&answer.visits, &self.language))
            },
        )?;
        Ok(Done::All)
    }
}

fn as_json(visit: &PatientVisit) -> Value {
    let kinds = visit.kinds.iter().map(|kind| {
        json!({ "class_code": kind.class_code, "type_code": kind.type_code, "documents": kind.documents })
    });
    let entries = visit
        .entries
        .iter()
        .map(|entry| json!({ "entry_id": entry.entry_id, "number": entry.number }));
    let texts = visit
        .texts
        .iter()
        .map(|told| json!({ "language": told.language, "text": told.text }));
    json!({
        "start_time": wire::time(visit.start_time.as_ref()),
        "end_time": wire::time(visit.end_time.as_ref()),
        "person_name": visit.person_name,
        "person_role": visit.person_role,
        "responsible_name": visit.responsible_name,
        "responsible_role": visit.responsible_role,
        "system_id": visit.system_id,
        "relation": visit.relation,
        "organisation": visit.organisation,
        "organisation_name": visit.organisation_name,
        "purpose_of_use": visit.purpose_of_use,
        "outcome": visit.outcome,
        "override_reason": visit.override_reason,
        "grounds": wire::grounds(&visit.grounds),
        "texts": texts.collect::<Value>(),
        "operations": visit.operations,
        "kinds": kinds.collect::<Value>(),
        "entries": entries.collect::<Value>(),
    })
}

fn text(visits: &[PatientVisit], language: &str) -> String {
    if visits.is_empty() {
        return "Nobody has looked.\n".to_owned();
    }
    let mut table = Table::new([
        "FROM (UTC)",
        "TO",
        "WHO",
        "ROLE",
        "WHERE",
        "PURPOSE",
        "OUTCOME",
        "CALLS",
        "DOCUMENTS",
    ]);
    for visit in visits {
        table.row(row(visit));
    }
    let mut text = table.to_string();
    for visit in visits {
        text.push_str(&why(visit, language));
    }
    text
}

fn row(visit: &PatientVisit) -> [String; 9] {
    let place = match visit.organisation_name.as_str() {
        "" => &visit.organisation,
        name => name,
    };
    let operations = visit.operations.values().sum::<u32>();
    let kinds = visit
        .kinds
        .iter()
        .map(|kind| format!("{}×{}", kind.documents, kind.type_code));
    [
        minute(visit.start_time.as_ref()),
        minute(visit.end_time.as_ref()).chars().skip(11).collect(),
        who(visit),
        visit.person_role.clone(),
        place.to_owned(),
        visit.purpose_of_use.clone(),
        visit.outcome.clone(),
        operations.to_string(),
        kinds.collect::<Vec<_>>().join(" "),
    ]
}

/// The person, with whom a helper acted under; the system where there is no person, or no name.
fn who(visit: &PatientVisit) -> String {
    let name = match (visit.person_name.as_str(), visit.person_role.as_str()) {
        ("", "") => format!("the system {}", visit.system_id),
        ("", _) => "-".to_owned(),
        (name, _) => name.to_owned(),
    };
    match visit.responsible_name.as_str() {
        "" => name,
        responsible => format!("{name} for {responsible}"),
    }
}

fn why(visit: &PatientVisit, language: &str) -> String {
    let heading = format!(
        "\n{}  {}",
        minute(visit.start_time.as_ref()),
        plain(&who(visit))
    );
    let reasons = visit.override_reason.lines();
    let reasons = reasons.map(|reason| format!("  reason: {}", plain(reason)));
    let told = visit.texts.iter().filter(|told| told.language == language);
    let told = told.map(|told| format!("  {}", plain(&told.text)));
    let lines = std::iter::once(heading).chain(reasons).chain(told);
    lines.map(|line| line + "\n").collect()
}
