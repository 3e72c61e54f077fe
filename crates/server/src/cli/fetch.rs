//! `delt fetch ENTRY`

use std::path::{Path, PathBuf};

use clap::Args;
use delt_client::Retrieval;
use delt_proto::record::v1::{DocumentHeader, DocumentTrailer, RetrieveDocumentRequest};
use serde_json::json;
use tokio::fs::OpenOptions;

use super::arguments::HubArgs;
use super::connect::{Session, Usually};
use super::failure::Failure;
use super::output::{receipt_line, write};
use super::values::Person;
use super::{Done, Outcome, Surroundings, json as wire};

/// What goes to standard output is held back until it is whole, up to this size.
const MAX_HELD_BYTES: usize = 64 * 1024 * 1024;
/// Clinical content is for its owner only.
const OWNER_ONLY: u32 = 0o600;

/// Nothing is written unless the document arrives whole and is what its source registered.
#[derive(Debug, Args)]
pub struct Fetch {
    /// The entry's UUID, from `delt record`
    entry: String,
    /// Whose document it is: a CPR number, or system|value
    #[arg(long, value_name = "PERSON")]
    patient: Person,
    /// Write it here instead of to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Fetch {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        if hub.json && self.output.is_none() {
            return Err(Failure::usage(
                "--json describes the document; say where to with --output",
            ));
        }
        let session = hub.connect(around, Usually::Somebody).await?;
        let request = RetrieveDocumentRequest {
            context: session.context.clone(),
            patient: Some(self.patient.0),
            entry_uuid: self.entry,
        };
        let retrieval = session.hub.record().retrieve(request).await?;
        let Some(file) = &self.output else {
            write(&retrieval.into_bytes(MAX_HELD_BYTES).await?)?;
            return Ok(Done::All);
        };
        let header = retrieval.header().clone();
        let trailer = keep(retrieval, file).await?;
        tell(&session, &header, &trailer, file)
    }
}

/// Writes beside the file first, so that the file is there only when it is whole.
async fn keep(retrieval: Retrieval, file: &Path) -> Result<DocumentTrailer, Failure> {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let failed = |cause: std::io::Error| Failure::file(file, &cause);
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY);
    let mut out = options.open(&part).await.map_err(failed)?;
    let written = match retrieval.write_to(&mut out).await {
        Ok(trailer) => out.sync_all().await.map(|()| trailer).map_err(failed),
        Err(error) => Err(error.into()),
    };
    match written {
        Ok(trailer) => tokio::fs::rename(&part, file)
            .await
            .map(|()| trailer)
            .map_err(failed),
        Err(failure) => {
            // What is not whole must not stay; if it cannot be removed, its name still says what it is.
            let _ = tokio::fs::remove_file(&part).await;
            Err(failure)
        }
    }
}

fn tell(
    session: &Session,
    header: &DocumentHeader,
    trailer: &DocumentTrailer,
    file: &Path,
) -> Outcome {
    let place = file.display().to_string();
    session.output.answer(
        || {
            json!({
                "entry_uuid": header.entry_uuid, "mime_type": header.mime_type, "file": place,
                "size": trailer.size, "verified": trailer.verified,
                "opened_by_override": header.opened_by_override,
                "receipt": wire::receipt(header.receipt.as_ref()),
            })
        },
        || {
            let checked = if trailer.verified {
                "size and hash verified"
            } else {
                "made on demand, nothing to verify"
            };
            let glass = if header.opened_by_override {
                ", opened by break-glass"
            } else {
                ""
            };
            let receipt = receipt_line(header.receipt.as_ref());
            format!(
                "{place}: {} bytes, {}, {checked}{glass}\n{receipt}",
                trailer.size, header.mime_type
            )
        },
    )?;
    Ok(Done::All)
}
