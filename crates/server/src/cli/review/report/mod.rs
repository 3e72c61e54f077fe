//! `delt review report`: a period in figures.

mod csv;
mod danish;
mod html;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use delt_proto::review::v1::{
    AccessCount, CaseCount, GetPeriodReportRequest, GetPeriodReportResponse,
};
use serde_json::{Value, json};

use super::super::arguments::HubArgs;
use super::super::connect::Usually;
use super::super::failure::Failure;
use super::super::output::{Output, receipt_line, write};
use super::super::table::Table;
use super::super::values::{Moment, period, span};
use super::super::{Done, Outcome, Surroundings, json as wire};
use super::words::{decision_word, kind_word, state_word};

/// Figures of who looked where are for their readers only.
const OWNER_ONLY: u32 = 0o600;

/// Figures for whoever answers for an organisation's look-ups.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("form").args(["csv", "html"]))]
pub(super) struct Report {
    /// SOR code, or shak:, ydernummer: or gln: and that code; with its units
    #[arg(long, value_name = "CODE")]
    organisation: String,
    /// From this time on
    #[arg(long, value_name = "TIME")]
    from: Moment,
    /// Before this time; at most 366 days later
    #[arg(long, value_name = "TIME")]
    to: Moment,
    /// As comma-separated values (RFC 4180)
    #[arg(long)]
    csv: bool,
    /// As a page to print, in Danish
    #[arg(long)]
    html: bool,
    /// Write it here instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Report {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let request = GetPeriodReportRequest {
            context: session.context,
            organisation: self.organisation,
            period: period(Some(self.from), Some(self.to)),
        };
        let report = session.hub.reviews().report(request).await?;
        let text = match (self.csv, self.html, session.output.json) {
            (true, _, _) => csv::page(&report),
            (_, true, _) => html::page(&report),
            (_, _, true) => pretty(&as_json(&report))?,
            _ => as_text(&report) + &receipt_line(report.receipt.as_ref()),
        };
        match self.output {
            None => write(text.as_bytes())?,
            Some(file) => {
                keep(&file, &text).map_err(|cause| Failure::file(&file, &cause))?;
                told(session.output, &file, &report)?;
            }
        }
        Ok(Done::All)
    }
}

fn keep(file: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY);
    let mut out = options.open(file)?;
    out.write_all(text.as_bytes())?;
    out.sync_all()
}

fn told(output: Output, file: &Path, report: &GetPeriodReportResponse) -> Result<(), Failure> {
    let place = file.display().to_string();
    output.answer(
        || json!({ "file": place, "receipt": wire::receipt(report.receipt.as_ref()) }),
        || format!("{place}\n{}", receipt_line(report.receipt.as_ref())),
    )
}

fn pretty(value: &Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|_| Failure::new("the answer has no JSON form"))
}

fn as_json(report: &GetPeriodReportResponse) -> Value {
    json!({
        "organisation": report.organisation,
        "organisation_name": report.organisation_name,
        "period": wire::period(report.period.as_ref()),
        "accesses": report.accesses.iter().map(access).collect::<Value>(),
        "cases": report.cases.iter().map(case).collect::<Value>(),
        "median_seconds_to_decision": report.median_seconds_to_decision,
        "tree_size": report.tree_size,
        "root_hash": delt_client::json::to_hex(&report.root_hash),
        "receipt": wire::receipt(report.receipt.as_ref()),
    })
}

fn access(count: &AccessCount) -> Value {
    json!({
        "organisation": count.organisation,
        "organisation_name": count.organisation_name,
        "operation": count.operation,
        "purpose_of_use": count.purpose_of_use,
        "outcome": count.outcome,
        "accesses": count.accesses,
        "persons": count.persons,
        "patients": count.patients,
    })
}

fn case(count: &CaseCount) -> Value {
    json!({
        "kind": kind_word(count.kind()),
        "state": state_word(count.state()),
        "decision": decision_word(count.decision()),
        "cases": count.cases,
    })
}

fn as_text(report: &GetPeriodReportResponse) -> String {
    let mut accesses = Table::new([
        "WHERE", "WHAT", "WHY", "OUTCOME", "TIMES", "PERSONS", "PATIENTS",
    ]);
    for count in &report.accesses {
        accesses.row([
            count.organisation_name.clone(),
            count.operation.clone(),
            count.purpose_of_use.clone(),
            count.outcome.clone(),
            count.accesses.to_string(),
            count.persons.to_string(),
            count.patients.to_string(),
        ]);
    }
    let mut cases = Table::new(["CASES", "STATE", "DECISION", "NUMBER"]);
    for count in &report.cases {
        cases.row([
            kind_word(count.kind()).to_owned(),
            state_word(count.state()).to_owned(),
            decision_word(count.decision()).to_owned(),
            count.cases.to_string(),
        ]);
    }
    format!(
        "{} ({}), {} UTC\n\n{accesses}\n{cases}\nmedian time to decision {} s; checkpoint of {} entries\n",
        super::super::table::plain(&report.organisation_name),
        report.organisation,
        span(report.period.as_ref()),
        report.median_seconds_to_decision,
        report.tree_size
    )
}

#[cfg(test)]
mod tests {
    use delt_proto::common::v1::Period;
    use delt_proto::review::v1::{ReviewCaseKind, ReviewCaseState, ReviewDecision};

    use super::*;

    pub(super) fn sample() -> GetPeriodReportResponse {
        let access = |operation: &str, name: &str| AccessCount {
            organisation: "990031000016002".to_owned(),
            organisation_name: name.to_owned(),
            operation: operation.to_owned(),
            purpose_of_use: "TREAT".to_owned(),
            outcome: "permitted".to_owned(),
            accesses: 12_345,
            persons: 7,
            patients: 9,
        };
        let at = |text| delt_client::json::from_rfc3339(text);
        GetPeriodReportResponse {
            organisation: "990031000016002".to_owned(),
            organisation_name: "Kardiologisk, \"Nord\" & <Syd>".to_owned(),
            period: Some(Period {
                start: at("2026-10-01T00:00:00Z"),
                end: at("2026-11-01T00:00:00Z"),
            }),
            accesses: vec![
                access("SearchRecord", "=HYPERLINK(\"x\")"),
                access("SomethingNew", "Afdeling\nB"),
            ],
            cases: vec![CaseCount {
                kind: ReviewCaseKind::BreakGlass.into(),
                state: ReviewCaseState::Closed.into(),
                decision: ReviewDecision::Justified.into(),
                cases: 3,
            }],
            median_seconds_to_decision: 93_600,
            tree_size: 42,
            root_hash: vec![7; 32].into(),
            receipt: None,
        }
    }

    #[test]
    fn the_figures_are_told_as_text_and_json() {
        let text = as_text(&sample());
        assert!(
            text.contains("SearchRecord  TREAT  permitted  12345"),
            "{text}"
        );
        assert!(text.contains("break-glass  closed  justified  3"), "{text}");
        let json = as_json(&sample());
        assert_eq!(json["cases"][0]["decision"], "justified");
        assert_eq!(json["accesses"][0]["patients"], 9);
    }
}
