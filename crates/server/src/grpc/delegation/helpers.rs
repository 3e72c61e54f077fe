//! Helpers' delegations on the wire.

use delt_hub::{
    Released, Result,
    delegation::operations::{
        DelegateToHelper, EndHelperDelegation, ListHelperDelegations, ToldDelegation,
    },
};
use delt_proto::delegation::v1;

use super::{rights, written_rights};
use crate::grpc::wire;

pub(super) fn delegate(message: v1::DelegateToHelperRequest) -> Result<DelegateToHelper> {
    let (from, until) = wire::period("validity", message.validity.as_ref())?;
    Ok(DelegateToHelper {
        helper: wire::person("helper", message.helper.as_ref())?,
        rights: rights("rights", message.rights)?,
        from,
        until,
        request_id: wire::request_id(&message.request_id)?,
    })
}

pub(super) fn end(message: v1::EndHelperDelegationRequest) -> Result<EndHelperDelegation> {
    Ok(EndHelperDelegation {
        delegation_id: wire::uuid("delegation_id", &message.delegation_id)?,
    })
}

pub(super) fn list(message: v1::ListHelperDelegationsRequest) -> ListHelperDelegations {
    ListHelperDelegations {
        include_ended: message.include_ended,
    }
}

pub(super) fn listed(done: Released<Vec<ToldDelegation>>) -> v1::ListHelperDelegationsResponse {
    v1::ListHelperDelegationsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        delegations: done.value.iter().map(written).collect(),
    }
}

pub(super) fn written(told: &ToldDelegation) -> v1::HelperDelegation {
    let delegation = &told.kept.delegation;
    v1::HelperDelegation {
        delegation_id: delegation.id.to_string(),
        responsible: delegation.responsible.as_str().to_owned(),
        organisation: delegation.organisation.code().to_owned(),
        rights: written_rights(&delegation.rights),
        validity: Some(wire::to_period(
            Some(delegation.from),
            Some(delegation.until),
        )),
        created_time: Some(wire::timestamp(told.kept.created_at)),
        ended_time: delegation.ended_at.map(wire::timestamp),
        helper: told.helper.as_ref().map(wire::identifier),
    }
}
