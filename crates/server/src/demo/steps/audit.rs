//! Supervision: search the log, export it, verify the export without the hub, and see a tampered copy fail.

use std::time::Duration;

use delt_client::{AuditLog, ClientError};
use delt_ledger::Verifier;
use delt_ledger::export::{Report, verify};
use delt_proto::audit::v1::{
    EntryFilter, ExportEntriesRequest, GetCheckpointRequest, LogEntry, SearchEntriesRequest,
};
use delt_proto::common::v1::Period;
use prost_types::Timestamp;

use super::cast::{AUDITOR, DATA_PROTECTION_OFFICER, SUPERVISION};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// An entry is sealed within a second; more than this means that it is not.
const PATIENCE: u64 = 10;
const PAUSE: Duration = Duration::from_millis(100);
const EXPORT: &str = "demo-audit.ndjson";
pub(super) const KEY: &str = "demo-audit.vkey";

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let auditor = stage.professional(AUDITOR, SUPERVISION, &[]).await?.audit();
    let broken = sealed_overrides(&auditor, stage.since).await?;
    step.say(format!(
        "The region's auditor asks where the glass was broken: {} entries.",
        broken.len()
    ));
    step.check("the search finds them", !broken.is_empty());

    let officer = stage
        .professional(DATA_PROTECTION_OFFICER, SUPERVISION, &[])
        .await?
        .audit();
    let mut export = Vec::new();
    officer
        .export_to(ExportEntriesRequest::default(), &mut export)
        .await?;
    keep(stage, EXPORT, &export)?;
    let verifier = verifier(&officer).await?;
    keep(stage, KEY, verifier.to_string().as_bytes())?;

    let report = verify(export.as_slice(), &verifier, &[])?;
    step.say(format!(
        "The national officer exports all of the log: {} entries under one signed checkpoint.",
        report.size
    ));
    step.check(
        "the export verifies, offline, with the log's public key alone",
        report.is_intact() && report.complete && report.proved == report.size,
    );
    let beyond = broken
        .iter()
        .filter_map(|entry| entry.leaf_index)
        .all(|index| index < report.size);
    step.check("what was found is in it", beyond);
    step.fact("entries", report.size);
    step.fact("proved", report.proved);
    let mut caught = 0;
    for (how, copy) in tampered(&export)? {
        let report = verify(copy.as_slice(), &verifier, &[])?;
        caught += usize::from(!report.is_intact());
        step.check(
            format!("a copy with {how}: {}", first_problem(&report)),
            !report.is_intact(),
        );
    }
    step.fact("tampered_copies_caught", caught);
    step.say(format!(
        "Check it yourself: delt audit verify {} --key {} --complete",
        stage.file(EXPORT).display(),
        stage.file(KEY).display(),
    ));
    Ok(())
}

/// The log's public key. A real party has it from somebody other than the hub.
pub(super) async fn verifier(log: &AuditLog) -> Result<Verifier, DemoError> {
    let newest = log.checkpoint(GetCheckpointRequest {}).await?;
    Verifier::from_vkey(newest.verifier_key.trim())
        .map_err(|_| DemoError::Missing("the log's key cannot be read"))
}

/// The story's broken glass, once the log has sealed all of it.
async fn sealed_overrides(log: &AuditLog, since: i64) -> Result<Vec<LogEntry>, DemoError> {
    let wait = async {
        loop {
            let found = overrides(log, since).await?;
            if found.iter().all(|entry| entry.leaf_index.is_some()) {
                return Ok(found);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(PATIENCE), wait).await;
    waited.unwrap_or(Err(DemoError::Late("the seal of the log", PATIENCE)))
}

async fn overrides(log: &AuditLog, since: i64) -> Result<Vec<LogEntry>, ClientError> {
    let start = Timestamp {
        seconds: since / 1_000_000,
        nanos: i32::try_from(since % 1_000_000 * 1_000).unwrap_or_default(),
    };
    let filter = EntryFilter {
        override_only: true,
        period: Some(Period {
            start: Some(start),
            end: None,
        }),
        ..Default::default()
    };
    let request = SearchEntriesRequest {
        filter: Some(filter),
        ..Default::default()
    };
    Ok(log.search(request).await?.entries)
}

/// What somebody would do who has something to hide.
fn tampered(export: &[u8]) -> Result<[(&'static str, Vec<u8>); 3], DemoError> {
    let text =
        std::str::from_utf8(export).map_err(|_| DemoError::Missing("the export is no text"))?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let denied = lines.iter().rposition(|line| line.contains(DENIED));
    let at = denied.ok_or(DemoError::Missing("no refusal is in the export"))?;
    let mut changed: Vec<String> = lines.iter().map(ToString::to_string).collect();
    if let Some(line) = changed.get_mut(at) {
        *line = line.replace(DENIED, r#""outcome":"permitted""#);
    }
    let mut removed = lines.clone();
    removed.remove(at);
    let mut reordered = lines;
    reordered.swap(at - 1, at);
    Ok([
        (
            "one refusal changed into a permit",
            changed.concat().into_bytes(),
        ),
        ("that entry removed", removed.concat().into_bytes()),
        ("two entries swapped", reordered.concat().into_bytes()),
    ])
}

const DENIED: &str = r#""outcome":"denied""#;

fn first_problem(report: &Report) -> String {
    let first = report.problems.first().map(ToString::to_string);
    first.unwrap_or_else(|| "not noticed".to_owned())
}

pub(super) fn keep(stage: &Stage, name: &str, bytes: &[u8]) -> Result<(), DemoError> {
    let path = stage.file(name);
    std::fs::write(&path, bytes).map_err(|cause| DemoError::File { path, cause })
}
