//! `delt register FILE.ndjson`

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use delt_client::bulk::{
    Import, Journal, LineError, LineOutcome, Options, Resumed, Summary, WINDOW,
};
use serde_json::{Value, json};

use super::arguments::HubArgs;
use super::connect::Usually;
use super::failure::{Failure, violation_lines};
use super::output::{Output, write};
use super::progress::Progress;
use super::table::plain;
use super::{Done, Outcome, Surroundings};

/// Whose documents a file holds, when nobody says; a system of the development profile.
const USUAL_SYSTEM: &str = "ejournal-hovedstaden";

/// Each line is a DocumentEntry in the names of the wire contract. A run that was stopped goes on where it stopped;
/// lines that were refused are tried again, and stand with their reasons in FILE.delt-refused.
#[derive(Debug, Args)]
pub struct Register {
    /// One JSON object a line
    #[arg(value_name = "FILE.ndjson")]
    file: PathBuf,
    /// Lines that wait for their outcome, at most
    #[arg(long, default_value_t = WINDOW, value_name = "N")]
    window: usize,
}

impl Register {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let lines = count_lines(&self.file).map_err(|cause| Failure::file(&self.file, &cause))?;
        let session = hub.connect(around, Usually::System(USUAL_SYSTEM)).await?;
        let journal = Journal::open(&self.file)?;
        let resumed = journal.resumed;
        if !session.output.json {
            write(resumed_text(resumed).as_bytes())?;
        }
        let documents = session.hub.documents();
        let options = Options {
            context: session.context,
            window: self.window.clamp(1, 10_000),
        };
        let mut teller = Teller::new(lines, session.output);
        teller.progress.resume(journal.done());
        let import = Import::new(&documents, &self.file, journal, options);
        let summary = import.run(|outcome| teller.tell(outcome)).await;
        teller.progress.end();
        finish(&summary?, session.output)
    }
}

fn count_lines(file: &Path) -> std::io::Result<u64> {
    let mut input = BufReader::new(std::fs::File::open(file)?);
    let mut lines = 0;
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(lines);
        }
        lines += buffer
            .iter()
            .map(|byte| u64::from(*byte == b'\n'))
            .sum::<u64>();
        let used = buffer.len();
        input.consume(used);
    }
}

fn resumed_text(resumed: Resumed) -> String {
    match resumed {
        Resumed::Fresh => String::new(),
        Resumed::Continued { done, failed: 0 } => format!("goes on after line {done}\n"),
        Resumed::Continued { done, failed } => {
            format!("goes on after line {done}, and tries {failed} refused lines again\n")
        }
        Resumed::FileChanged => "the file has changed since the last run: begins anew\n".to_owned(),
    }
}

/// Says what became of each line.
struct Teller {
    progress: Progress,
    output: Output,
}

impl Teller {
    fn new(lines: u64, output: Output) -> Self {
        Self {
            progress: Progress::new(lines, "lines"),
            output,
        }
    }

    fn tell(&mut self, outcome: &LineOutcome) {
        self.progress.at(outcome.line);
        let text = match (&outcome.result, self.output.json) {
            (_, true) => format!("{}\n", line_json(outcome)),
            (Err(error), false) => refused_text(outcome.line, error),
            (Ok(answer), false) => {
                let warnings = answer.warnings.iter();
                let text = |w: &delt_proto::document::v1::Warning| {
                    format!(
                        "line {}: {}: {}\n",
                        outcome.line,
                        plain(&w.field),
                        plain(&w.description)
                    )
                };
                warnings.map(text).collect()
            }
        };
        if !text.is_empty() {
            // The run goes on without a reader; the journal knows what was refused.
            let _ = self.progress.aside(|| write(text.as_bytes()));
        }
    }
}

fn refused_text(line: u64, error: &LineError) -> String {
    match error {
        LineError::Unreadable(error) => format!("line {line}: refused: {error}\n"),
        LineError::Refused {
            reason, violations, ..
        } => {
            let mut text = format!(
                "line {line}: refused: {} ({})\n",
                plain(&error.to_string()),
                plain(reason)
            );
            text.extend(violation_lines(violations));
            text
        }
    }
}

fn line_json(outcome: &LineOutcome) -> Value {
    match &outcome.result {
        Ok(answer) => json!({
            "line": outcome.line, "outcome": "registered", "entry_uuid": answer.entry_uuid,
            "already_registered": answer.already_registered,
            "superseded_entry_uuids": answer.superseded_entry_uuids,
            "warnings": answer.warnings.iter().map(|warning| {
                json!({ "field": warning.field, "description": warning.description })
            }).collect::<Value>(),
            "receipt": super::json::receipt(answer.receipt.as_ref()),
        }),
        Err(LineError::Unreadable(error)) => json!({
            "line": outcome.line, "outcome": "unreadable", "message": error.to_string(),
        }),
        Err(LineError::Refused {
            reason,
            message,
            violations,
            ..
        }) => json!({
            "line": outcome.line, "outcome": "refused", "reason": reason, "message": message,
            "violations": violations.iter().map(|violation| {
                json!({ "field": violation.field, "description": violation.description })
            }).collect::<Value>(),
        }),
    }
}

fn finish(summary: &Summary, output: Output) -> Outcome {
    let Summary {
        registered,
        already_registered,
        refused,
    } = *summary;
    let text = if output.json {
        let summary = json!({
            "registered": registered, "already_registered": already_registered, "refused": refused,
        });
        format!("{}\n", json!({ "summary": summary }))
    } else {
        format!("{registered} registered, {already_registered} known before, {refused} refused\n")
    };
    write(text.as_bytes())?;
    Ok(if refused == 0 {
        Done::All
    } else {
        Done::NotAll
    })
}
