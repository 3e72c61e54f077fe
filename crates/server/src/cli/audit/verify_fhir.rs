//! What verifying a FHIR export says beside what verifying its entries does.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::http::fhir::audit_event::Problems;

/// For people: the report on the entries, with what became of the events made of them.
pub(super) fn text(report: &str, problems: &Problems) -> String {
    let mut text = match report.strip_prefix("The export is intact.") {
        Some(rest) if !problems.is_empty() => {
            format!(
                "The export is NOT intact: its entries are, the FHIR events made of them are not.{rest}"
            )
        }
        _ => report.to_owned(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  FHIR        {} lines are what their entries say",
        problems.events
    );
    for (line, problem) in &problems.listed {
        let _ = writeln!(text, "  - line {line} of the file: {problem}");
    }
    if problems.omitted > 0 {
        let _ = writeln!(text, "  - and {} more lines", problems.omitted);
    }
    text
}

/// For programs: the report with the lines that are wrong.
pub(super) fn json(mut report: Value, problems: &Problems) -> Value {
    let listed: Vec<Value> = problems
        .listed
        .iter()
        .map(|(line, problem)| json!({"line": line, "problem": problem}))
        .collect();
    let fhir = json!({"events": problems.events, "problems": listed, "problems_omitted": problems.omitted});
    if let Some(report) = report.as_object_mut() {
        report.insert("fhir".to_owned(), fhir);
    }
    report
}
