//! Rights to act for somebody else, on the wire.

mod helpers;
mod quality;
mod representations;

use delt_hub::{Error, Result};
use delt_policy::Right;
use delt_proto::delegation::v1::{
    self as v1, delegation_service_server::DelegationService as Service,
};
use tonic::Request;

use super::{Answer, Api, wire};

/// So many rights are read before they are counted: more than there are, and few enough to cost nothing.
const RIGHTS_MAX: usize = 32;

/// `delt.delegation.v1.DelegationService`
#[derive(Debug, Clone)]
pub(crate) struct DelegationService(pub(crate) Api);

#[tonic::async_trait]
impl Service for DelegationService {
    async fn delegate_to_helper(
        &self,
        request: Request<v1::DelegateToHelperRequest>,
    ) -> Answer<v1::DelegateToHelperResponse> {
        self.0
            .answer(request, helpers::delegate, |done| {
                v1::DelegateToHelperResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    delegation: Some(helpers::written(&done.value)),
                }
            })
            .await
    }

    async fn end_helper_delegation(
        &self,
        request: Request<v1::EndHelperDelegationRequest>,
    ) -> Answer<v1::EndHelperDelegationResponse> {
        self.0
            .answer(request, helpers::end, |done| {
                v1::EndHelperDelegationResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    delegation: Some(helpers::written(&done.value)),
                }
            })
            .await
    }

    async fn list_helper_delegations(
        &self,
        request: Request<v1::ListHelperDelegationsRequest>,
    ) -> Answer<v1::ListHelperDelegationsResponse> {
        self.0
            .answer(request, |asked| Ok(helpers::list(asked)), helpers::listed)
            .await
    }

    async fn register_representation(
        &self,
        request: Request<v1::RegisterRepresentationRequest>,
    ) -> Answer<v1::RegisterRepresentationResponse> {
        self.0
            .answer(request, representations::register, |done| {
                v1::RegisterRepresentationResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    representation: Some(representations::written(&done.value)),
                }
            })
            .await
    }

    async fn end_representation(
        &self,
        request: Request<v1::EndRepresentationRequest>,
    ) -> Answer<v1::EndRepresentationResponse> {
        self.0
            .answer(request, representations::end, |done| {
                v1::EndRepresentationResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    representation: Some(representations::written(&done.value)),
                }
            })
            .await
    }

    async fn list_representations(
        &self,
        request: Request<v1::ListRepresentationsRequest>,
    ) -> Answer<v1::ListRepresentationsResponse> {
        self.0
            .answer(request, representations::list, representations::listed)
            .await
    }

    async fn register_quality_permission(
        &self,
        request: Request<v1::RegisterQualityPermissionRequest>,
    ) -> Answer<v1::RegisterQualityPermissionResponse> {
        self.0
            .answer(request, quality::register, |done| {
                v1::RegisterQualityPermissionResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    permission: Some(quality::written(&done.value)),
                }
            })
            .await
    }

    async fn end_quality_permission(
        &self,
        request: Request<v1::EndQualityPermissionRequest>,
    ) -> Answer<v1::EndQualityPermissionResponse> {
        self.0
            .answer(request, quality::end, |done| {
                v1::EndQualityPermissionResponse {
                    receipt: Some(wire::receipt(&done.receipt)),
                    permission: Some(quality::written(&done.value)),
                }
            })
            .await
    }

    async fn list_quality_permissions(
        &self,
        request: Request<v1::ListQualityPermissionsRequest>,
    ) -> Answer<v1::ListQualityPermissionsResponse> {
        self.0.answer(request, quality::list, quality::listed).await
    }
}

/// Reads rights; whether they may be given is the hub's to say.
fn rights(field: &str, rights: Vec<i32>) -> Result<Vec<Right>> {
    let rights = wire::at_most(field, rights, RIGHTS_MAX)?;
    let read = |right| right_of(right).ok_or_else(|| Error::invalid(field, "hold an unknown one"));
    rights.into_iter().map(read).collect()
}

fn right_of(right: i32) -> Option<Right> {
    match v1::Right::try_from(right).ok()? {
        v1::Right::Unspecified => None,
        v1::Right::ReadRecord => Some(Right::ReadRecord),
        v1::Right::IdentifyPatient => Some(Right::IdentifyPatient),
        v1::Right::ManageConsents => Some(Right::ManageConsents),
        v1::Right::SeeAccesses => Some(Right::SeeAccesses),
        v1::Right::BreakGlass => Some(Right::BreakGlass),
        v1::Right::AttestRelation => Some(Right::AttestRelation),
    }
}

fn written_rights(rights: &[Right]) -> Vec<i32> {
    let written = |right: &Right| match right {
        Right::ReadRecord => v1::Right::ReadRecord,
        Right::IdentifyPatient => v1::Right::IdentifyPatient,
        Right::ManageConsents => v1::Right::ManageConsents,
        Right::SeeAccesses => v1::Right::SeeAccesses,
        Right::BreakGlass => v1::Right::BreakGlass,
        Right::AttestRelation => v1::Right::AttestRelation,
    };
    rights.iter().map(|right| written(right).into()).collect()
}
