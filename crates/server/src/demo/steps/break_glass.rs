//! Essential consideration for the patient sets the block aside, with a reason, in the open.

use delt_client::Kind;
use delt_proto::common::v1::{OverrideGround, RequestContext};

use super::block::blocked;
use super::cast::{CARDIOLOGIST, HOSPITAL};
use super::view::{entries, open, search};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

const REASON: &str = "Bevidstløs patient i akutmodtagelsen, medicin og forløb må kendes nu";

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let doctor = stage
        .professional(CARDIOLOGIST, HOSPITAL, &["TREAT", "BTG"])
        .await?;
    let patient = stage.patient();
    // A glass that an earlier telling broke may still be open; a reason that is none is refused all the same.
    let hasty = search(&doctor, &patient, Some(context("akut"))).await;
    let reason_required = hasty.is_err_and(|error| matches!(error.kind(), Kind::Denied));
    step.check("a word for a reason is refused", reason_required);

    step.say(format!("Reason: “{REASON}”"));
    let found = search(&doctor, &patient, Some(context(REASON))).await?;
    let marked = found
        .documents
        .iter()
        .filter(|indexed| indexed.opened_by_override);
    let marked: Vec<_> = marked
        .filter_map(|indexed| indexed.document_entry().ok())
        .collect();
    let blocked = blocked(stage)?;
    let uuid = &blocked.entry.entry_uuid;
    step.check(
        "the whole record is visible",
        entries(&found)?.len() == usize::try_from(stage.memory.whole).unwrap_or(0),
    );
    step.check(
        "the blocked entry, and no other, is flagged as opened by override",
        matches!(marked.as_slice(), [only] if only.entry_uuid == *uuid),
    );
    // The glass is broken from here on: what follows needs no other reason.
    let opened = open(&doctor, &patient, uuid, Some(context(""))).await?;
    step.check(
        "the document opens without another reason, flagged, with the bytes of its source",
        opened.header.opened_by_override && opened.bytes == blocked.bytes,
    );
    step.fact("visible", found.total);
    step.fact("flagged", marked.len());
    stage.memory.reason = Some(REASON);
    Ok(())
}

fn context(reason: &str) -> RequestContext {
    RequestContext {
        purpose_of_use: "BTG".to_owned(),
        override_reason: reason.to_owned(),
        override_ground: OverrideGround::EssentialConsideration.into(),
    }
}
