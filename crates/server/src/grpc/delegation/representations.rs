//! Representations of citizens on the wire.

use delt_hub::{
    Error, Released, Result,
    delegation::operations::{
        EndRepresentation, ListRepresentations, RegisterRepresentation, ToldRepresentation,
    },
};
use delt_policy::CitizenRelation;
use delt_proto::{common::v1::Code, delegation::v1};

use super::{rights, written_rights};
use crate::grpc::wire;

/// So many document types a power of attorney may name.
const TYPES_MAX: usize = 64;
/// Longest code, in characters.
const CODE_MAX: usize = 64;

pub(super) fn register(
    message: v1::RegisterRepresentationRequest,
) -> Result<RegisterRepresentation> {
    let asked = message
        .representation
        .ok_or_else(|| Error::invalid("representation", "is required"))?;
    let (from, until) = wire::period("representation.validity", asked.validity.as_ref())?;
    Ok(RegisterRepresentation {
        patient: wire::person("patient", message.patient.as_ref())?,
        representative: wire::person(
            "representation.representative",
            asked.representative.as_ref(),
        )?,
        kind: kind(asked.kind())?,
        rights: rights("representation.rights", asked.rights)?,
        document_types: document_types(asked.type_codes)?,
        after_fifteen: asked.after_fifteen,
        from,
        until,
        request_id: wire::request_id(&message.request_id)?,
    })
}

fn kind(kind: v1::RepresentationKind) -> Result<CitizenRelation> {
    match kind {
        v1::RepresentationKind::Unspecified => {
            Err(Error::invalid("representation.kind", "is required"))
        }
        v1::RepresentationKind::Custody => Ok(CitizenRelation::Custody),
        v1::RepresentationKind::Guardian => Ok(CitizenRelation::Guardian),
        v1::RepresentationKind::Proxy => Ok(CitizenRelation::Proxy),
    }
}

/// An empty code would be a power of attorney for nothing, though the list says that it is not for all.
fn document_types(codes: Vec<Code>) -> Result<Vec<String>> {
    let codes = wire::at_most("representation.type_codes", codes, TYPES_MAX)?;
    let read = |(at, code): (usize, Code)| {
        let field = format!("representation.type_codes[{at}].code");
        if code.code.trim().is_empty() || code.code.chars().any(char::is_control) {
            return Err(Error::invalid(
                field,
                "is required, in printable characters",
            ));
        }
        wire::bounded(&field, code.code, CODE_MAX)
    };
    codes.into_iter().enumerate().map(read).collect()
}

pub(super) fn end(message: v1::EndRepresentationRequest) -> Result<EndRepresentation> {
    Ok(EndRepresentation {
        patient: wire::person("patient", message.patient.as_ref())?,
        representation_id: wire::uuid("representation_id", &message.representation_id)?,
    })
}

pub(super) fn list(message: v1::ListRepresentationsRequest) -> Result<ListRepresentations> {
    Ok(ListRepresentations {
        patient: wire::person("patient", message.patient.as_ref())?,
        include_ended: message.include_ended,
    })
}

pub(super) fn listed(done: Released<Vec<ToldRepresentation>>) -> v1::ListRepresentationsResponse {
    v1::ListRepresentationsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        representations: done.value.iter().map(written).collect(),
    }
}

pub(super) fn written(told: &ToldRepresentation) -> v1::Representation {
    let representation = &told.kept.representation;
    let kind = match representation.kind {
        CitizenRelation::Custody => v1::RepresentationKind::Custody,
        CitizenRelation::Guardian => v1::RepresentationKind::Guardian,
        CitizenRelation::Proxy => v1::RepresentationKind::Proxy,
    };
    let code = |code: &String| Code {
        code: code.clone(),
        ..Code::default()
    };
    v1::Representation {
        representation_id: representation.id.to_string(),
        kind: kind.into(),
        rights: written_rights(&representation.rights),
        type_codes: representation.document_types.iter().map(code).collect(),
        after_fifteen: representation.after_fifteen,
        validity: Some(wire::to_period(
            Some(representation.from),
            representation.until,
        )),
        created_time: Some(wire::timestamp(told.kept.created_at)),
        ended_time: representation.ended_at.map(wire::timestamp),
        representative: told.representative.as_ref().map(wire::identifier),
    }
}
