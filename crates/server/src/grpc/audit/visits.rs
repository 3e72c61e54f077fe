//! "Who looked at my data" by visit, on the wire.

use delt_hub::{
    Released, Result,
    audit::operations::{ListVisits, PatientVisit, VisitPage},
};
use delt_proto::{audit::v1, notification::v1 as notification};

use super::accesses::{code, outcome};
use crate::grpc::wire;

pub(super) fn read(message: v1::ListPatientVisitsRequest, page_max: u32) -> Result<ListVisits> {
    Ok(ListVisits {
        patient: wire::person("patient", message.patient.as_ref())?,
        page_size: wire::page_size(message.page_size, page_max)?,
        page_token: wire::bounded("page_token", message.page_token, 512)?,
    })
}

pub(super) fn written(done: Released<VisitPage>) -> v1::ListPatientVisitsResponse {
    v1::ListPatientVisitsResponse {
        visits: done.value.visits.into_iter().map(visit).collect(),
        next_page_token: done.value.next_page_token,
        since_time: done.value.since.map(wire::timestamp),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn visit(visit: PatientVisit) -> v1::PatientVisit {
    let organisation = code(&visit.who);
    let who = visit.who;
    v1::PatientVisit {
        start_time: Some(wire::timestamp(visit.start)),
        end_time: Some(wire::timestamp(visit.end)),
        person_name: who.person_name,
        person_role: who.person_role,
        responsible_name: who.responsible_name,
        responsible_role: who.responsible_role,
        organisation,
        organisation_name: who.organisation_name,
        purpose_of_use: visit.purpose,
        outcome: outcome(visit.outcome).to_owned(),
        override_reason: visit.override_reason,
        grounds: wire::grounds(&visit.grounds),
        operations: visit.operations.into_iter().collect(),
        kinds: visit.kinds.into_iter().map(kind).collect(),
        entries: visit.entries.into_iter().map(entry).collect(),
        texts: visit
            .texts
            .into_iter()
            .map(|told| notification::LocalizedText {
                language: told.language.to_owned(),
                text: told.text,
            })
            .collect(),
        system_id: who.system_id,
        relation: who.relation,
    }
}

fn kind(((class_code, type_code), documents): ((String, String), u32)) -> v1::DocumentKind {
    v1::DocumentKind {
        class_code,
        type_code,
        documents,
    }
}

fn entry((id, number): (uuid::Uuid, u64)) -> v1::VisitEntry {
    v1::VisitEntry {
        entry_id: id.to_string(),
        number,
    }
}
