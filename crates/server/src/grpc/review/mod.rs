//! Review work on the wire.

mod cases;
mod report;
mod samples;
mod words;

use delt_hub::Operation as _;
use delt_hub::review::operations::{DrawSample, KeepSample};
use delt_proto::review::v1::{self as v1, review_service_server::ReviewService};
use tonic::{Request, Response};

use super::{Answer, Api, Call};

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
        let read = |message| cases::list(message, page_max);
        self.0.answer(request, read, cases::listed).await
    }

    async fn get_review_case(
        &self,
        request: Request<v1::GetReviewCaseRequest>,
    ) -> Answer<v1::GetReviewCaseResponse> {
        let read = |message| Ok(cases::get(&message));
        self.0.answer(request, read, cases::one).await
    }

    async fn assign_review_case(
        &self,
        request: Request<v1::AssignReviewCaseRequest>,
    ) -> Answer<v1::AssignReviewCaseResponse> {
        self.0.answer(request, cases::assign, cases::assigned).await
    }

    async fn comment_review_case(
        &self,
        request: Request<v1::CommentReviewCaseRequest>,
    ) -> Answer<v1::CommentReviewCaseResponse> {
        self.0
            .answer(request, cases::comment, cases::commented)
            .await
    }

    async fn decide_review_case(
        &self,
        request: Request<v1::DecideReviewCaseRequest>,
    ) -> Answer<v1::DecideReviewCaseResponse> {
        self.0.answer(request, cases::decide, cases::decided).await
    }

    /// Two operations with an audit entry each: what is drawn is read for as long as it takes, and then written at once.
    async fn draw_sample(
        &self,
        request: Request<v1::DrawSampleRequest>,
    ) -> Answer<v1::DrawSampleResponse> {
        let call = Call::of(&request, request.get_ref().context.as_ref());
        let directory = self.0.hub.directory();
        let read = samples::draw(request.into_inner(), &directory);
        let operation = self.0.understood(&call, DrawSample::ACTION, read).await?;
        let drawn = self.0.perform(&call, operation).await?;
        if let Some(sample) = drawn.value.kept() {
            return Ok(Response::new(samples::drawn(sample, &drawn.receipt)));
        }
        let kept = self.0.perform(&call, KeepSample(drawn.value)).await?;
        Ok(Response::new(samples::drawn(&kept.value, &kept.receipt)))
    }

    async fn list_samples(
        &self,
        request: Request<v1::ListSamplesRequest>,
    ) -> Answer<v1::ListSamplesResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| samples::list(message, page_max);
        self.0.answer(request, read, samples::listed).await
    }

    async fn get_period_report(
        &self,
        request: Request<v1::GetPeriodReportRequest>,
    ) -> Answer<v1::GetPeriodReportResponse> {
        let directory = self.0.hub.directory();
        let read = |message| report::get(&message, &directory);
        self.0.answer(request, read, report::written).await
    }
}
