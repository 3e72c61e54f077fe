//! Completeness: the citizen holds her list to what the log signed, and the officer holds the log to it.

use delt_client::AuditLog;
use delt_ledger::Verifier;
use delt_ledger::citizen::{ChainFile, ChainReport};
use delt_ledger::export::{Held, StatementVerdict, verify_against};
use delt_proto::audit::v1::ExportEntriesRequest;

use super::audit::{KEY, keep, verifier};
use super::cast::{DATA_PROTECTION_OFFICER, SUPERVISION};
use crate::citizen_chain;
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

const CHAIN: &str = "demo-chain.json";
/// What the log calls an entry that the citizen finds among those who looked.
const VISIT: &str = "visit";

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let citizen = stage.citizen().await?.audit();
    let mut file = citizen_chain::fetch(&citizen, stage.patient(), None).await?;
    let verifier = verifier(&citizen).await?;
    let text = serde_json::to_string_pretty(&file);
    let text = text.map_err(|_| DemoError::Missing("the chain has no JSON form"))?;
    keep(stage, CHAIN, text.as_bytes())?;

    let entries: usize = file.chains.iter().map(|chain| chain.entries.len()).sum();
    step.say(format!(
        "She is given {entries} numbered hashes and a signed statement of the last number."
    ));
    let reports = check(&file, &verifier);
    step.check(
        "her list is complete: every number is there, and stands in the log",
        !reports.is_empty() && reports.iter().all(ChainReport::is_complete),
    );
    let statements: Vec<String> = file.chains.iter().map(|it| it.statement.clone()).collect();
    hold(stage, step, &statements, &verifier).await?;

    remove_a_look(&mut file)?;
    let faults = check(&file, &verifier).into_iter().flat_map(|it| it.faults);
    let faults: Vec<String> = faults.collect();
    let first = faults.first().map_or("not noticed", String::as_str);
    step.check(
        format!("a list without one look: {first}"),
        !faults.is_empty(),
    );
    step.fact("entries", entries);
    step.fact("statements", statements.len());
    step.say(format!(
        "Check it yourself: delt audit verify-chain {} --key {}",
        stage.file(CHAIN).display(),
        stage.file(KEY).display(),
    ));
    Ok(())
}

fn check(file: &ChainFile, verifier: &Verifier) -> Vec<ChainReport> {
    let chains = file.chains.iter();
    chains.map(|chain| chain.check(verifier, &[])).collect()
}

/// The officer takes the whole log home and holds it to what the citizen was given.
async fn hold(
    stage: &Stage,
    step: &mut Step,
    statements: &[String],
    verifier: &Verifier,
) -> Result<(), DemoError> {
    let officer = stage.professional(DATA_PROTECTION_OFFICER, SUPERVISION, &[]);
    let export = whole_log(&officer.await?.audit()).await?;
    let held = Held {
        statements,
        ..Held::default()
    };
    let report = verify_against(export.as_slice(), verifier, &held)?;
    let mut verdicts = report.statements.iter().map(|finding| finding.verdict);
    step.check(
        "the officer's export has her entries as they were stated to her",
        report.is_intact() && verdicts.all(|verdict| verdict == StatementVerdict::Holds),
    );
    Ok(())
}

async fn whole_log(log: &AuditLog) -> Result<Vec<u8>, DemoError> {
    let mut export = Vec::new();
    let request = ExportEntriesRequest::default();
    log.export_to(request, &mut export).await?;
    Ok(export)
}

/// What somebody would do who looked and has something to hide.
fn remove_a_look(file: &mut ChainFile) -> Result<(), DemoError> {
    for chain in &mut file.chains {
        let look = chain.entries.iter().position(|entry| entry.kind == VISIT);
        if let Some(at) = look {
            chain.entries.remove(at);
            return Ok(());
        }
    }
    Err(DemoError::Missing("nobody's look is in the list"))
}
