//! The citizen blocks an organisation with all that is below it, for everybody.

use delt_client::Kind;
use delt_proto::consent::v1::{
    Consent, ConsentKind, CreateConsentRequest, OrganisationScope, What,
};
use delt_proto::record::v1::WithheldReason;

use super::cast::{CARDIOLOGIST, HOSPITAL, PSYCHIATRY};
use super::view::{entries, open, search, uuids, withheld};
use crate::demo::DemoError;
use crate::demo::fixtures::SampleDocument;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let citizen = stage.citizen().await?;
    let request = CreateConsentRequest {
        patient: Some(stage.patient()),
        consent: Some(Consent {
            kind: ConsentKind::Block.into(),
            what: Some(psychiatry()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let made = citizen.consents().create(request).await?.consent;
    stage.memory.block = made.map(|consent| consent.consent_id);
    step.say("She blocks what comes from Psykiatrien Gudenå and its units, for all professionals.");

    let blocked = blocked(stage)?.entry.entry_uuid.clone();
    let doctor = stage.professional(CARDIOLOGIST, HOSPITAL, &[]).await?;
    let found = search(&doctor, &stage.patient(), None).await?;
    let hidden = withheld(&found, WithheldReason::Consent);
    let seen = entries(&found)?;
    step.say(format!(
        "The cardiologist searches again: {} entries, {hidden} withheld by consent.",
        found.total
    ));
    step.check(
        "the blocked appointment is not among them",
        !uuids(&seen).contains(blocked.as_str()),
    );
    step.check(
        "the marker says that something is withheld",
        hidden == 1 && found.total + hidden == stage.memory.whole,
    );
    let opened = open(&doctor, &stage.patient(), &blocked, None).await;
    let absent = opened.is_err_and(|error| error.kind() == Kind::NotFound);
    step.check("opened by its id it does not exist", absent);
    let own = search(&citizen, &stage.patient(), None).await?;
    step.check(
        "she herself still sees everything",
        own.total == stage.memory.whole,
    );
    step.fact("visible", found.total);
    step.fact("withheld_by_consent", hidden);
    Ok(())
}

/// Everything that arose in psychiatry.
pub(super) fn psychiatry() -> What {
    let organisation = PSYCHIATRY.to_owned();
    What {
        originating: Some(OrganisationScope {
            organisation,
            with_underlying: true,
        }),
        ..Default::default()
    }
}

/// The citizen's document that the block is about.
pub(super) fn blocked(stage: &Stage) -> Result<&SampleDocument, DemoError> {
    let found = stage
        .own_documents()
        .into_iter()
        .find(|held| held.file.contains("psykiatri"));
    found.ok_or(DemoError::Missing(
        "no document of the citizen is from psychiatry",
    ))
}
