//! What is asked about consents, read from the wire.

use delt_hub::{
    Error, Result,
    consent::{
        ConsentTerms,
        operations::{CreateConsent, EndConsent, ListConsents},
    },
    organisation::Directory,
};
use delt_policy::{ConsentKind, Origin, Period, What, Who};
use delt_proto::consent::v1;

use crate::grpc::{relation::authorisation, wire};

pub(super) fn create(
    message: v1::CreateConsentRequest,
    directory: &Directory,
) -> Result<CreateConsent> {
    let consent = message
        .consent
        .ok_or_else(|| Error::invalid("consent", "is required"))?;
    Ok(CreateConsent {
        patient: wire::person("patient", message.patient.as_ref())?,
        terms: terms("consent", consent, directory)?,
        request_id: wire::request_id(&message.request_id)?,
    })
}

/// What the consent in the field `at` says. Its id and its history are the hub's, and are not read.
pub(super) fn terms(at: &str, consent: v1::Consent, directory: &Directory) -> Result<ConsentTerms> {
    let (valid_from, valid_until) =
        wire::period(&format!("{at}.validity"), consent.validity.as_ref())?;
    Ok(ConsentTerms {
        kind: kind(at, consent.kind())?,
        what: what(at, consent.what.unwrap_or_default(), directory)?,
        who: who(at, consent.who.unwrap_or_default(), directory)?,
        valid_from,
        valid_until,
    })
}

fn kind(at: &str, kind: v1::ConsentKind) -> Result<ConsentKind> {
    match kind {
        v1::ConsentKind::Unspecified => Err(Error::invalid(format!("{at}.kind"), "is required")),
        v1::ConsentKind::Block => Ok(ConsentKind::Negative),
        v1::ConsentKind::Permit => Ok(ConsentKind::Positive),
        v1::ConsentKind::DischargeLetterOptOut => Ok(ConsentKind::LetterOptOut),
    }
}

fn what(at: &str, what: v1::What, directory: &Directory) -> Result<What> {
    let codes = wire::at_most(&format!("{at}.what.type_codes"), what.type_codes, 64)?;
    let (from, to) = wire::period(&format!("{at}.what.data_period"), what.data_period.as_ref())?;
    Ok(What {
        entry: wire::optional(&what.entry_uuid)
            .map(|uuid| wire::uuid(&format!("{at}.what.entry_uuid"), uuid))
            .transpose()?,
        document_types: codes.into_iter().map(|code| code.code).collect(),
        // The policy's period has both ends inside; the wire's is half-open.
        period: what.data_period.map(|_| Period {
            from,
            to: to.map(|end| end - 1),
        }),
        origin: what
            .originating
            .map(|place| {
                origin(
                    &format!("{at}.what.originating.organisation"),
                    &place,
                    directory,
                )
            })
            .transpose()?,
    })
}

fn origin(field: &str, place: &v1::OrganisationScope, directory: &Directory) -> Result<Origin> {
    Ok(Origin {
        organisation: wire::place(field, &place.organisation, directory)?,
        with_underlying: place.with_underlying,
    })
}

fn who(at: &str, who: v1::Who, directory: &Directory) -> Result<Who> {
    match (wire::optional(&who.authorisation_id), who.organisation) {
        (None, None) => Ok(Who::All),
        (Some(id), None) => Ok(Who::Person(authorisation(
            &format!("{at}.who.authorisation_id"),
            id,
        )?)),
        (None, Some(place)) => Ok(Who::Organisation(origin(
            &format!("{at}.who.organisation.organisation"),
            &place,
            directory,
        )?)),
        (Some(_), Some(_)) => Err(Error::invalid(
            format!("{at}.who"),
            "is a person or an organisation, not both",
        )),
    }
}

pub(super) fn end(message: v1::EndConsentRequest) -> Result<EndConsent> {
    Ok(EndConsent {
        patient: wire::person("patient", message.patient.as_ref())?,
        consent_id: wire::uuid("consent_id", &message.consent_id)?,
    })
}

pub(super) fn list(message: v1::ListConsentsRequest) -> Result<ListConsents> {
    Ok(ListConsents {
        patient: wire::person("patient", message.patient.as_ref())?,
        include_ended: message.include_ended,
    })
}
