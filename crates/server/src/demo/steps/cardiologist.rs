//! A physician with a treatment relation: the whole record, from all sectors.

use delt_client::Connection;

use super::cast::{CARDIOLOGIST, HOSPITAL, MUNICIPALITY, OTHER_REGION, PRACTICE};
use super::view::{self, entries, open, search, uuids};
use crate::demo::DemoError;
use crate::demo::fixtures::SampleDocument;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let others = super::lift::leftovers(stage).await?;
    if others > 0 {
        step.say(format!(
            "Consents of hers in force that are not the story's: {others}. `delt consent end` ends them."
        ));
    }
    let doctor = stage.professional(CARDIOLOGIST, HOSPITAL, &[]).await?;
    let found = search(&doctor, &stage.patient(), None).await?;
    let seen = entries(&found)?;
    view::show(step, &seen);

    let own = stage.own_documents();
    let shown = uuids(&seen);
    let all = own
        .iter()
        .all(|held| shown.contains(held.entry.entry_uuid.as_str()));
    step.check(
        format!("all {} documents of four sources are there", own.len()),
        all,
    );
    let letters = seen
        .iter()
        .filter(|entry| stage.held(&entry.entry_uuid).is_none())
        .count();
    step.check(
        "nothing else is, but letters of earlier tellings",
        seen.len() == own.len() + letters,
    );
    step.check("nothing was withheld", found.withheld.is_empty());
    step.check(
        "the answer has its entry in the access log",
        !found.receipts.is_empty(),
    );
    for source in [OTHER_REGION, PRACTICE, MUNICIPALITY] {
        let from = own.iter().find(|held| held.system == source);
        let from = from.ok_or(DemoError::Missing("a source holds nothing of the citizen"))?;
        opens(stage, step, &doctor, from).await?;
    }
    on_demand(stage, step, &doctor, &own).await?;
    step.fact("visible", found.total);
    step.fact("letters_before", letters);
    step.fact(
        "withheld",
        found
            .withheld
            .iter()
            .map(|withheld| withheld.count)
            .sum::<u32>(),
    );
    stage.memory.whole = found.total;
    Ok(())
}

async fn opens(
    stage: &Stage,
    step: &mut Step,
    doctor: &Connection,
    held: &SampleDocument,
) -> Result<(), DemoError> {
    let opened = open(doctor, &stage.patient(), &held.entry.entry_uuid, None).await?;
    let (bytes, from) = (opened.bytes.len(), view::institution(&held.entry));
    step.check(
        format!(
            "“{}” ({bytes} bytes) from {from}: size and hash as registered",
            held.entry.title
        ),
        opened.trailer.verified && opened.bytes == held.bytes,
    );
    Ok(())
}

/// A laboratory report is made when it is asked for, so there is nothing to compare it with.
async fn on_demand(
    stage: &Stage,
    step: &mut Step,
    doctor: &Connection,
    own: &[&SampleDocument],
) -> Result<(), DemoError> {
    let made = own.iter().find(|held| held.entry.size.is_none());
    let made = made.ok_or(DemoError::Missing("no document is made on demand"))?;
    let opened = open(doctor, &stage.patient(), &made.entry.entry_uuid, None).await?;
    step.check(
        format!(
            "“{}” is made on demand, and marked as not verified",
            made.entry.title
        ),
        !opened.trailer.verified && opened.bytes == made.bytes,
    );
    Ok(())
}
