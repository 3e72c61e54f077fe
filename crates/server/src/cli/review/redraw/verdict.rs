//! What does not hold of a sample, and how it is said.

use delt_ledger::sample::Redrawn;
use serde_json::json;

use super::told::Told;

/// A look-up stands in the log within this time of its recording, in microseconds: what receipts promise.
const PROMISE: i64 = 60_000_000;
/// Entries that one turn of the sealer may put under a checkpoint together, with room to spare.
const ONE_TURN: u64 = 16_384;
/// What does not hold, in words.
pub(super) fn found(told: &Told, again: &Redrawn) -> Vec<String> {
    let mut problems = Vec::new();
    if again
        .root
        .is_some_and(|root| delt_client::json::to_hex(root.as_bytes()) != told.root_hash)
    {
        problems.push(format!(
            "the log had another root when it had {} entries",
            told.tree_size
        ));
    }
    if again.population != told.population {
        problems.push(format!(
            "drawn from {} look-ups, but the export has {} of them",
            told.population, again.population
        ));
    }
    if again.entries != told.entry_ids {
        problems.push("other look-ups come out of the draw".to_owned());
    }
    if again.late > 0 {
        problems.push(format!(
            "{} look-ups of the period lie after the checkpoint, and could not be drawn",
            again.late
        ));
    }
    if again.disorder > PROMISE {
        problems.push(format!(
            "a look-up of the period stands {} s behind what was recorded after it: it was put in later",
            again.disorder / 1_000_000
        ));
    }
    if again.behind > ONE_TURN && again.behind_by > PROMISE {
        problems.push("the checkpoint is not the first that covers the period".to_owned());
    }
    problems
}

/// What came of it.
pub(super) struct Verdict<'a> {
    pub(super) told: &'a Told,
    pub(super) again: &'a Redrawn,
    pub(super) complete: bool,
    pub(super) problems: &'a [String],
}

impl Verdict<'_> {
    pub(super) fn json(&self) -> serde_json::Value {
        json!({
            "sample_id": self.told.sample_id,
            "holds": self.problems.is_empty(),
            "problems": self.problems,
            "complete": self.complete,
            "population": self.again.population,
            "entry_ids": self.again.entries,
            "late": self.again.late,
            "erased": self.again.erased,
            "behind": self.again.behind,
            "behind_seconds": self.again.behind_by / 1_000_000,
            "elsewhere": self.again.elsewhere,
        })
    }

    pub(super) fn text(&self) -> String {
        let mut lines: Vec<String> = self
            .problems
            .iter()
            .map(|problem| format!("PROBLEM: {problem}"))
            .collect();
        if lines.is_empty() {
            lines.push(format!(
                "The sample holds: the same {} of {} look-ups come out.",
                self.again.entries.len(),
                self.again.population
            ));
        }
        lines.extend(self.notes());
        lines.join("\n") + "\n"
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.complete {
            notes.push(format!(
                "The export is not complete: that nothing was left out of it, and that the root is {} at {} entries, is not shown. Compare with a \
                 checkpoint that was published.",
                self.told.root_hash, self.told.tree_size
            ));
        }
        if self.again.erased > 0 {
            notes.push(format!(
                "{} entries under the checkpoint have been erased: whether they took part cannot be told.",
                self.again.erased
            ));
        }
        if !self.again.elsewhere.is_empty() {
            let places: Vec<&str> = self.again.elsewhere.keys().map(String::as_str).collect();
            notes.push(format!(
                "Look-ups of the period elsewhere, which did not take part: {}.",
                places.join(" ")
            ));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use delt_ledger::Hash;

    use super::super::told::tests::told;
    use super::*;

    fn again() -> Redrawn {
        Redrawn {
            entries: vec!["a".to_owned(), "b".to_owned()],
            population: 3,
            root: Some(Hash::from_bytes([7; 32])),
            ..Redrawn::default()
        }
    }

    #[test]
    fn each_thing_that_does_not_hold_is_named() {
        type Change = fn(&mut Redrawn);
        assert_eq!(found(&told(), &again()), Vec::<String>::new());
        let wrong: [(&str, Change); 6] = [
            ("another root", |r| r.root = Some(Hash::from_bytes([8; 32]))),
            ("the export has 4", |r| r.population = 4),
            ("other look-ups", |r| r.entries.reverse()),
            ("lie after", |r| r.late = 1),
            ("put in later", |r| r.disorder = PROMISE + 1),
            ("not the first", |r| {
                (r.behind, r.behind_by) = (ONE_TURN + 1, PROMISE + 1);
            }),
        ];
        for (says, change) in wrong {
            let mut again = again();
            change(&mut again);
            let problems = found(&told(), &again);
            assert!(
                problems.len() == 1 && problems[0].contains(says),
                "{problems:?}"
            );
        }
    }
}
