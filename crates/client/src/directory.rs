//! Organisations, source systems and receivers that the hub knows.

use delt_proto::directory::v1::directory_service_client::DirectoryServiceClient;
use delt_proto::directory::v1::{
    GetReceiverRequest, GetReceiverResponse, ListOrganisationsRequest, ListOrganisationsResponse,
    ListSystemsRequest, ListSystemsResponse,
};
use tonic::transport::Channel;

use crate::call::{Service, calls};

/// `DirectoryService`.
#[derive(Debug, Clone)]
pub struct Directory(pub(crate) Service<DirectoryServiceClient<Channel>>);

impl Directory {
    calls! {
        /// One page of organisations.
        pub organisations = list_organisations(ListOrganisationsRequest) -> ListOrganisationsResponse, Safe;
        pub systems = list_systems(ListSystemsRequest) -> ListSystemsResponse, Safe;
        /// What a location number can receive.
        pub receiver = get_receiver(GetReceiverRequest) -> GetReceiverResponse, Safe;
    }
}
