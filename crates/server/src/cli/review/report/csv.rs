//! A report as comma-separated values (RFC 4180): one table, so that every line has the same fields. `section` says what a line is about.

use delt_proto::review::v1::GetPeriodReportResponse;

use super::super::words::{decision_word, kind_word, state_word};

const HEADING: [&str; 12] = [
    "section",
    "organisation",
    "organisation_name",
    "operation",
    "purpose_of_use",
    "outcome",
    "kind",
    "state",
    "decision",
    "count",
    "persons",
    "patients",
];

pub(super) fn page(report: &GetPeriodReportResponse) -> String {
    let mut text = line(HEADING.map(str::to_owned));
    for count in &report.accesses {
        text += &line([
            "accesses".to_owned(),
            count.organisation.clone(),
            count.organisation_name.clone(),
            count.operation.clone(),
            count.purpose_of_use.clone(),
            count.outcome.clone(),
            String::new(),
            String::new(),
            String::new(),
            count.accesses.to_string(),
            count.persons.to_string(),
            count.patients.to_string(),
        ]);
    }
    for count in &report.cases {
        let mut cells = of(report, "cases", count.cases);
        let [_, _, _, _, _, _, kind, state, decision, ..] = &mut cells;
        kind_word(count.kind()).clone_into(kind);
        state_word(count.state()).clone_into(state);
        decision_word(count.decision()).clone_into(decision);
        text += &line(cells);
    }
    text += &line(of(
        report,
        "median-seconds-to-decision",
        report.median_seconds_to_decision,
    ));
    text + &line(of(report, "checkpoint-entries", report.tree_size))
}

/// A figure of the whole organisation.
fn of(report: &GetPeriodReportResponse, section: &str, count: u64) -> [String; 12] {
    let mut cells: [String; 12] = Default::default();
    let [what, place, name, _, _, _, _, _, _, number, ..] = &mut cells;
    section.clone_into(what);
    place.clone_from(&report.organisation);
    name.clone_from(&report.organisation_name);
    *number = count.to_string();
    cells
}

fn line(cells: [String; 12]) -> String {
    cells.map(|cell| field(&cell)).join(",") + "\r\n"
}

/// Quoted where it must be. What a spreadsheet would take for a formula gets an apostrophe before it, so that it stays text.
fn field(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\r', '\n']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;

    #[test]
    fn every_line_has_the_same_fields() {
        let text = page(&sample());
        assert!(text.ends_with("\r\n"));
        let first = text.lines().next().unwrap();
        assert_eq!(first.split(',').count(), HEADING.len());
        assert!(
            text.contains("cases,990031000016002,\"Kardiologisk, \"\"Nord\"\" & <Syd>\",,,,break-glass,closed,justified,3,,\r\n"),
            "{text}"
        );
        assert!(text.contains(",42,,\r\n"), "{text}");
    }

    #[test]
    fn nothing_becomes_a_formula() {
        assert!(page(&sample()).contains(",\"'=HYPERLINK(\"\"x\"\")\","));
        for (cell, written) in [
            ("@a", "'@a"),
            ("-1+2", "'-1+2"),
            ("a\nb", "\"a\nb\""),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(field(cell), written);
        }
    }
}
