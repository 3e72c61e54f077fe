//! Review cases on the wire.

use delt_hub::{
    Error, Released, Result,
    review::{
        CaseKind, CaseState, ReviewCase,
        operations::{GetReviewCase, ListReviewCases},
    },
};
use delt_proto::review::v1::{self as v1, review_service_server::ReviewService};
use tonic::Request;

use super::{Answer, Api, wire};

/// `delt.review.v1.ReviewService`
#[derive(Debug, Clone)]
pub(crate) struct Reviews(pub(crate) Api);

#[tonic::async_trait]
impl ReviewService for Reviews {
    async fn list_review_cases(
        &self,
        request: Request<v1::ListReviewCasesRequest>,
    ) -> Answer<v1::ListReviewCasesResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| list(message, page_max);
        self.0.answer(request, read, listed).await
    }

    async fn get_review_case(
        &self,
        request: Request<v1::GetReviewCaseRequest>,
    ) -> Answer<v1::GetReviewCaseResponse> {
        self.0
            .answer(request, |message| Ok(get(&message)), one)
            .await
    }
}

fn list(message: v1::ListReviewCasesRequest, page_max: u32) -> Result<ListReviewCases> {
    Ok(ListReviewCases {
        after: message.after_number,
        kind: kind(message.kind)?,
        state: state(message.state)?,
        page_size: wire::page_size(message.page_size, page_max)?,
    })
}

// A filter that is not understood must not become none.
fn kind(kind: i32) -> Result<Option<CaseKind>> {
    match v1::ReviewCaseKind::try_from(kind) {
        Ok(v1::ReviewCaseKind::Unspecified) => Ok(None),
        Ok(v1::ReviewCaseKind::BreakGlass) => Ok(Some(CaseKind::BreakGlass)),
        Ok(v1::ReviewCaseKind::RelationUnconfirmed) => Ok(Some(CaseKind::RelationUnconfirmed)),
        Err(_) => Err(Error::invalid("kind", "is not a kind of case")),
    }
}

fn state(state: i32) -> Result<Option<CaseState>> {
    match v1::ReviewCaseState::try_from(state) {
        Ok(v1::ReviewCaseState::Unspecified) => Ok(None),
        Ok(v1::ReviewCaseState::Open) => Ok(Some(CaseState::Open)),
        Err(_) => Err(Error::invalid("state", "is not a state of a case")),
    }
}

fn listed(done: Released<Vec<ReviewCase>>) -> v1::ListReviewCasesResponse {
    v1::ListReviewCasesResponse {
        cases: done.value.into_iter().map(written).collect(),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

const fn get(message: &v1::GetReviewCaseRequest) -> GetReviewCase {
    GetReviewCase {
        number: message.number,
    }
}

fn one(done: Released<ReviewCase>) -> v1::GetReviewCaseResponse {
    v1::GetReviewCaseResponse {
        review_case: Some(written(done.value)),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn written(case: ReviewCase) -> v1::ReviewCase {
    let kind = match case.kind {
        CaseKind::BreakGlass => v1::ReviewCaseKind::BreakGlass,
        CaseKind::RelationUnconfirmed => v1::ReviewCaseKind::RelationUnconfirmed,
    };
    let state = match case.state {
        CaseState::Open => v1::ReviewCaseState::Open,
    };
    v1::ReviewCase {
        number: case.number,
        kind: kind.into(),
        state: state.into(),
        opened_time: Some(wire::timestamp(case.opened_at)),
        authorisation_id: case.person.as_str().to_owned(),
        role: case.role,
        organisation: case.organisation.code().to_owned(),
        override_ground: wire::to_override_ground(case.ground).into(),
        reason: case.reason,
        expires_time: case.expires_at.map(wire::timestamp),
        audit_entry_id: wire::to_optional(case.audit_entry_id),
        patient_key: case.patient.hex(),
    }
}
