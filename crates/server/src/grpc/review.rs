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

    async fn assign_review_case(
        &self,
        _: Request<v1::AssignReviewCaseRequest>,
    ) -> Answer<v1::AssignReviewCaseResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn comment_review_case(
        &self,
        _: Request<v1::CommentReviewCaseRequest>,
    ) -> Answer<v1::CommentReviewCaseResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn decide_review_case(
        &self,
        _: Request<v1::DecideReviewCaseRequest>,
    ) -> Answer<v1::DecideReviewCaseResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn draw_sample(
        &self,
        _: Request<v1::DrawSampleRequest>,
    ) -> Answer<v1::DrawSampleResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn list_samples(
        &self,
        _: Request<v1::ListSamplesRequest>,
    ) -> Answer<v1::ListSamplesResponse> {
        Err(tonic::Status::unimplemented("not yet"))
    }

    async fn get_period_report(
        &self,
        _: Request<v1::GetPeriodReportRequest>,
    ) -> Answer<v1::GetPeriodReportResponse> {
        Err(tonic::Status::unimplemented("not yet"))
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
        Ok(kind) => Ok(CaseKind::ALL
            .iter()
            .copied()
            .find(|ours| written_kind(*ours) == kind)),
        Err(_) => Err(Error::invalid("kind", "is not a kind of case")),
    }
}

fn state(state: i32) -> Result<Option<CaseState>> {
    match v1::ReviewCaseState::try_from(state) {
        Ok(v1::ReviewCaseState::Unspecified) => Ok(None),
        Ok(state) => Ok(CaseState::ALL
            .iter()
            .copied()
            .find(|ours| written_state(*ours) == state)),
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

const fn written_kind(kind: CaseKind) -> v1::ReviewCaseKind {
    match kind {
        CaseKind::BreakGlass => v1::ReviewCaseKind::BreakGlass,
        CaseKind::RelationUnconfirmed => v1::ReviewCaseKind::RelationUnconfirmed,
        CaseKind::NoRelation => v1::ReviewCaseKind::NoRelation,
        CaseKind::ManyPatients => v1::ReviewCaseKind::ManyPatients,
        CaseKind::SameFamilyName => v1::ReviewCaseKind::SameFamilyName,
        CaseKind::SameAddress => v1::ReviewCaseKind::SameAddress,
        CaseKind::Colleague => v1::ReviewCaseKind::Colleague,
        CaseKind::ManyPlaces => v1::ReviewCaseKind::ManyPlaces,
        CaseKind::OutsideHours => v1::ReviewCaseKind::OutsideHours,
        CaseKind::Sample => v1::ReviewCaseKind::Sample,
    }
}

const fn written_state(state: CaseState) -> v1::ReviewCaseState {
    match state {
        CaseState::Open => v1::ReviewCaseState::Open,
        CaseState::Assigned => v1::ReviewCaseState::Assigned,
        CaseState::Proposed => v1::ReviewCaseState::Proposed,
        CaseState::Closed => v1::ReviewCaseState::Closed,
    }
}

fn written(case: ReviewCase) -> v1::ReviewCase {
    v1::ReviewCase {
        number: case.number,
        kind: written_kind(case.kind).into(),
        state: written_state(case.state).into(),
        opened_time: Some(wire::timestamp(case.opened_at)),
        authorisation_id: case
            .authorisation
            .map(|id| id.as_str().to_owned())
            .unwrap_or_default(),
        role: case.role,
        organisation: case.organisation.code().to_owned(),
        override_ground: wire::to_override_ground(case.ground).into(),
        reason: case.reason,
        expires_time: case.expires_at.map(wire::timestamp),
        audit_entry_id: wire::to_optional(case.audit_entry_id),
        patient_key: case.patient.map(|key| key.hex()).unwrap_or_default(),
        ..v1::ReviewCase::default()
    }
}
