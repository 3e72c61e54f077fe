//! Revocations on the wire.

use delt_hub::{
    Error, Released, Result,
    revocation::{
        AccessSubject, REASON_MAX, Revocation, RevocationKind,
        operations::{LiftRevocation, ListRevocations, RevocationPage, RevokeAccess},
    },
};
use delt_proto::access::v1::{
    self as v1, access_revocation_service_server::AccessRevocationService,
    access_subject::Subject as Wire,
};
use tonic::Request;

use super::{Answer, Api, relation::authorisation, wire};

/// `delt.access.v1.AccessRevocationService`
#[derive(Debug, Clone)]
pub(crate) struct Revocations(pub(crate) Api);

#[tonic::async_trait]
impl AccessRevocationService for Revocations {
    async fn revoke_access(
        &self,
        request: Request<v1::RevokeAccessRequest>,
    ) -> Answer<v1::RevokeAccessResponse> {
        self.0
            .answer(request, revoke, |done| v1::RevokeAccessResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                revocation: Some(written(&done.value)),
            })
            .await
    }

    async fn lift_revocation(
        &self,
        request: Request<v1::LiftRevocationRequest>,
    ) -> Answer<v1::LiftRevocationResponse> {
        self.0
            .answer(request, lift, |done| v1::LiftRevocationResponse {
                receipt: Some(wire::receipt(&done.receipt)),
                revocation: Some(written(&done.value)),
            })
            .await
    }

    async fn list_revocations(
        &self,
        request: Request<v1::ListRevocationsRequest>,
    ) -> Answer<v1::ListRevocationsResponse> {
        self.0.answer(request, list, listed).await
    }
}

fn revoke(message: v1::RevokeAccessRequest) -> Result<RevokeAccess> {
    let subject = message.subject.and_then(|subject| subject.subject);
    let subject = subject.ok_or_else(|| Error::invalid("subject", "is required"))?;
    Ok(RevokeAccess {
        subject: read(subject)?,
        issued_before: wire::optional_micros("issued_before", message.issued_before.as_ref())?,
        reason: wire::bounded("reason", message.reason, REASON_MAX)?,
        request_id: wire::request_id(&message.request_id)?,
    })
}

fn lift(message: v1::LiftRevocationRequest) -> Result<LiftRevocation> {
    Ok(LiftRevocation {
        revocation_id: wire::uuid("revocation_id", &message.revocation_id)?,
    })
}

fn list(message: v1::ListRevocationsRequest) -> Result<ListRevocations> {
    let negative = |_| Error::invalid("page_size", "must not be negative");
    let subject = message.subject.and_then(|subject| subject.subject);
    Ok(ListRevocations {
        of: subject.map(read).transpose()?,
        include_ended: message.include_ended,
        page_size: u32::try_from(message.page_size).map_err(negative)?,
        page_token: message.page_token,
    })
}

fn listed(done: Released<RevocationPage>) -> v1::ListRevocationsResponse {
    v1::ListRevocationsResponse {
        revocations: done.value.revocations.iter().map(written).collect(),
        next_page_token: done.value.next.unwrap_or_default(),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

/// The form of the texts is the hub's to hold.
fn read(subject: Wire) -> Result<AccessSubject> {
    Ok(match subject {
        Wire::Token(v1::TokenSubject { issuer, token_id }) => {
            AccessSubject::Token { issuer, token_id }
        }
        Wire::Person(number) => {
            AccessSubject::Person(wire::person("subject.person", Some(&number))?)
        }
        Wire::AuthorisationId(id) => {
            AccessSubject::Professional(authorisation("subject.authorisation_id", &id)?)
        }
        Wire::Account(v1::AccountSubject { issuer, subject }) => {
            AccessSubject::Account { issuer, subject }
        }
        Wire::SystemId(id) => AccessSubject::System(id),
    })
}

fn written(revocation: &Revocation) -> v1::Revocation {
    let kind = match revocation.kind {
        RevocationKind::Token => v1::RevocationKind::Token,
        RevocationKind::Person => v1::RevocationKind::Person,
        RevocationKind::Professional => v1::RevocationKind::Professional,
        RevocationKind::Account => v1::RevocationKind::Account,
        RevocationKind::System => v1::RevocationKind::System,
    };
    let subject = revocation.subject.clone().map(written_subject);
    v1::Revocation {
        revocation_id: revocation.revocation_id.to_string(),
        kind: kind.into(),
        subject: subject.map(|subject| v1::AccessSubject {
            subject: Some(subject),
        }),
        issued_before: revocation.issued_before.map(wire::timestamp),
        valid_until: revocation.valid_until.map(wire::timestamp),
        reason: revocation.reason.clone(),
        created_time: Some(wire::timestamp(revocation.created_at)),
        created_by: revocation.created_by.clone(),
        ended_time: revocation.ended_at.map(wire::timestamp),
        ended_by: revocation.ended_by.clone().unwrap_or_default(),
    }
}

fn written_subject(subject: AccessSubject) -> Wire {
    match subject {
        AccessSubject::Token { issuer, token_id } => {
            Wire::Token(v1::TokenSubject { issuer, token_id })
        }
        AccessSubject::Person(number) => Wire::Person(wire::identifier(&number)),
        AccessSubject::Professional(id) => Wire::AuthorisationId(id.as_str().to_owned()),
        AccessSubject::Account { issuer, subject } => {
            Wire::Account(v1::AccountSubject { issuer, subject })
        }
        AccessSubject::System(id) => Wire::SystemId(id),
    }
}
