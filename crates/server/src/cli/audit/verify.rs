//! `delt audit verify FILE`: offline.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use delt_ledger::export::{Report, TrustedCheckpoint, verify};
use delt_ledger::{MAX_NOTE_BYTES, Verifier};

use super::super::failure::Failure;
use super::super::output::Output;
use super::super::{Done, Outcome};
use super::verify_fhir;
use crate::http::fhir::audit_event::{Unwrapped, is_fhir};

/// Finds every entry that was changed, removed or put in another order, and a history that was rewritten.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An export of the log
    file: PathBuf,
    /// The log's public key (C2SP vkey), or a file that holds it; from whom you trust, not from the export
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// A checkpoint that you kept from earlier; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// Refuse an export that does not hold the whole log
    #[arg(long)]
    complete: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> Outcome {
        let verifier = self.verifier()?;
        let trusted: Result<Vec<_>, Failure> =
            self.checkpoint.iter().map(|file| trusted(file)).collect();
        let file = File::open(&self.file).map_err(|cause| Failure::file(&self.file, &cause))?;
        let mut file = BufReader::new(file);
        let beginning = file.fill_buf();
        let is_fhir = is_fhir(beginning.map_err(|cause| Failure::file(&self.file, &cause))?);
        // A FHIR export holds the same entries and proofs, and is verified as they are once its events are.
        let (report, fhir) = if is_fhir {
            let (lines, problems) = Unwrapped::new(file, &verifier.to_string());
            let report = verify(lines, &verifier, &trusted?);
            (report, Some(problems.take()))
        } else {
            (verify(file, &verifier, &trusted?), None)
        };
        let report = report.map_err(|error| Failure::new(error.to_string()))?;
        let mut json = serde_json::to_value(&report)
            .map_err(|_| Failure::new("the report has no JSON form"))?;
        let mut text = self.text(&report);
        if let Some(problems) = &fhir {
            json = verify_fhir::json(json, problems);
            text = verify_fhir::text(&text, problems);
        }
        let holds = report.is_intact()
            && fhir.is_none_or(|problems| problems.is_empty())
            && (report.complete || !self.complete);
        Output { json: self.json }.answer(|| json, || text)?;
        Ok(if holds { Done::All } else { Done::NotAll })
    }

    fn text(&self, report: &Report) -> String {
        let partial = self.complete && !report.complete;
        let not_whole = if partial {
            "The export does not hold the whole log, as --complete asks.\n"
        } else {
            ""
        };
        format!("{report}{not_whole}")
    }

    fn verifier(&self) -> Result<Verifier, Failure> {
        if let Ok(verifier) = Verifier::from_vkey(self.key.trim()) {
            return Ok(verifier);
        }
        let text = read(Path::new(&self.key)).map_err(|_| {
            Failure::usage("--key is neither a verifier key nor a file with one")
                .hint("`delt audit checkpoint` prints the key")
        })?;
        Verifier::from_vkey(text.trim()).map_err(|error| Failure::usage(format!("--key: {error}")))
    }
}

fn trusted(file: &Path) -> Result<TrustedCheckpoint, Failure> {
    let text = read(file)?;
    // What `delt audit checkpoint` prints under the note is not part of it.
    let note = text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("# "))
        .collect();
    Ok(TrustedCheckpoint { note, proof: None })
}

fn read(file: &Path) -> Result<String, Failure> {
    let failed = |cause: std::io::Error| Failure::file(file, &cause);
    if std::fs::metadata(file).map_err(failed)?.len() > 2 * MAX_NOTE_BYTES as u64 {
        return Err(Failure::new("this is not a checkpoint or a key: too long"));
    }
    std::fs::read_to_string(file).map_err(failed)
}
