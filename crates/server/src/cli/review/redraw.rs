//! `delt review sample verify`: draws a sample again, without a hub.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::{Path, PathBuf};

use clap::Args;
use delt_ledger::export::verify;
use delt_ledger::sample::{Plan, Redrawn, redraw};
use delt_ledger::{Hash, MAX_NOTE_BYTES, Verifier};
use serde::Deserialize;
use serde_json::json;

use super::super::failure::Failure;
use super::super::output::Output;
use super::super::{Done, Outcome};

/// A look-up stands in the log within this time of its recording, in microseconds: what receipts promise.
const PROMISE: i64 = 60_000_000;
/// Entries that one turn of the sealer may put under a checkpoint together, with room to spare.
const ONE_TURN: u64 = 16_384;
/// The longest file of a sample, in bytes.
const SAMPLE_BYTES_MAX: u64 = 8 << 20;

/// Takes the sample as the hub told it, and the log, and draws again: the same look-ups must come out.
#[derive(Debug, Args)]
pub(super) struct Redraw {
    /// The sample, as `delt review sample draw --json` or `delt review samples --json` told it
    #[arg(long, value_name = "FILE")]
    sample: PathBuf,
    /// Which one, where the file has several
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// An export of the log: complete, so that nothing can be left out of it
    #[arg(long, value_name = "FILE")]
    export: PathBuf,
    /// The log's public key (C2SP vkey), or a file that holds it; from whom you trust, not from the export
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A sample in the names of the wire contract.
#[derive(Debug, Clone, Deserialize)]
struct Told {
    sample_id: String,
    units: Vec<String>,
    period: ToldPeriod,
    seed: String,
    size: usize,
    tree_size: u64,
    root_hash: String,
    population: u64,
    entry_ids: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct ToldPeriod {
    start: String,
    end: String,
}

/// What the two commands print.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    sample: Option<Told>,
    #[serde(default)]
    samples: Vec<Told>,
}

impl Redraw {
    pub(super) fn run(self) -> Outcome {
        let told = self.told()?;
        let verifier = self.verifier()?;
        let mut file =
            File::open(&self.export).map_err(|cause| Failure::file(&self.export, &cause))?;
        let report = verify(BufReader::new(&file), &verifier, &[])
            .map_err(|error| Failure::new(error.to_string()))?;
        let mut problems = Vec::new();
        if !report.is_intact() {
            problems.push(
                "the export is not what the log committed to: `delt audit verify` says more"
                    .to_owned(),
            );
        }
        file.rewind()
            .map_err(|cause| Failure::file(&self.export, &cause))?;
        let again = redraw(BufReader::new(&file), &plan(&told)?, micros)
            .map_err(|error| Failure::new(error.to_string()))?;
        problems.extend(found(&told, &again));
        let verdict = Verdict {
            told: &told,
            again: &again,
            complete: report.complete,
            problems: &problems,
        };
        Output { json: self.json }.answer(|| verdict.json(), || verdict.text())?;
        Ok(if problems.is_empty() {
            Done::All
        } else {
            Done::NotAll
        })
    }

    fn told(&self) -> Result<Told, Failure> {
        let text = read(&self.sample, SAMPLE_BYTES_MAX)?;
        let answer: Answer = serde_json::from_str(&text).map_err(|_| {
            Failure::new("the file is not a sample")
                .hint("`delt review samples --json` prints those that were drawn")
        })?;
        let mut samples: Vec<Told> = answer.sample.into_iter().chain(answer.samples).collect();
        samples.retain(|sample| self.id.as_ref().is_none_or(|id| *id == sample.sample_id));
        match (samples.pop(), samples.is_empty()) {
            (Some(sample), true) => Ok(sample),
            (None, _) => Err(Failure::new("the file has no such sample")),
            _ => Err(Failure::usage(
                "the file has several samples: say which with --id",
            )),
        }
    }

    fn verifier(&self) -> Result<Verifier, Failure> {
        if let Ok(verifier) = Verifier::from_vkey(self.key.trim()) {
            return Ok(verifier);
        }
        let text = read(Path::new(&self.key), MAX_NOTE_BYTES as u64).map_err(|_| {
            Failure::usage("--key is neither a verifier key nor a file with one")
                .hint("`delt audit checkpoint` prints the key")
        })?;
        Verifier::from_vkey(text.trim()).map_err(|error| Failure::usage(format!("--key: {error}")))
    }
}

fn read(file: &Path, longest: u64) -> Result<String, Failure> {
    let failed = |cause: std::io::Error| Failure::file(file, &cause);
    if std::fs::metadata(file).map_err(failed)?.len() > longest {
        return Err(Failure::new("this is not what was asked for: too long"));
    }
    std::fs::read_to_string(file).map_err(failed)
}

fn plan(told: &Told) -> Result<Plan, Failure> {
    let malformed = || Failure::new("the sample has a time or a hash that is none");
    let root = hash(&told.root_hash).ok_or_else(malformed)?;
    let units: BTreeSet<String> = told
        .units
        .iter()
        .map(|code| format!("sor:{code}"))
        .collect();
    Ok(Plan {
        units,
        from: micros(&told.period.start).ok_or_else(malformed)?,
        to: micros(&told.period.end).ok_or_else(malformed)?,
        seed: told.seed.clone(),
        size: told.size,
        tree_size: told.tree_size,
        root,
    })
}

/// A hash of 64 hexadecimal digits.
fn hash(text: &str) -> Option<Hash> {
    let digit = |digit: char| {
        digit
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let digits: Vec<u8> = text.chars().map(digit).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    Hash::from_slice(&bytes).ok().filter(|_| rest.is_empty())
}

fn micros(moment: &str) -> Option<i64> {
    let at = delt_client::json::from_rfc3339(moment)?;
    at.seconds
        .checked_mul(1_000_000)?
        .checked_add(i64::from(at.nanos) / 1_000)
}

/// What does not hold, in words.
fn found(told: &Told, again: &Redrawn) -> Vec<String> {
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
struct Verdict<'a> {
    told: &'a Told,
    again: &'a Redrawn,
    complete: bool,
    problems: &'a [String],
}

impl Verdict<'_> {
    fn json(&self) -> serde_json::Value {
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

    fn text(&self) -> String {
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
    use super::*;

    fn told() -> Told {
        serde_json::from_value(json!({
            "sample_id": "s", "units": ["1"], "period": { "start": "2026-11-01T00:00:00Z", "end": "2026-11-02T00:00:00.5Z" },
            "seed": "lottery-17", "size": 2, "tree_size": 9, "root_hash": "07".repeat(32), "population": 3, "entry_ids": ["a", "b"],
        }))
        .unwrap()
    }

    fn again() -> Redrawn {
        Redrawn {
            entries: vec!["a".to_owned(), "b".to_owned()],
            population: 3,
            root: Some(Hash::from_bytes([7; 32])),
            ..Redrawn::default()
        }
    }

    #[test]
    fn a_sample_is_read_as_it_was_printed() {
        let plan = plan(&told()).unwrap();
        assert_eq!(plan.to - plan.from, 86_400_500_000);
        assert!(plan.units.contains("sor:1"));
        assert_eq!(plan.root, Hash::from_bytes([7; 32]));
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
