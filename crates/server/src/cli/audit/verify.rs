//! `delt audit verify FILE`: offline. With a receipt and no file, the hub is asked: see [`super::verify_receipt`].

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use delt_ledger::Verifier;
use delt_ledger::export::{ReceiptVerdict, Report, verify_against};

use super::super::failure::Failure;
use super::super::output::Output;
use super::super::{Done, Outcome, Surroundings};
use super::held::{HeldArgs, Kept, read};
use super::reach::Reach;
use super::{verify_fhir, verify_receipt};
use crate::http::fhir::audit_event::{Unwrapped, is_fhir};

/// Finds every entry that was changed, removed or put in another order, a history that was rewritten, and a promise that was not kept.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An export of the log; may be left out where a receipt is to be verified
    #[arg(required_unless_present = "receipt")]
    file: Option<PathBuf>,
    /// The log's public key (C2SP vkey), or a file that holds it; from whom you trust, not from the export
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// Refuse an export that does not hold the whole log
    #[arg(long, requires = "file")]
    complete: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    held: HeldArgs,
    #[command(flatten)]
    reach: Reach,
}

impl Verify {
    pub(super) async fn run(self, around: &Surroundings<'_>) -> Outcome {
        let verifier = self.verifier()?;
        let kept = self.held.read(around.now())?;
        if let Some(file) = &self.file {
            return self.offline(file, &verifier, &kept);
        }
        let hub = self.reach.hub(self.json);
        verify_receipt::run(&hub, &kept.receipts, &verifier, around).await
    }

    fn offline(&self, path: &Path, verifier: &Verifier, kept: &Kept) -> Outcome {
        let file = File::open(path).map_err(|cause| Failure::file(path, &cause))?;
        let mut file = BufReader::new(file);
        let beginning = file.fill_buf();
        let is_fhir = is_fhir(beginning.map_err(|cause| Failure::file(path, &cause))?);
        // A FHIR export holds the same entries and proofs, and is verified as they are once its events are.
        let (report, fhir) = if is_fhir {
            let (lines, problems) = Unwrapped::new(file, &verifier.to_string());
            let report = verify_against(lines, verifier, &kept.held());
            (report, Some(problems.take()))
        } else {
            (verify_against(file, verifier, &kept.held()), None)
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
            && is_settled(&report)
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

/// A promise whose time has not come is not kept yet: whoever relies on the exit status is told to look again.
fn is_settled(report: &Report) -> bool {
    let mut verdicts = report.receipts.iter().map(|receipt| &receipt.verdict);
    report.is_settled() && !verdicts.any(|one| matches!(one, ReceiptVerdict::NotDue { .. }))
}
