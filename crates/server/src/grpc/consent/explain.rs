//! "Who could see what, and why" on the wire.

use delt_hub::{
    Error, Released, Result,
    consent::operations::{Access, ExplainAccess, Explained, PlaceAccess, Seat, WhatIf, Whom},
    organisation::Directory,
};
use delt_policy::Purpose;
use delt_proto::consent::v1;

use super::{read, sentences};
use crate::grpc::{relation::authorisation, wire};

pub(super) fn asked(
    message: v1::ExplainAccessRequest,
    directory: &Directory,
) -> Result<ExplainAccess> {
    Ok(ExplainAccess {
        patient: wire::person("patient", message.patient.as_ref())?,
        whom: whom(&message, directory)?,
        purpose: purpose(&message.purpose_of_use)?,
        as_of: wire::optional_micros("as_of_time", message.as_of_time.as_ref())?,
        entry: wire::optional(&message.entry_uuid)
            .map(|uuid| wire::uuid("entry_uuid", uuid))
            .transpose()?,
        what_if: message
            .what_if
            .map(|consent| read::terms("what_if", consent, directory))
            .transpose()?,
    })
}

/// Who names nobody asks about everybody. Otherwise the role and the place are needed; without a name it is anybody in that role there.
fn whom(message: &v1::ExplainAccessRequest, directory: &Directory) -> Result<Whom> {
    let asked = [
        &message.role,
        &message.organisation,
        &message.authorisation_id,
    ];
    if asked.iter().all(|part| part.is_empty()) {
        return Ok(Whom::Everybody);
    }
    if message.role.is_empty() {
        return Err(Error::invalid(
            "role",
            "is required where a professional is asked about",
        ));
    }
    Ok(Whom::Professional(Seat {
        role: wire::bounded("role", message.role.clone(), 64)?,
        organisation: wire::place("organisation", &message.organisation, directory)?,
        person: wire::optional(&message.authorisation_id)
            .map(|id| authorisation("authorisation_id", id))
            .transpose()?,
    }))
}

/// Treatment where none is given.
fn purpose(code: &str) -> Result<Purpose> {
    match code {
        "" => Ok(Purpose::Treat),
        code => Purpose::from_code(code)
            .ok_or_else(|| Error::invalid("purpose_of_use", "is not a purpose that Delt knows")),
    }
}

pub(super) fn written(
    done: &Released<Explained>,
    directory: &Directory,
) -> v1::ExplainAccessResponse {
    let explained = &done.value;
    let Access {
        admitted,
        visible,
        withheld_by_consent,
        withheld_by_role,
        withheld_by_purpose,
        grounds,
    } = &explained.access;
    v1::ExplainAccessResponse {
        admitted: *admitted,
        grounds: wire::grounds(grounds),
        visible: *visible,
        withheld_by_consent: *withheld_by_consent,
        withheld_by_role: *withheld_by_role,
        withheld_by_purpose: *withheld_by_purpose,
        explanations: sentences::of(explained, directory),
        receipt: Some(wire::receipt(&done.receipt)),
        places: explained
            .places
            .iter()
            .map(|place| written_place(place, directory))
            .collect(),
        what_if: explained.what_if.map(written_what_if),
    }
}

fn written_place(place: &PlaceAccess, directory: &Directory) -> v1::PlaceAccess {
    let access = &place.access;
    v1::PlaceAccess {
        organisation: place.organisation.code().to_owned(),
        organisation_name: place.name.clone(),
        role: place.role.clone(),
        authorisation_id: place
            .person
            .as_ref()
            .map(|person| person.as_str().to_owned())
            .unwrap_or_default(),
        admitted: access.admitted,
        visible: access.visible,
        withheld_by_consent: access.withheld_by_consent,
        withheld_by_role: access.withheld_by_role,
        visible_what_if: place.visible_what_if.unwrap_or_default(),
        grounds: wire::grounds(&access.grounds),
        explanations: sentences::of_place(access, directory),
        withheld_by_purpose: access.withheld_by_purpose,
    }
}

const fn written_what_if(what_if: WhatIf) -> v1::WhatIf {
    v1::WhatIf {
        entries: what_if.entries,
        entries_hidden: what_if.entries_hidden,
        entries_opened: what_if.entries_opened,
        places: what_if.places,
        places_affected: what_if.places_affected,
    }
}
