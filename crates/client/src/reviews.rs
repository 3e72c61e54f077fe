//! What somebody must look at afterwards.

use delt_proto::review::v1::review_service_client::ReviewServiceClient;
use delt_proto::review::v1::{
    GetReviewCaseRequest, GetReviewCaseResponse, ListReviewCasesRequest, ListReviewCasesResponse,
};
use tonic::transport::Channel;

use crate::call::{Service, calls};

/// `ReviewService`.
#[derive(Debug, Clone)]
pub struct Reviews(pub(crate) Service<ReviewServiceClient<Channel>>);

impl Reviews {
    calls! {
        /// By number, from the last one that was seen.
        pub list = list_review_cases(ListReviewCasesRequest) -> ListReviewCasesResponse, Safe;
        pub get = get_review_case(GetReviewCaseRequest) -> GetReviewCaseResponse, Safe;
    }
}
