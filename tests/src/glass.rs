//! Who breaks the glass, and what becomes of it: the citizen's inbox and the auditor's cases.

use delt_client::proto::common::v1::{OverrideGround, RequestContext};
use delt_client::proto::notification::v1::{ListNotificationsRequest, Notification};
use delt_client::proto::review::v1::{GetReviewCaseRequest, ListReviewCasesRequest, ReviewCase};
use delt_client::{ClientError, Connection, RecordView};
use delt_server::profile::{Holder, Professional};

use crate::entries::{LONNI, cpr};
use crate::hub::{TestHub, sample};
use crate::samples::search_for;

type Result<T> = std::result::Result<T, ClientError>;

/// A purpose that breaks the glass, with nothing more: as whoever goes on with a broken one asks.
pub fn going_on() -> RequestContext {
    RequestContext {
        purpose_of_use: "BTG".to_owned(),
        ..RequestContext::default()
    }
}

/// A reason, on essential consideration for the patient.
pub fn essential(reason: &str) -> RequestContext {
    RequestContext {
        override_reason: reason.to_owned(),
        override_ground: OverrideGround::EssentialConsideration.into(),
        ..going_on()
    }
}

/// A reason, where the citizen lifts the block.
pub fn lifted(reason: &str) -> RequestContext {
    RequestContext {
        override_ground: OverrideGround::CitizenLiftsBlock.into(),
        ..essential(reason)
    }
}

/// Lonni's record for somebody who breaks the glass.
pub async fn broken(caller: &Connection, context: RequestContext) -> Result<RecordView> {
    search_for(caller, LONNI, Some(context)).await
}

/// What a citizen's inbox says after one notification; from the beginning where none is named.
pub async fn inbox_of(
    citizen: &Connection,
    person: &str,
    after: &str,
) -> Result<Vec<Notification>> {
    let request = ListNotificationsRequest {
        context: None,
        patient: Some(cpr(person)),
        after_notification_id: after.to_owned(),
        page_size: 500,
    };
    let answer = citizen.notifications().list(request).await?;
    Ok(answer.notifications)
}

/// The cases that somebody may see, by number.
pub async fn cases(auditor: &Connection) -> Vec<ReviewCase> {
    let request = ListReviewCasesRequest {
        page_size: 500,
        ..ListReviewCasesRequest::default()
    };
    let answer = auditor.reviews().list(request).await;
    answer.expect("an auditor may list").cases
}

/// One case by its number.
pub async fn case(auditor: &Connection, number: u64) -> Result<ReviewCase> {
    let request = GetReviewCaseRequest {
        context: None,
        number,
    };
    let answer = auditor.reviews().get(request).await?;
    Ok(answer.review_case.expect("the case comes back"))
}

/// The auditor of another organisation.
pub async fn auditor_at(hub: &TestHub, organisation: &str) -> Connection {
    let holder = Holder::Professional(Professional {
        organisation: organisation.to_owned(),
        ..sample("auditor")
    });
    let token = hub.token(&holder, "tilsyn", &[]);
    hub.connect(hub.running.api, "tilsyn", Some(token)).await
}
