//! `delt audit verify-chain FILE`: offline.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use delt_ledger::Verifier;
use delt_ledger::citizen::{CHAIN_FORMAT, ChainFile, ChainReport};

use super::super::failure::Failure;
use super::super::output::Output;
use super::super::{Done, Outcome};

/// Larger than the chain of anybody's life.
const MAX_BYTES: u64 = 256 << 20;

/// Finds every entry that is missing, was changed or changed its place, and a log that was written anew.
#[derive(Debug, Args)]
pub(super) struct VerifyChain {
    /// What `delt audit chain` wrote
    file: PathBuf,
    /// The log's public key (C2SP vkey), or a file that holds it; from whom you trust, not from the hub
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// A file of the same kind that you kept from earlier; may be given several times
    #[arg(long, value_name = "FILE")]
    earlier: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl VerifyChain {
    pub(super) fn run(self) -> Outcome {
        let verifier = self.verifier()?;
        let mut earlier = Vec::new();
        for file in &self.earlier {
            earlier.extend(chains(file)?.chains.into_iter().map(|c| c.statement));
        }
        let file = chains(&self.file)?;
        let reports: Vec<ChainReport> = file
            .chains
            .iter()
            .map(|chain| chain.check(&verifier, &earlier))
            .collect();
        let json = serde_json::to_value(&reports)
            .map_err(|_| Failure::new("the report has no JSON form"))?;
        let text = || reports.iter().map(ToString::to_string).collect();
        Output { json: self.json }.answer(|| json, text)?;
        // A file without a chain shows nothing.
        let holds = !reports.is_empty() && reports.iter().all(ChainReport::is_complete);
        Ok(if holds { Done::All } else { Done::NotAll })
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

fn chains(path: &Path) -> Result<ChainFile, Failure> {
    let file: ChainFile = serde_json::from_str(&read(path)?).map_err(|error| {
        Failure::new(format!(
            "{}: not a patient's chain (line {})",
            path.display(),
            error.line()
        ))
    })?;
    if file.format != CHAIN_FORMAT {
        return Err(Failure::new(format!(
            "{}: not {CHAIN_FORMAT}",
            path.display()
        )));
    }
    Ok(file)
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |cause: std::io::Error| Failure::file(path, &cause);
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    let size = file
        .take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if size as u64 > MAX_BYTES {
        return Err(Failure::new(format!("{}: too long", path.display())));
    }
    Ok(text)
}
