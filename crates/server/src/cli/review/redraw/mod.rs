//! `delt review sample verify`: draws a sample again, without a hub.

mod told;
mod verdict;

use std::fs::File;
use std::io::{BufReader, Seek as _};
use std::path::{Path, PathBuf};

use clap::Args;
use delt_ledger::export::verify;
use delt_ledger::sample::redraw;
use delt_ledger::{MAX_NOTE_BYTES, Verifier};

use super::super::failure::Failure;
use super::super::output::Output;
use super::super::{Done, Outcome};
use told::Told;
use verdict::Verdict;

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

impl Redraw {
    pub(super) fn run(self) -> Outcome {
        let told = Told::read(&self.sample, self.id.as_deref())?;
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
        let again = redraw(BufReader::new(&file), &told.plan()?, micros)
            .map_err(|error| Failure::new(error.to_string()))?;
        problems.extend(verdict::found(&told, &again));
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

/// Microseconds since 1970.
fn micros(moment: &str) -> Option<i64> {
    let at = delt_client::json::from_rfc3339(moment)?;
    at.seconds
        .checked_mul(1_000_000)?
        .checked_add(i64::from(at.nanos) / 1_000)
}
