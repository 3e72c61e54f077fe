//! Person numbers on the wire.

use delt_hub::{
    Released, Result,
    patient::{
        LinkKind, PatientLink,
        demographics::{ADDRESS_MAX, FAMILY_NAME_MAX, operations::RegisterDemographics},
        operations::{GetPatient, LinkPatient, MergePatient, PatientNumbers},
    },
};
use delt_proto::patient::v1::{
    self as v1, patient_identity_service_server::PatientIdentityService,
};
use tonic::Request;

use super::{Answer, Api, wire};

/// `delt.patient.v1.PatientIdentityService`
#[derive(Debug, Clone)]
pub(crate) struct PatientService(pub(crate) Api);

#[tonic::async_trait]
impl PatientIdentityService for PatientService {
    async fn link_patient(
        &self,
        request: Request<v1::LinkPatientRequest>,
    ) -> Answer<v1::LinkPatientResponse> {
        self.0
            .answer(request, link, |done| v1::LinkPatientResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                link: Some(written(&done.value)),
            })
            .await
    }

    async fn merge_patient(
        &self,
        request: Request<v1::MergePatientRequest>,
    ) -> Answer<v1::MergePatientResponse> {
        self.0
            .answer(request, merge, |done| v1::MergePatientResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                link: Some(written(&done.value)),
            })
            .await
    }

    async fn get_patient(
        &self,
        request: Request<v1::GetPatientRequest>,
    ) -> Answer<v1::GetPatientResponse> {
        self.0.answer(request, get, numbers).await
    }

    async fn register_demographics(
        &self,
        request: Request<v1::RegisterDemographicsRequest>,
    ) -> Answer<v1::RegisterDemographicsResponse> {
        self.0
            .answer(request, tell, |done| v1::RegisterDemographicsResponse {
                receipt: Some(wire::receipt(&done.receipt)),
            })
            .await
    }
}

fn link(message: v1::LinkPatientRequest) -> Result<LinkPatient> {
    Ok(LinkPatient {
        patient: wire::person("patient", message.patient.as_ref())?,
        other: wire::person("other", message.other.as_ref())?,
    })
}

fn merge(message: v1::MergePatientRequest) -> Result<MergePatient> {
    Ok(MergePatient {
        old: wire::person("old", message.old.as_ref())?,
        new: wire::person("new", message.new.as_ref())?,
    })
}

fn get(message: v1::GetPatientRequest) -> Result<GetPatient> {
    Ok(GetPatient {
        patient: wire::person("patient", message.patient.as_ref())?,
    })
}

fn tell(message: v1::RegisterDemographicsRequest) -> Result<RegisterDemographics> {
    Ok(RegisterDemographics {
        patient: wire::person("patient", message.patient.as_ref())?,
        family_name: wire::bounded("family_name", message.family_name, FAMILY_NAME_MAX)?,
        address: wire::bounded("address", message.address, ADDRESS_MAX)?,
    })
}

fn numbers(done: Released<PatientNumbers>) -> v1::GetPatientResponse {
    v1::GetPatientResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        identifiers: done.value.numbers.iter().map(wire::identifier).collect(),
        links: done.value.links.iter().map(written).collect(),
    }
}

fn written(link: &PatientLink) -> v1::PatientLink {
    let kind = match link.kind {
        LinkKind::Linked => v1::LinkKind::Linked,
        LinkKind::Merged => v1::LinkKind::Merged,
    };
    v1::PatientLink {
        kind: kind.into(),
        from: Some(wire::identifier(&link.from)),
        to: Some(wire::identifier(&link.to)),
        created_time: Some(wire::timestamp(link.created_at)),
    }
}
