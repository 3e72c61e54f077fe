//! Treatment relations on the wire.

use delt_hub::{
    Error, Released, Result,
    relation::{
        KeptRelation, RelationAlert,
        operations::{
            AlertPage, AttestRelation, EndRelation, ListRelationAlerts, ListRelations,
            RegisterRelation,
        },
    },
};
use delt_policy::{AuthorisationId, RelationKind};
use delt_proto::relation::v1::{
    self as v1, treatment_relation_service_server::TreatmentRelationService,
};
use tonic::Request;

use super::{Answer, Api, wire};

/// `delt.relation.v1.TreatmentRelationService`
#[derive(Debug, Clone)]
pub(crate) struct RelationService(pub(crate) Api);

#[tonic::async_trait]
impl TreatmentRelationService for RelationService {
    async fn register_relation(
        &self,
        request: Request<v1::RegisterRelationRequest>,
    ) -> Answer<v1::RegisterRelationResponse> {
        self.0
            .answer(request, register, |done| v1::RegisterRelationResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                relation: Some(written(&done.value)),
            })
            .await
    }

    async fn end_relation(
        &self,
        request: Request<v1::EndRelationRequest>,
    ) -> Answer<v1::EndRelationResponse> {
        self.0
            .answer(request, end, |done| v1::EndRelationResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                relation: Some(written(&done.value)),
            })
            .await
    }

    async fn list_relations(
        &self,
        request: Request<v1::ListRelationsRequest>,
    ) -> Answer<v1::ListRelationsResponse> {
        self.0.answer(request, list, listed).await
    }

    async fn attest_relation(
        &self,
        request: Request<v1::AttestRelationRequest>,
    ) -> Answer<v1::AttestRelationResponse> {
        self.0
            .answer(request, attest, |done| v1::AttestRelationResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                relation: Some(written(&done.value)),
            })
            .await
    }

    async fn list_relation_alerts(
        &self,
        request: Request<v1::ListRelationAlertsRequest>,
    ) -> Answer<v1::ListRelationAlertsResponse> {
        let longest = self.0.hub.settings().page_size_max;
        self.0
            .answer(request, |message| alerts(message, longest), alerted)
            .await
    }
}

fn register(message: v1::RegisterRelationRequest) -> Result<RegisterRelation> {
    let relation = message
        .relation
        .ok_or_else(|| Error::invalid("relation", "is required"))?;
    let (from, until) = wire::period("relation.validity", relation.validity.as_ref())?;
    Ok(RegisterRelation {
        patient: wire::person("patient", message.patient.as_ref())?,
        kind: kind(relation.kind())?,
        organisation: wire::organisation("relation.organisation", &relation.organisation)?,
        person: wire::optional(&relation.authorisation_id)
            .map(|id| authorisation("relation.authorisation_id", id))
            .transpose()?,
        from,
        until,
        request_id: wire::request_id(&message.request_id)?,
    })
}

pub(super) fn authorisation(field: &str, id: &str) -> Result<AuthorisationId> {
    AuthorisationId::parse(id)
        .map_err(|_| Error::invalid(field, "must be an authorisation id, five characters"))
}

fn kind(kind: v1::RelationKind) -> Result<RelationKind> {
    Ok(match kind {
        v1::RelationKind::Unspecified => {
            return Err(Error::invalid("relation.kind", "is required"));
        }
        v1::RelationKind::Admission => RelationKind::Admission,
        v1::RelationKind::Referral => RelationKind::Referral,
        v1::RelationKind::Appointment => RelationKind::Appointment,
        v1::RelationKind::GpList => RelationKind::GpList,
        v1::RelationKind::HomeCare => RelationKind::HomeCare,
        v1::RelationKind::Attestation => RelationKind::Attestation,
    })
}

fn end(message: v1::EndRelationRequest) -> Result<EndRelation> {
    Ok(EndRelation {
        patient: wire::person("patient", message.patient.as_ref())?,
        relation_id: wire::uuid("relation_id", &message.relation_id)?,
    })
}

fn list(message: v1::ListRelationsRequest) -> Result<ListRelations> {
    Ok(ListRelations {
        patient: wire::person("patient", message.patient.as_ref())?,
        include_ended: message.include_ended,
    })
}

fn attest(message: v1::AttestRelationRequest) -> Result<AttestRelation> {
    Ok(AttestRelation {
        patient: wire::person("patient", message.patient.as_ref())?,
        reason: message.reason,
        request_id: wire::request_id(&message.request_id)?,
    })
}

fn alerts(message: v1::ListRelationAlertsRequest, longest: u32) -> Result<ListRelationAlerts> {
    let asked = i32::try_from(message.page_size).unwrap_or(i32::MAX);
    Ok(ListRelationAlerts {
        after_number: message.after_number,
        page_size: wire::page_size(asked, longest)?,
    })
}

fn alerted(done: Released<AlertPage>) -> v1::ListRelationAlertsResponse {
    v1::ListRelationAlertsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        alerts: done.value.alerts.iter().map(alert).collect(),
        read_to_number: done.value.read_to,
    }
}

fn alert(alert: &RelationAlert) -> v1::RelationAlert {
    v1::RelationAlert {
        number: alert.number,
        relation_id: alert.relation_id.to_string(),
        organisation: alert.organisation.code().to_owned(),
        authorisation_id: alert.authorisation_id.as_str().to_owned(),
        attested_time: Some(wire::timestamp(alert.attested_at)),
        raised_time: Some(wire::timestamp(alert.raised_at)),
    }
}

fn listed(done: Released<Vec<KeptRelation>>) -> v1::ListRelationsResponse {
    v1::ListRelationsResponse {
        receipt: Some(wire::receipt(&done.receipt)),
        relations: done.value.iter().map(written).collect(),
    }
}

fn written(kept: &KeptRelation) -> v1::TreatmentRelation {
    let relation = &kept.relation;
    let kind = match relation.kind {
        RelationKind::Admission => v1::RelationKind::Admission,
        RelationKind::Referral => v1::RelationKind::Referral,
        RelationKind::Appointment => v1::RelationKind::Appointment,
        RelationKind::GpList => v1::RelationKind::GpList,
        RelationKind::HomeCare => v1::RelationKind::HomeCare,
        RelationKind::Attestation => v1::RelationKind::Attestation,
    };
    v1::TreatmentRelation {
        relation_id: relation.id.to_string(),
        kind: kind.into(),
        organisation: relation.organisation.code().to_owned(),
        authorisation_id: relation
            .person
            .as_ref()
            .map(|person| person.as_str().to_owned())
            .unwrap_or_default(),
        validity: Some(wire::to_period(Some(relation.from), relation.until)),
        created_time: Some(wire::timestamp(kept.created_at)),
        ended_time: relation.ended_at.map(wire::timestamp),
        verify_by_time: kept.attestation.map(|word| wire::timestamp(word.verify_by)),
        confirmed_time: kept
            .attestation
            .and_then(|word| word.confirmed_at)
            .map(wire::timestamp),
    }
}
