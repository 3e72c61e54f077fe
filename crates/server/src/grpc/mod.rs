//! The gRPC face: one file a noun, each only conversions between the wire and the hub's operations.
//!
//! [`Api::perform`] is the one way from here to the hub. A service turns its request into an operation ([`wire`] has the shared conversions, total
//! and naming the field that is wrong), performs it, and turns the outcome back.

#![expect(
    clippy::needless_pass_by_value,
    reason = "what reads or writes a message takes it whole, whether it uses all of it or not"
)]

mod access;
mod admission;
mod audit;
mod call;
mod consent;
mod delegation;
mod directory;
mod document;
mod message;
mod notification;
mod patient;
mod record;
mod relation;
mod review;
mod status;
mod wire;

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware};
use delt_hub::{Hub, Operation, Released};
use delt_policy::Action;
use delt_proto::{
    FILE_DESCRIPTOR_SET,
    access::v1::access_revocation_service_server::AccessRevocationServiceServer,
    audit::v1::audit_log_service_server::AuditLogServiceServer,
    consent::v1::consent_service_server::ConsentServiceServer,
    delegation::v1::delegation_service_server::DelegationServiceServer,
    directory::v1::directory_service_server::DirectoryServiceServer,
    document::v1::document_index_service_server::DocumentIndexServiceServer,
    message::v1::message_service_server::MessageServiceServer,
    notification::v1::notification_service_server::NotificationServiceServer,
    patient::v1::patient_identity_service_server::PatientIdentityServiceServer,
    record::v1::patient_record_service_server::PatientRecordServiceServer,
    relation::v1::treatment_relation_service_server::TreatmentRelationServiceServer,
    review::v1::review_service_server::ReviewServiceServer,
};
use tonic::{Request, Status};
use tracing::Instrument as _;

use crate::{
    config::Limits,
    telemetry::{self, Metrics, Outcome, span},
};

use admission::Door;
pub(crate) use call::Call;
pub(crate) use consent::written_terms;
pub(crate) use status::status;

/// What a message's own bytes are wrapped in, at most.
const MESSAGE_ENVELOPE_BYTES: usize = 4 * 1024;

/// What every service shares.
#[derive(Debug, Clone)]
pub struct Api {
    pub(crate) hub: Hub,
    pub(crate) metrics: Metrics,
    /// Longest time for a call that does not stream.
    pub(crate) deadline: Duration,
}

/// The answer of a service.
pub(crate) type Answer<T> = Result<tonic::Response<T>, Status>;

impl Api {
    pub fn new(hub: Hub, metrics: Metrics, deadline: Duration) -> Self {
        Self {
            hub,
            metrics,
            deadline,
        }
    }

    /// Reads the request with `read`, performs the operation it makes, and gives the released outcome to `write`.
    pub(crate) async fn answer<M, O, T>(
        &self,
        request: Request<M>,
        read: impl FnOnce(M) -> delt_hub::Result<O>,
        write: impl FnOnce(Released<O::Outcome>) -> T,
    ) -> Answer<T>
    where
        M: call::HasContext,
        O: Operation,
    {
        let call = Call::of(&request, request.get_ref().context());
        let operation = self
            .understood(&call, O::ACTION, read(request.into_inner()))
            .await?;
        let released = self.perform(&call, operation).await?;
        Ok(tonic::Response::new(write(released)))
    }

    /// What was read of a request, or the status of one that could not be read.
    pub(crate) async fn understood<T>(
        &self,
        call: &Call,
        action: Action,
        read: delt_hub::Result<T>,
    ) -> Result<T, Status> {
        match read {
            Ok(read) => Ok(read),
            Err(error) => Err(status(&self.refuse(call, action, error).await)),
        }
    }

    /// A request that could not be read leaves its audit entry too. Returns the error to answer with.
    pub(crate) async fn refuse(
        &self,
        call: &Call,
        action: Action,
        error: delt_hub::Error,
    ) -> delt_hub::Error {
        let counted = self.metrics.request(action.as_str());
        self.refuse_counted(call, action, error, counted).await
    }

    /// The same for a request that counts already.
    pub(crate) async fn refuse_counted(
        &self,
        call: &Call,
        action: Action,
        error: delt_hub::Error,
        counted: telemetry::Request,
    ) -> delt_hub::Error {
        let error = self
            .hub
            .refuse(&call.credentials, &call.context, action.as_str(), error)
            .await;
        counted.end(counted_as(Some(&error)));
        error
    }

    /// Recognises the caller and performs one operation within the deadline.
    pub(crate) async fn perform<O: Operation>(
        &self,
        call: &Call,
        operation: O,
    ) -> Result<Released<O::Outcome>, Status> {
        self.attempt(call, operation)
            .await
            .map_err(|error| status(&error))
    }

    /// The same, for one item of a stream: its error is an outcome, not the end of the call.
    pub(crate) async fn attempt<O: Operation>(
        &self,
        call: &Call,
        operation: O,
    ) -> delt_hub::Result<Released<O::Outcome>> {
        let counted = self.metrics.request(O::ACTION.as_str());
        self.attempt_counted(call, operation, counted).await
    }

    /// The same for a request that counts already.
    pub(crate) async fn attempt_counted<O: Operation>(
        &self,
        call: &Call,
        operation: O,
        counted: telemetry::Request,
    ) -> delt_hub::Result<Released<O::Outcome>> {
        // On the heap: what an operation holds while it runs would else lie in the future of every call.
        let span = call.origin.operation(O::ACTION.as_str());
        let entered = self.hub.enter(&call.credentials, &call.context, operation);
        let entered = Box::pin(entered.instrument(span.clone()));
        let outcome = match tokio::time::timeout(call.deadline(self.deadline), entered).await {
            Ok(outcome) => outcome,
            Err(_) => Err(delt_hub::Error::new(
                delt_hub::error::code::DEADLINE_EXCEEDED,
            )),
        };
        span::ended(&span, counted_as(outcome.as_ref().err()));
        counted.end(counted_as(outcome.as_ref().err()));
        outcome
    }
}

/// All services with health and reflection, as a router for the API port.
pub fn router(api: &Api, limits: &Limits) -> Result<Router, tonic_reflection::server::Error> {
    let bytes = limits.max_request_bytes;
    let mut routes = tonic::service::Routes::builder();
    macro_rules! serve {
        ($($server:ident($service:expr)),* $(,)?) => {$(
            routes.add_service($server::new($service).max_decoding_message_size(bytes));
        )*};
    }
    serve![
        AccessRevocationServiceServer(access::Revocations(api.clone())),
        AuditLogServiceServer(audit::AuditService(api.clone())),
        ConsentServiceServer(consent::ConsentService(api.clone())),
        DelegationServiceServer(delegation::DelegationService(api.clone())),
        DirectoryServiceServer(directory::DirectoryService(api.clone())),
        DocumentIndexServiceServer(document::DocumentIndexService(api.clone())),
        NotificationServiceServer(notification::Notifications(api.clone())),
        PatientIdentityServiceServer(patient::PatientService(api.clone())),
        PatientRecordServiceServer(record::RecordService(api.clone())),
        ReviewServiceServer(review::Reviews(api.clone())),
        TreatmentRelationServiceServer(relation::RelationService(api.clone())),
    ];
    // A message may be larger than any other request: its own limit, and room for the fields around it.
    let message_bytes = api.hub.settings().message_bytes_max + MESSAGE_ENVELOPE_BYTES;
    let messages = MessageServiceServer::new(message::MessageService(api.clone()));
    routes.add_service(messages.max_decoding_message_size(message_bytes));
    routes.add_service(tonic_health::server::health_reporter().1);
    routes.add_service(reflection().build_v1()?);
    routes.add_service(reflection().build_v1alpha()?);
    // Time to arrive, to be performed, and for a source to begin its answer.
    let source = Duration::from_millis(api.hub.settings().retrieve_deadline_ms);
    let longest = limits.deadline() * 2 + source;
    let door = Door::new(api.hub.clone(), limits, longest, &api.metrics);
    let door = door.map_err(tonic_reflection::server::Error::DecodeError)?;
    let admission = middleware::from_fn_with_state(Arc::new(door), admission::admit);
    Ok(routes.routes().into_axum_router().layer(admission))
}

/// Clients from before 2023, such as Python's, ask for v1alpha.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// How a call counts in the metrics.
pub(crate) fn counted_as(error: Option<&delt_hub::Error>) -> Outcome {
    error.map_or(Outcome::Ok, |error| Outcome::Failed(error.kind()))
}
