//! Nobody breaks the glass unseen: the citizen is told without asking, and a case waits for the auditor.

use delt_proto::common::v1::OverrideGround;
use delt_proto::notification::v1::{ListNotificationsRequest, Notification};
use delt_proto::review::v1::{GetReviewCaseRequest, ListReviewCasesRequest, ReviewCase};

use super::cast::{AUDITOR, SUPERVISION};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// More than a data directory has of them.
const PAGE: u32 = 500;

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let case = case(stage).await?;
    let told = notifications(stage).await?;
    let told: Vec<&Notification> = told
        .iter()
        .filter(|notification| notification.audit_entry_id == case.audit_entry_id)
        .collect();
    for text in told.iter().flat_map(|notification| &notification.texts) {
        step.say(format!("She reads ({}): {}", text.language, text.text));
    }
    let reason = stage.memory.reason.unwrap_or("no glass was broken");
    let names_it = |notification: &&Notification| {
        notification.reason == reason
            && notification.role == "laege"
            && !notification.organisation_name.is_empty()
            && notification.override_ground() == OverrideGround::EssentialConsideration
    };
    step.check(
        "the citizen is told once, with the reason, the place and the role",
        matches!(told.as_slice(), [only] if names_it(only)),
    );
    step.say(format!(
        "The auditor of the region has case {}: the glass is broken until {}.",
        case.number,
        closing(&case)
    ));
    step.check(
        "the auditor's case has the reason as it was written",
        case.reason == reason,
    );
    let begun_by = &case.audit_entry_id;
    step.check(
        "the case and the notification name the same entry of the log",
        !begun_by.is_empty() && told.iter().all(|told| told.audit_entry_id == *begun_by),
    );
    step.fact("notifications", told.len());
    step.fact("case", case.number);
    step.fact("audit_entry", case.audit_entry_id);
    Ok(())
}

/// The newest case with the story's reason. A glass that an earlier telling broke may still be open, and then goes on.
async fn case(stage: &Stage) -> Result<ReviewCase, DemoError> {
    let auditor = stage.professional(AUDITOR, SUPERVISION, &[]).await?;
    let reviews = auditor.reviews();
    let request = ListReviewCasesRequest {
        page_size: PAGE,
        ..Default::default()
    };
    let mut cases = reviews.list(request).await?.cases;
    cases.retain(|case| Some(case.reason.as_str()) == stage.memory.reason);
    let listed = cases.pop();
    let listed = listed.ok_or(DemoError::Missing("no case was opened"))?;
    let request = GetReviewCaseRequest {
        context: None,
        number: listed.number,
    };
    let case = reviews.get(request).await?.review_case;
    case.ok_or(DemoError::Missing("the case cannot be read"))
}

async fn notifications(stage: &Stage) -> Result<Vec<Notification>, DemoError> {
    let request = ListNotificationsRequest {
        patient: Some(stage.patient()),
        page_size: PAGE,
        ..Default::default()
    };
    let answer = stage.citizen().await?.notifications().list(request).await?;
    Ok(answer.notifications)
}

fn closing(case: &ReviewCase) -> String {
    let time = case
        .expires_time
        .as_ref()
        .and_then(delt_client::json::to_rfc3339);
    let time: String = time.unwrap_or_default().chars().take(16).collect();
    format!("{} UTC", time.replace('T', " "))
}
