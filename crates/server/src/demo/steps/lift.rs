//! A block is ended, never deleted; after it the record is whole again.

use delt_proto::consent::v1::{Consent, EndConsentRequest, ListConsentsRequest};

use super::block::psychiatry;
use super::cast::{CARDIOLOGIST, HOSPITAL};
use super::view::search;
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let block = stage
        .memory
        .block
        .clone()
        .ok_or(DemoError::Missing("there is no block"))?;
    end(stage, &block).await?;
    let doctor = stage.professional(CARDIOLOGIST, HOSPITAL, &[]).await?;
    let found = search(&doctor, &stage.patient(), None).await?;
    step.say(format!(
        "The cardiologist sees {} entries again.",
        found.total
    ));
    step.check(
        "nothing is withheld any more",
        found.withheld.is_empty() && found.total == stage.memory.whole,
    );
    let kept = list(stage, true)
        .await?
        .into_iter()
        .find(|consent| consent.consent_id == block);
    let ended = kept.is_some_and(|consent| consent.ended_time.is_some());
    step.check(
        "the block is kept as history, with the time of its end",
        ended,
    );
    step.fact("visible", found.total);
    Ok(())
}

/// Ends the story's block where an earlier telling broke off before it did. Returns how many other consents are in
/// force: those are somebody's own, and stay.
pub(super) async fn leftovers(stage: &Stage) -> Result<usize, DemoError> {
    let mut others = 0;
    for consent in list(stage, false).await? {
        if consent.what == Some(psychiatry()) {
            end(stage, &consent.consent_id).await?;
        } else {
            others += 1;
        }
    }
    Ok(others)
}

async fn list(stage: &Stage, include_ended: bool) -> Result<Vec<Consent>, DemoError> {
    let request = ListConsentsRequest {
        context: None,
        patient: Some(stage.patient()),
        include_ended,
    };
    Ok(stage
        .citizen()
        .await?
        .consents()
        .list(request)
        .await?
        .consents)
}

async fn end(stage: &Stage, consent_id: &str) -> Result<(), DemoError> {
    let request = EndConsentRequest {
        context: None,
        patient: Some(stage.patient()),
        consent_id: consent_id.to_owned(),
    };
    stage.citizen().await?.consents().end(request).await?;
    Ok(())
}
