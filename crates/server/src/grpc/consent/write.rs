//! Consents, written for the wire.

use delt_hub::{
    Released,
    consent::{ConsentTerms, KeptConsent},
};
use delt_policy::{CitizenRelation, ConsentKind, Origin, What, Who};
use delt_proto::consent::v1;

use crate::grpc::wire;

pub(super) fn listed(done: Released<Vec<KeptConsent>>) -> v1::ListConsentsResponse {
    v1::ListConsentsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        consents: done.value.iter().map(written).collect(),
    }
}

pub(super) fn written(kept: &KeptConsent) -> v1::Consent {
    let consent = &kept.consent;
    v1::Consent {
        consent_id: consent.id.to_string(),
        kind: written_kind(consent.kind).into(),
        what: Some(written_what(&consent.what)),
        who: Some(written_who(&consent.who)),
        validity: Some(wire::to_period(
            Some(consent.valid_from),
            consent.valid_until,
        )),
        created_time: Some(wire::timestamp(kept.created_at)),
        ended_time: consent.ended_at.map(wire::timestamp),
        registered_by: kept.created_by.clone(),
        on_behalf: kept.on_behalf.map(right).unwrap_or_default().to_owned(),
    }
}

/// A consent that is to be registered.
pub(crate) fn terms(terms: &ConsentTerms) -> v1::Consent {
    let (from, until) = (terms.valid_from, terms.valid_until);
    let limited = from.is_some() || until.is_some();
    v1::Consent {
        kind: written_kind(terms.kind).into(),
        what: Some(written_what(&terms.what)),
        who: Some(written_who(&terms.who)),
        validity: limited.then(|| wire::to_period(from, until)),
        ..v1::Consent::default()
    }
}

const fn written_kind(kind: ConsentKind) -> v1::ConsentKind {
    match kind {
        ConsentKind::Negative => v1::ConsentKind::Block,
        ConsentKind::Positive => v1::ConsentKind::Permit,
        ConsentKind::LetterOptOut => v1::ConsentKind::DischargeLetterOptOut,
    }
}

const fn right(right: CitizenRelation) -> &'static str {
    match right {
        CitizenRelation::Custody => "custody",
        CitizenRelation::Guardian => "guardian",
        CitizenRelation::Proxy => "proxy",
    }
}

fn written_what(what: &What) -> v1::What {
    v1::What {
        entry_uuid: what.entry.map(|uuid| uuid.to_string()).unwrap_or_default(),
        type_codes: what
            .document_types
            .iter()
            .map(|code| delt_proto::common::v1::Code {
                code: code.clone(),
                ..Default::default()
            })
            .collect(),
        data_period: what
            .period
            .map(|period| wire::to_period(period.from, period.to.map(|last| last + 1))),
        originating: what.origin.as_ref().map(written_place),
    }
}

fn written_who(who: &Who) -> v1::Who {
    match who {
        Who::All => v1::Who::default(),
        Who::Person(id) => v1::Who {
            authorisation_id: id.as_str().to_owned(),
            organisation: None,
        },
        Who::Organisation(place) => v1::Who {
            organisation: Some(written_place(place)),
            ..Default::default()
        },
    }
}

fn written_place(place: &Origin) -> v1::OrganisationScope {
    v1::OrganisationScope {
        organisation: place.organisation.code().to_owned(),
        with_underlying: place.with_underlying,
    }
}
