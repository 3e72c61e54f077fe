//! Person numbers that belong to one person.

use delt_proto::patient::v1::patient_identity_service_client::PatientIdentityServiceClient;
use delt_proto::patient::v1::{
    GetPatientRequest, GetPatientResponse, LinkPatientRequest, LinkPatientResponse,
    MergePatientRequest, MergePatientResponse, RegisterDemographicsRequest,
    RegisterDemographicsResponse,
};
use tonic::transport::Channel;

use crate::call::{Service, calls};

/// `PatientIdentityService`.
#[derive(Debug, Clone)]
pub struct Patients(pub(crate) Service<PatientIdentityServiceClient<Channel>>);

impl Patients {
    calls! {
        pub get = get_patient(GetPatientRequest) -> GetPatientResponse, Safe;
        /// Two numbers are the same person, both still in use.
        pub link = link_patient(LinkPatientRequest) -> LinkPatientResponse, Safe;
        /// The old number is closed and the new one goes on.
        pub merge = merge_patient(MergePatientRequest) -> MergePatientResponse, Safe;
        /// A register of persons tells family name and address, in the place of what it told before.
        pub register_demographics = register_demographics(RegisterDemographicsRequest) -> RegisterDemographicsResponse, Safe;
    }
}
