//! What somebody kept of the log, read from files: checkpoints, receipts, statements, a witness policy.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use delt_ledger::WitnessPolicy;
use delt_ledger::export::{Held, TrustedCheckpoint};
use serde_json::Value;
use time::OffsetDateTime;

use super::super::failure::Failure;
use super::super::values::Moment;

/// Larger than the chain of anybody's life, which comes with a proof for each entry.
const MAX_BYTES: u64 = 256 << 20;
/// Most notes of all files of one kind together.
const MAX_NOTES: usize = 100_000;

/// The names under which our own answers carry each kind of note.
const RECEIPT: [&str; 2] = ["signed_note", "signedNote"];
const STATEMENT: [&str; 1] = ["statement"];
const CHECKPOINT: [&str; 1] = ["checkpoint"];

/// Files, each with a signed note, or with JSON that has such notes somewhere.
#[derive(Debug, Args)]
#[command(next_help_heading = "What the log is held to")]
pub(super) struct HeldArgs {
    /// A checkpoint that you kept from earlier; may be given several times
    #[arg(long, value_name = "FILE", requires = "file")]
    checkpoint: Vec<PathBuf>,
    /// A receipt that came with an answer, alone or in the JSON that `delt … --json` printed; may be given several times.
    /// Without an export, the hub is asked for its proof
    #[arg(long, value_name = "FILE")]
    receipt: Vec<PathBuf>,
    /// A signed statement of how far a patient's chain had come, or what `delt audit chain` wrote; may be given several times
    #[arg(long, value_name = "FILE", requires = "file")]
    statement: Vec<PathBuf>,
    /// Whose cosignatures the checkpoint must have (C2SP tlog-policy)
    #[arg(long, value_name = "FILE", requires = "file")]
    policy: Option<PathBuf>,
    /// When you fetched the export, by your own clock: whether a receipt's time had come
    #[arg(long, value_name = "TIME", requires = "file")]
    as_of: Option<Moment>,
}

/// The same, read.
pub(super) struct Kept {
    checkpoints: Vec<TrustedCheckpoint>,
    pub(super) receipts: Vec<String>,
    statements: Vec<String>,
    policy: Option<WitnessPolicy>,
    as_of: Option<String>,
}

impl HeldArgs {
    pub(super) fn read(&self, now: OffsetDateTime) -> Result<Kept, Failure> {
        let checkpoints = notes(&self.checkpoint, &CHECKPOINT, "checkpoint")?;
        Ok(Kept {
            checkpoints: checkpoints.iter().map(|text| trusted(text)).collect(),
            receipts: notes(&self.receipt, &RECEIPT, "receipt")?,
            statements: notes(&self.statement, &STATEMENT, "statement")?,
            policy: self.policy.as_deref().map(policy).transpose()?,
            as_of: self.as_of.map(|at| past(at, now)).transpose()?,
        })
    }
}

impl Kept {
    pub(super) fn held(&self) -> Held<'_> {
        Held {
            checkpoints: &self.checkpoints,
            statements: &self.statements,
            receipts: &self.receipts,
            policy: self.policy.as_ref(),
            as_of: self.as_of.as_deref(),
        }
    }
}

fn trusted(text: &str) -> TrustedCheckpoint {
    // What `delt audit checkpoint` prints under the note is not part of it.
    let lines = text.split_inclusive('\n');
    let note = lines.filter(|line| !line.starts_with("# ")).collect();
    TrustedCheckpoint { note, proof: None }
}

fn policy(file: &Path) -> Result<WitnessPolicy, Failure> {
    let text = read(file)?;
    WitnessPolicy::parse(text.as_bytes())
        .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}

/// A time to come would convict a log of what it has not done yet.
fn past(at: Moment, now: OffsetDateTime) -> Result<String, Failure> {
    if at.0.seconds > now.unix_timestamp() {
        return Err(Failure::usage("--as-of has not come yet"));
    }
    delt_client::json::to_rfc3339(&at.0).ok_or_else(|| Failure::usage("--as-of is out of range"))
}

fn notes(files: &[PathBuf], names: &[&str], kind: &str) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    for file in files {
        let before = notes.len();
        let readable = collect(&read(file)?, names, &mut notes);
        let fault = |what: String| Failure::usage(format!("{}: {what}", file.display()));
        readable.map_err(|at| fault(format!("neither a signed note nor JSON (line {at})")))?;
        if notes.len() == before {
            return Err(fault(format!("there is no {kind} in it")));
        }
        if notes.len() > MAX_NOTES {
            return Err(fault(format!("more than {MAX_NOTES} notes")));
        }
    }
    Ok(notes)
}

/// The note that the text is, or all that stand in its JSON, of which there may be several documents. No signed note of ours begins with a brace.
fn collect(text: &str, names: &[&str], notes: &mut Vec<String>) -> Result<(), usize> {
    if !text.trim_start().starts_with(['{', '[']) {
        notes.push(text.to_owned());
        return Ok(());
    }
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        find(&document.map_err(|error| error.line())?, names, notes);
    }
    Ok(())
}

/// Depth is bounded by what the JSON reader takes, and the number by what stops here.
fn find(value: &Value, names: &[&str], notes: &mut Vec<String>) {
    if notes.len() > MAX_NOTES {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|one| find(one, names, notes)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(note) if names.contains(&name.as_str()) && !note.is_empty() => {
                        notes.push(note.clone());
                    }
                    other => find(other, names, notes),
                }
            }
        }
        _ => {}
    }
}

/// A text file, up to a bound.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let failed = |cause: std::io::Error| Failure::file(path, &cause);
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    let size = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    if size.map_err(failed)? as u64 > MAX_BYTES {
        return Err(Failure::new(format!("{}: too long", path.display())));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, names: &[&str]) -> Vec<String> {
        let mut notes = Vec::new();
        collect(text, names, &mut notes).unwrap();
        notes
    }

    #[test]
    fn a_note_is_found_alone_and_wherever_an_answer_has_it() {
        let note = "delt-receipt/v1\nlog\n";
        assert_eq!(found(note, &RECEIPT), [note]);
        let one = serde_json::json!({ "receipts": [{ "entry_id": "1", "signed_note": note }] });
        assert_eq!(found(&one.to_string(), &RECEIPT), [note]);
        assert_eq!(found(&format!("{one}\n{one}\n"), &RECEIPT), [note, note]);
        let other = serde_json::json!({ "receipt": { "signed_note": "" }, "statement": "other" });
        assert_eq!(found(&other.to_string(), &RECEIPT), [""; 0]);
        assert_eq!(found(&other.to_string(), &STATEMENT), ["other"]);
        assert_eq!(
            collect("{\n\"signed_note\":", &RECEIPT, &mut Vec::new()),
            Err(2)
        );
    }

    #[test]
    fn a_time_to_come_is_no_time_to_judge_by() {
        let now = OffsetDateTime::from_unix_timestamp(1_795_433_759).unwrap();
        let at = |text: &str| past(text.parse().unwrap(), now);
        assert!(at("2026-11-23T11:35:59Z").is_ok());
        assert!(at("2026-11-23T11:36:00Z").is_err());
    }
}
