//! "Who looked at my data" on the wire.

use delt_hub::{
    Released, Result,
    audit::operations::{Access, ListAccesses, Who},
};
use delt_ledger::{Ground, Outcome};
use delt_proto::{audit::v1, common::v1 as common};

use crate::grpc::wire;

pub(super) fn read(message: v1::ListPatientAccessesRequest, page_max: u32) -> Result<ListAccesses> {
    Ok(ListAccesses {
        patient: wire::person("patient", message.patient.as_ref())?,
        page_size: wire::page_size(message.page_size, page_max)?,
        page_token: wire::bounded("page_token", message.page_token, 512)?,
    })
}

pub(super) fn written(done: Released<(Vec<Access>, String)>) -> v1::ListPatientAccessesResponse {
    let (accesses, next_page_token) = done.value;
    v1::ListPatientAccessesResponse {
        accesses: accesses.iter().map(access).collect(),
        next_page_token,
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn access(access: &Access) -> v1::PatientAccess {
    let (entry, who) = (&access.entry, &access.who);
    v1::PatientAccess {
        entry_id: access.entry_id.to_string(),
        time: Some(wire::timestamp(access.at)),
        operation: entry.operation.clone(),
        outcome: outcome(entry.outcome).to_owned(),
        person_name: who.person_name.clone(),
        person_role: who.person_role.clone(),
        organisation: code(who),
        organisation_name: who.organisation_name.clone(),
        purpose_of_use: entry.purpose.clone().unwrap_or_default(),
        override_reason: entry.override_reason.clone().unwrap_or_default(),
        documents: u32::try_from(access.documents).unwrap_or(u32::MAX),
        grounds: entry.grounds.iter().map(ground).collect(),
    }
}

/// The SOR code of where they looked from.
pub(super) fn code(who: &Who) -> String {
    let organisation = who.organisation.as_ref();
    organisation.map_or_else(String::new, |organisation| organisation.code().to_owned())
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Permitted => "permitted",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    }
}

fn ground(ground: &Ground) -> common::Ground {
    common::Ground {
        rule: ground.rule.clone(),
        reference: ground.reference.clone().unwrap_or_default(),
        detail: ground.detail.clone().unwrap_or_default(),
    }
}
