//! Who works on cases, and on which.

use delt_client::proto::review::v1::{
    AssignReviewCaseRequest, CommentReviewCaseRequest, DecideReviewCaseRequest,
    ListReviewCasesRequest, ReviewCase, ReviewCaseKind, ReviewDecision,
};
use delt_client::{ClientError, Connection};
use delt_server::profile::{Holder, Masked, Professional};
use delt_tests::calls::register;
use delt_tests::entries::{LONNI, REGION_H, note};
use delt_tests::glass::{broken, essential};
use delt_tests::hub::{TestHub, sample};
use delt_tests::samples::EHR;

pub(crate) const REASON: &str = "Bevidstløs patient i akutmodtagelsen";

type Result<T> = std::result::Result<T, ClientError>;

/// Another auditor of Region Hovedstaden.
pub(crate) fn colleague() -> Professional {
    Professional {
        key: "auditor-2".to_owned(),
        ..sample("auditor")
    }
}

/// The same person with a number in the token.
pub(crate) fn numbered(person: Professional, cpr: &str) -> Professional {
    Professional {
        cpr: Some(Masked(cpr.to_owned())),
        ..person
    }
}

pub(crate) async fn auditor_as(hub: &TestHub, person: Professional) -> Connection {
    let token = hub.token(&Holder::Professional(person), "tilsyn", &[]);
    hub.connect(hub.running.api, "tilsyn", Some(token)).await
}

/// Somebody of the emergency department breaks the glass for Lonni's record.
pub(crate) async fn break_glass(hub: &TestHub, person: Professional) {
    register(&hub.system(REGION_H).await, &note(REGION_H, LONNI)).await;
    let token = hub.token(&Holder::Professional(person), EHR, &["TREAT", "BTG"]);
    let doctor = hub.connect(hub.running.api, EHR, Some(token)).await;
    broken(&doctor, essential(REASON)).await.unwrap();
}

/// The cases of broken glass that somebody sees: the rules open others meanwhile.
pub(crate) async fn of_glass(auditor: &Connection) -> Vec<ReviewCase> {
    let request = ListReviewCasesRequest {
        kind: ReviewCaseKind::BreakGlass.into(),
        ..ListReviewCasesRequest::default()
    };
    auditor.reviews().list(request).await.unwrap().cases
}

/// The one case of broken glass.
pub(crate) async fn glass_case(hub: &TestHub) -> ReviewCase {
    let mut cases = of_glass(&hub.auditor().await).await;
    assert_eq!(cases.len(), 1);
    cases.remove(0)
}

pub(crate) async fn take(auditor: &Connection, case: &ReviewCase) -> Result<ReviewCase> {
    assign(auditor, case, "", false).await
}

pub(crate) async fn assign(
    auditor: &Connection,
    case: &ReviewCase,
    to: &str,
    release: bool,
) -> Result<ReviewCase> {
    let request = AssignReviewCaseRequest {
        context: None,
        number: case.number,
        assignee: to.to_owned(),
        release,
        expected_revision: case.revision,
    };
    let answer = auditor.reviews().assign(request).await?;
    Ok(answer.review_case.expect("the case comes back"))
}

pub(crate) async fn comment(
    auditor: &Connection,
    case: &ReviewCase,
    text: &str,
) -> Result<ReviewCase> {
    let request = CommentReviewCaseRequest {
        context: None,
        number: case.number,
        text: text.to_owned(),
        expected_revision: case.revision,
    };
    let answer = auditor.reviews().comment(request).await?;
    Ok(answer.review_case.expect("the case comes back"))
}

pub(crate) async fn decide(
    auditor: &Connection,
    case: &ReviewCase,
    decision: ReviewDecision,
) -> Result<ReviewCase> {
    let request = DecideReviewCaseRequest {
        context: None,
        number: case.number,
        decision: decision.into(),
        text: "Set i vagtplanen".to_owned(),
        expected_revision: case.revision,
    };
    let answer = auditor.reviews().decide(request).await?;
    Ok(answer.review_case.expect("the case comes back"))
}
