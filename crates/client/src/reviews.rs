//! What somebody must look at afterwards, and the work of looking.

use delt_proto::review::v1::review_service_client::ReviewServiceClient;
use delt_proto::review::v1::{
    AssignReviewCaseRequest, AssignReviewCaseResponse, CommentReviewCaseRequest,
    CommentReviewCaseResponse, DecideReviewCaseRequest, DecideReviewCaseResponse,
    DrawSampleRequest, DrawSampleResponse, GetPeriodReportRequest, GetPeriodReportResponse,
    GetReviewCaseRequest, GetReviewCaseResponse, ListReviewCasesRequest, ListReviewCasesResponse,
    ListSamplesRequest, ListSamplesResponse,
};
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Service, calls};

/// `ReviewService`.
#[derive(Debug, Clone)]
pub struct Reviews(pub(crate) Service<ReviewServiceClient<Channel>>);

impl Reviews {
    /// Draws a sample and opens its cases. An empty `request_id` is filled in, so that the attempts of this call count as one.
    pub async fn draw(
        &self,
        mut request: DrawSampleRequest,
    ) -> Result<DrawSampleResponse, ClientError> {
        if request.request_id.is_empty() {
            request.request_id = self.0.caller.ids.next().to_string();
        }
        self.draw_repeatable(request).await
    }

    calls! {
        /// By number, from the last one that was seen.
        pub list = list_review_cases(ListReviewCasesRequest) -> ListReviewCasesResponse, Safe;
        pub get = get_review_case(GetReviewCaseRequest) -> GetReviewCaseResponse, Safe;
        /// A retry of a step that was taken finds a later revision, and changes nothing.
        pub assign = assign_review_case(AssignReviewCaseRequest) -> AssignReviewCaseResponse, Never;
        pub comment = comment_review_case(CommentReviewCaseRequest) -> CommentReviewCaseResponse, Never;
        pub decide = decide_review_case(DecideReviewCaseRequest) -> DecideReviewCaseResponse, Never;
        draw_repeatable = draw_sample(DrawSampleRequest) -> DrawSampleResponse, Safe;
        /// All that were ever drawn, newest first.
        pub samples = list_samples(ListSamplesRequest) -> ListSamplesResponse, Safe;
        /// A period in figures.
        pub report = get_period_report(GetPeriodReportRequest) -> GetPeriodReportResponse, Safe;
    }
}
