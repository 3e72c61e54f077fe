//! A doctor who does not treat the citizen.

use delt_client::{ClientError, Kind, RecordView};
use delt_proto::common::v1::Identifier;

use super::cast::{OTHER_PRACTICE, STRANGER};
use super::view::search;
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// Magnus Test Lauridsen, an official test person of whom no source holds anything.
const UNKNOWN: &str = "0504909995";

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let stranger = stage.professional(STRANGER, OTHER_PRACTICE, &[]).await?;
    let refused = search(&stranger, &stage.patient(), None).await;
    let other = Identifier {
        value: UNKNOWN.to_owned(),
        ..stage.patient()
    };
    let nobody = search(&stranger, &other, None).await;
    let (said, reason) = (text(&refused), reason(&refused));
    step.say(format!(
        "A GP in another town asks for her record. The hub: “{said}” ({reason})"
    ));
    let denied = refused
        .as_ref()
        .is_err_and(|error| error.kind() == Kind::Denied);
    step.check("the request is refused", denied);
    step.check(
        "a person without any record gets the same answer, so the refusal tells nothing",
        text(&nobody) == said && nobody.is_err(),
    );
    step.fact("reason", reason);
    Ok(())
}

fn text(answer: &Result<RecordView, ClientError>) -> String {
    answer
        .as_ref()
        .err()
        .map_or("let in".to_owned(), ToString::to_string)
}

fn reason(answer: &Result<RecordView, ClientError>) -> String {
    let reason = answer.as_ref().err().and_then(ClientError::reason);
    reason.unwrap_or("no reason").to_owned()
}
