//! "Who looked at my data": refused attempts and broken glass too.

use delt_hub::clock::Micros;
use delt_proto::audit::v1::{ListPatientAccessesRequest, PatientAccess};
use serde_json::json;

use super::cast::{CARDIOLOGIST, HOME_NURSE, STRANGER};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;
use crate::profile;

const PAGE: i32 = 200;

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let seen = accesses(stage).await?;
    let rows: Vec<[String; 6]> = seen.iter().rev().map(row).collect();
    step.table(
        ["TIME (UTC)", "WHO", "WHERE", "WHAT", "DOCUMENTS", "OUTCOME"],
        &rows,
    );

    let by = |key: &str, outcome: &str| -> Result<Vec<&PatientAccess>, DemoError> {
        let name = profile::professional(key)?
            .map(|person| person.name())
            .unwrap_or_default();
        Ok(seen
            .iter()
            .filter(|a| a.person_name == name && a.outcome == outcome)
            .collect())
    };
    let (doctor, nurse) = (by(CARDIOLOGIST, "permitted")?, by(HOME_NURSE, "permitted")?);
    let refused = by(STRANGER, "denied")?;
    step.check(
        "the cardiologist and the nurse who looked",
        !doctor.is_empty() && !nurse.is_empty(),
    );
    step.check(
        "the stranger who was refused",
        !refused.is_empty() && by(STRANGER, "permitted")?.is_empty(),
    );
    let broken: Vec<_> = doctor
        .iter()
        .filter(|access| access.purpose_of_use == "BTG")
        .collect();
    let reason = stage.memory.reason.unwrap_or("no glass was broken");
    // Whoever goes on with a broken glass gives no other reason.
    let reasons: Vec<&str> = broken
        .iter()
        .map(|access| access.override_reason.as_str())
        .collect();
    step.check(
        format!("the broken glass, with its reason: “{reason}”"),
        reasons.contains(&reason) && reasons.iter().all(|given| [reason, ""].contains(given)),
    );
    step.check(
        "none of her own looks",
        seen.iter()
            .all(|access| access.person_name != stage.citizen.name()),
    );
    step.fact("accesses", seen.len());
    step.fact(
        "refused",
        seen.iter()
            .filter(|access| access.outcome == "denied")
            .count(),
    );
    step.fact("break_glass", json!(broken.len()));
    Ok(())
}

/// Those of this telling, newest first.
async fn accesses(stage: &Stage) -> Result<Vec<PatientAccess>, DemoError> {
    let log = stage.citizen().await?.audit();
    let mut request = ListPatientAccessesRequest {
        patient: Some(stage.patient()),
        page_size: PAGE,
        ..Default::default()
    };
    let mut found = Vec::new();
    loop {
        let page = log.accesses(request.clone()).await?;
        let older = page
            .accesses
            .iter()
            .any(|access| micros(access) < stage.since);
        found.extend(
            page.accesses
                .into_iter()
                .filter(|access| micros(access) >= stage.since),
        );
        if older || page.next_page_token.is_empty() {
            return Ok(found);
        }
        request.page_token = page.next_page_token;
    }
}

fn micros(access: &PatientAccess) -> Micros {
    access.time.as_ref().map_or(0, |time| {
        time.seconds * 1_000_000 + i64::from(time.nanos) / 1_000
    })
}

fn row(access: &PatientAccess) -> [String; 6] {
    let time = access
        .time
        .as_ref()
        .and_then(delt_client::json::to_rfc3339)
        .unwrap_or_default();
    let clock: String = time.chars().skip(11).take(8).collect();
    let what = match access.operation.as_str() {
        "SearchRecord" => "searched",
        "RetrieveDocument" => "opened",
        other => other,
    };
    let broken = if access.purpose_of_use == "BTG" {
        ", break-glass"
    } else {
        ""
    };
    [
        clock,
        access.person_name.clone(),
        access.organisation_name.clone(),
        format!("{what}{broken}"),
        access.documents.to_string(),
        access.outcome.clone(),
    ]
}
