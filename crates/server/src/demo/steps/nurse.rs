//! A nurse of the municipality: her role sees less, and is told how much less.

use delt_proto::record::v1::WithheldReason;

use super::cast::{HOME_NURSE, MUNICIPALITY};
use super::view::{self, entries, open, search, withheld};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// The GP's list of diagnoses, and clinical notes: outside of what home care sees.
const OUTSIDE: [&str; 2] = ["11450-4", "CMR"];

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let nurse = stage.professional(HOME_NURSE, MUNICIPALITY, &[]).await?;
    let found = search(&nurse, &stage.patient(), None).await?;
    let seen = entries(&found)?;
    let hidden = withheld(&found, WithheldReason::Role);
    view::show(step, &seen);
    step.say(format!(
        "Withheld: {hidden}, outside of what the role sees."
    ));

    let kind = |code: Option<&delt_proto::common::v1::Code>| {
        code.is_some_and(|code| OUTSIDE.contains(&code.code.as_str()))
    };
    let own = stage.own_documents();
    let outside: Vec<_> = own
        .iter()
        .filter(|held| kind(held.entry.type_code.as_ref()))
        .collect();
    step.check(
        "neither notes nor the GP's diagnoses are shown",
        seen.iter().all(|entry| !kind(entry.type_code.as_ref())),
    );
    step.check(
        "the marker says how many there are, not which",
        usize::try_from(hidden).is_ok_and(|hidden| hidden == outside.len() && hidden > 0),
    );
    step.check(
        "seen and withheld are the whole record",
        found.total + hidden == stage.memory.whole,
    );
    if let Some(held) = outside.first() {
        let refused = open(&nurse, &stage.patient(), &held.entry.entry_uuid, None).await;
        let absent = refused.is_err_and(|error| error.kind() == delt_client::Kind::NotFound);
        step.check("what is withheld cannot be opened by its id either", absent);
    }
    step.fact("visible", found.total);
    step.fact("withheld_by_role", hidden);
    Ok(())
}
