//! Permissions for quality work on the wire.

use delt_hub::{
    Error, Released, Result,
    delegation::{
        KeptPermission,
        operations::{EndQualityPermission, ListQualityPermissions, RegisterQualityPermission},
    },
};
use delt_proto::delegation::v1;

use crate::grpc::{relation::authorisation, wire};

pub(super) fn register(
    message: v1::RegisterQualityPermissionRequest,
) -> Result<RegisterQualityPermission> {
    let asked = message
        .permission
        .ok_or_else(|| Error::invalid("permission", "is required"))?;
    let (from, until) = wire::period("permission.validity", asked.validity.as_ref())?;
    Ok(RegisterQualityPermission {
        organisation: wire::organisation("permission.organisation", &asked.organisation)?,
        person: authorisation("permission.authorisation_id", &asked.authorisation_id)?,
        reference: asked.reference,
        from,
        until: until.ok_or_else(|| Error::invalid("permission.validity.end", "is required"))?,
        request_id: wire::request_id(&message.request_id)?,
    })
}

pub(super) fn end(message: v1::EndQualityPermissionRequest) -> Result<EndQualityPermission> {
    Ok(EndQualityPermission {
        organisation: wire::organisation("organisation", &message.organisation)?,
        permission_id: wire::uuid("permission_id", &message.permission_id)?,
    })
}

pub(super) fn list(message: v1::ListQualityPermissionsRequest) -> Result<ListQualityPermissions> {
    Ok(ListQualityPermissions {
        organisation: wire::organisation("organisation", &message.organisation)?,
        include_ended: message.include_ended,
    })
}

pub(super) fn listed(done: Released<Vec<KeptPermission>>) -> v1::ListQualityPermissionsResponse {
    v1::ListQualityPermissionsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        permissions: done.value.iter().map(written).collect(),
    }
}

pub(super) fn written(kept: &KeptPermission) -> v1::QualityPermission {
    let permission = &kept.permission;
    v1::QualityPermission {
        permission_id: permission.id.to_string(),
        organisation: permission.organisation.code().to_owned(),
        authorisation_id: permission.person.as_str().to_owned(),
        reference: kept.reference.clone(),
        validity: Some(wire::to_period(
            Some(permission.from),
            Some(permission.until),
        )),
        created_time: Some(wire::timestamp(kept.created_at)),
        ended_time: permission.ended_at.map(wire::timestamp),
    }
}
