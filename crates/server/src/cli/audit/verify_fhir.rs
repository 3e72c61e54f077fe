//! What verifying a FHIR export says beside what verifying its entries does.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::http::fhir::audit_event::Problems;

/// For people; nothing where the file is Delt's own.
pub(super) fn text(problems: &Problems) -> String {
    let mut text = format!(
        "  FHIR        {} lines are what their entries say\n",
        problems.events
    );
    for (line, problem) in &problems.listed {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  - line {line} of the file: {problem}");
    }
    if problems.omitted > 0 {
        let _ = writeln!(text, "  - and {} more lines", problems.omitted);
    }
    if !problems.is_empty() {
        text.push_str("The FHIR export is NOT intact.\n");
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
