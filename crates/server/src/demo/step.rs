//! What happened in one step, for people and for programs.

use serde_json::{Map, Value, json};

/// A step as it is told: what is said, what is expected of it, and its numbers.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) lines: Vec<String>,
    pub(super) checks: Vec<Check>,
    facts: Map<String, Value>,
}

/// One expectation.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) what: String,
    pub(super) held: bool,
}

impl Step {
    /// A sentence.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// Rows under a heading.
    pub(super) fn table<const N: usize>(&mut self, heading: [&str; N], rows: &[[String; N]]) {
        let heading = heading.map(str::to_owned);
        let all: Vec<&[String; N]> = std::iter::once(&heading).chain(rows).collect();
        let mut widths = [0; N];
        for row in &all {
            for (width, cell) in widths.iter_mut().zip(*row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in all {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            self.lines.push(line.trim_end().to_owned());
        }
    }

    /// Something that must be so.
    pub(super) fn check(&mut self, what: impl Into<String>, held: bool) {
        self.checks.push(Check {
            what: what.into(),
            held,
        });
    }

    /// A number or a text for programs.
    pub(super) fn fact(&mut self, name: &str, value: impl Into<Value>) {
        self.facts.insert(name.to_owned(), value.into());
    }

    /// Whether all was as expected; a step without any expectation shows nothing.
    pub(super) fn held(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|check| check.held)
    }

    /// As one object.
    pub(super) fn to_json(&self, number: usize, key: &str, title: &str, millis: u64) -> Value {
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|check| json!({ "what": check.what, "held": check.held }))
            .collect();
        json!({
            "step": key,
            "number": number,
            "title": title,
            "held": self.held(),
            "millis": millis,
            "checks": checks,
            "facts": self.facts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_holds_when_something_was_expected_and_all_of_it_came_true() {
        let mut step = Step::default();
        assert!(!step.held());
        step.check("one", true);
        assert!(step.held());
        step.check("two", false);
        assert!(!step.held());
    }

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut step = Step::default();
        step.table(
            ["NAVN", "BY"],
            &[
                ["Åse".into(), "Rødovre".into()],
                ["Bo Test".into(), "Ry".into()],
            ],
        );
        assert_eq!(
            step.lines,
            ["NAVN     BY", "Åse      Rødovre", "Bo Test  Ry"]
        );
    }
}
