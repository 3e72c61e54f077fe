//! Consents on the wire.

mod explain;

use delt_hub::{
    Error, Released, Result,
    consent::{
        KeptConsent,
        operations::{CreateConsent, EndConsent, ListConsents},
    },
};
use delt_policy::{ConsentKind, Origin, Period, What, Who};
use delt_proto::consent::v1::{self as v1, consent_service_server::ConsentService as Service};
use tonic::Request;

use super::{Answer, Api, relation::authorisation, wire};

/// `delt.consent.v1.ConsentService`
#[derive(Debug, Clone)]
pub(crate) struct ConsentService(pub(crate) Api);

#[tonic::async_trait]
impl Service for ConsentService {
    async fn create_consent(
        &self,
        request: Request<v1::CreateConsentRequest>,
    ) -> Answer<v1::CreateConsentResponse> {
        self.0
            .answer(request, create, |done| v1::CreateConsentResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                consent: Some(written(&done.value)),
            })
            .await
    }

    async fn end_consent(
        &self,
        request: Request<v1::EndConsentRequest>,
    ) -> Answer<v1::EndConsentResponse> {
        self.0
            .answer(request, end, |done| v1::EndConsentResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                consent: Some(written(&done.value)),
            })
            .await
    }

    async fn list_consents(
        &self,
        request: Request<v1::ListConsentsRequest>,
    ) -> Answer<v1::ListConsentsResponse> {
        self.0.answer(request, list, listed).await
    }

    async fn explain_access(
        &self,
        request: Request<v1::ExplainAccessRequest>,
    ) -> Answer<v1::ExplainAccessResponse> {
        self.0
            .answer(request, explain::read, explain::written)
            .await
    }
}

fn create(message: v1::CreateConsentRequest) -> Result<CreateConsent> {
    let consent = message
        .consent
        .ok_or_else(|| Error::invalid("consent", "is required"))?;
    let (valid_from, valid_until) = wire::period("consent.validity", consent.validity.as_ref())?;
    Ok(CreateConsent {
        patient: wire::person("patient", message.patient.as_ref())?,
        kind: kind(consent.kind())?,
        what: what(consent.what.unwrap_or_default())?,
        who: who(consent.who.unwrap_or_default())?,
        valid_from,
        valid_until,
        request_id: wire::request_id(&message.request_id)?,
    })
}

fn kind(kind: v1::ConsentKind) -> Result<ConsentKind> {
    match kind {
        v1::ConsentKind::Unspecified => Err(Error::invalid("consent.kind", "is required")),
        v1::ConsentKind::Block => Ok(ConsentKind::Negative),
        v1::ConsentKind::Permit => Ok(ConsentKind::Positive),
        v1::ConsentKind::DischargeLetterOptOut => Ok(ConsentKind::LetterOptOut),
    }
}

fn what(what: v1::What) -> Result<What> {
    let codes = wire::at_most("consent.what.type_codes", what.type_codes, 64)?;
    let (from, to) = wire::period("consent.what.data_period", what.data_period.as_ref())?;
    Ok(What {
        entry: wire::optional(&what.entry_uuid)
            .map(|uuid| wire::uuid("consent.what.entry_uuid", uuid))
            .transpose()?,
        document_types: codes.into_iter().map(|code| code.code).collect(),
        // The policy's period has both ends inside; the wire's is half-open.
        period: what.data_period.map(|_| Period {
            from,
            to: to.map(|end| end - 1),
        }),
        origin: what
            .originating
            .map(|place| origin("consent.what.originating.organisation", &place))
            .transpose()?,
    })
}

fn origin(field: &str, place: &v1::OrganisationScope) -> Result<Origin> {
    Ok(Origin {
        organisation: wire::organisation(field, &place.organisation)?,
        with_underlying: place.with_underlying,
    })
}

fn who(who: v1::Who) -> Result<Who> {
    match (wire::optional(&who.authorisation_id), who.organisation) {
        (None, None) => Ok(Who::All),
        (Some(id), None) => Ok(Who::Person(authorisation(
            "consent.who.authorisation_id",
            id,
        )?)),
        (None, Some(place)) => Ok(Who::Organisation(origin(
            "consent.who.organisation.organisation",
            &place,
        )?)),
        (Some(_), Some(_)) => Err(Error::invalid(
            "consent.who",
            "is a person or an organisation, not both",
        )),
    }
}

fn end(message: v1::EndConsentRequest) -> Result<EndConsent> {
    Ok(EndConsent {
        patient: wire::person("patient", message.patient.as_ref())?,
        consent_id: wire::uuid("consent_id", &message.consent_id)?,
    })
}

fn list(message: v1::ListConsentsRequest) -> Result<ListConsents> {
    Ok(ListConsents {
        patient: wire::person("patient", message.patient.as_ref())?,
        include_ended: message.include_ended,
    })
}

fn listed(done: Released<Vec<KeptConsent>>) -> v1::ListConsentsResponse {
    v1::ListConsentsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        consents: done.value.iter().map(written).collect(),
    }
}

fn written(kept: &KeptConsent) -> v1::Consent {
    let consent = &kept.consent;
    let kind = match consent.kind {
        ConsentKind::Negative => v1::ConsentKind::Block,
        ConsentKind::Positive => v1::ConsentKind::Permit,
        ConsentKind::LetterOptOut => v1::ConsentKind::DischargeLetterOptOut,
    };
    v1::Consent {
        consent_id: consent.id.to_string(),
        kind: kind.into(),
        what: Some(written_what(&consent.what)),
        who: Some(written_who(&consent.who)),
        validity: Some(wire::to_period(
            Some(consent.valid_from),
            consent.valid_until,
        )),
        created_time: Some(wire::timestamp(kept.created_at)),
        ended_time: consent.ended_at.map(wire::timestamp),
        registered_by: kept.created_by.clone(),
        on_behalf: String::new(),
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
