//! `delt audit export`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use delt_proto::audit::v1::{EntryFilter, ExportEntriesRequest, ExportFormat};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::fs::OpenOptions;

use super::super::arguments::HubArgs;
use super::super::connect::{Session, Usually};
use super::super::failure::Failure;
use super::super::output::write;
use super::super::{Done, Outcome, Surroundings};
use super::filter::EntryArgs;

/// The log says who saw whom: for its owner only.
const OWNER_ONLY: u32 = 0o600;

/// Without a filter it is the whole log up to the newest checkpoint, so that a missing entry shows too.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    which: EntryArgs,
    /// Write it here instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Delt's own lines, or FHIR `AuditEvent`s in the IHE BALP profiles; both verify offline
    #[arg(long, value_enum, default_value_t = FormatWord::Delt)]
    format: FormatWord,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatWord {
    Delt,
    Fhir,
}

impl From<FormatWord> for ExportFormat {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Delt => Self::Delt,
            FormatWord::Fhir => Self::Fhir,
        }
    }
}

impl Export {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let session = hub.connect(around, Usually::Auditor).await?;
        let filter = self.which.filter();
        let request = ExportEntriesRequest {
            context: session.context.clone(),
            filter: (filter != EntryFilter::default()).then_some(filter),
            format: ExportFormat::from(self.format).into(),
        };
        let Some(file) = self.output else {
            // A verification finds an export that was cut short, so that it need not be held back.
            let mut chunks = session.hub.audit().export(request).await?;
            while let Some(chunk) = chunks.next().await {
                write(&chunk?)?;
            }
            return Ok(Done::All);
        };
        let size = keep(&session, request, &file).await?;
        let place = file.display().to_string();
        session.output.answer(
            || json!({ "file": place, "size": size }),
            || format!("{place}: {size} bytes; verify it with `delt audit verify`\n"),
        )?;
        Ok(Done::All)
    }
}

/// Writes beside the file first, so that the file is there only when it is whole.
async fn keep(
    session: &Session,
    request: ExportEntriesRequest,
    file: &Path,
) -> Result<u64, Failure> {
    let failed = |cause: std::io::Error| Failure::file(file, &cause);
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY);
    let mut out = options.open(&part).await.map_err(failed)?;
    let size = session.hub.audit().export_to(request, &mut out).await?;
    out.sync_all().await.map_err(failed)?;
    tokio::fs::rename(&part, file).await.map_err(failed)?;
    Ok(size)
}
