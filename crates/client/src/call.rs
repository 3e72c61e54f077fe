//! One call: its headers, its deadline, its attempts.

use std::sync::Arc;
use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::error::ClientError;
use crate::request_id::{RequestIds, seed};
use crate::retry::Backoff;
use crate::settings::Timeouts;
use crate::token::TokenSource;

/// Largest message that the client takes: a `MedCom` message may have 10 MiB.
const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// Whether a call may be sent again when it is not known what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// A query, or a write that answers the same when it comes twice.
    Safe,
    Never,
}

/// What all calls of a connection share.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) token: Option<TokenSource>,
    pub(crate) ids: RequestIds,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Backoff,
}

impl Caller {
    /// Sends a request that has one answer.
    pub(crate) async fn call<Q, A, F, S>(
        &self,
        repeat: Repeat,
        message: Q,
        send: S,
    ) -> Result<A, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
        S: Fn(Request<Q>) -> F,
    {
        self.attempts(repeat, Some(self.timeouts.call), message, send)
            .await
    }

    /// Opens a stream of answers. The deadline of a call does not hold for it, since it may stay open.
    pub(crate) async fn open<Q, A, F, S>(
        &self,
        repeat: Repeat,
        message: Q,
        send: S,
    ) -> Result<A, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
        S: Fn(Request<Q>) -> F,
    {
        self.attempts(repeat, None, message, send).await
    }

    async fn attempts<Q, A, F, S>(
        &self,
        repeat: Repeat,
        deadline: Option<Duration>,
        message: Q,
        send: S,
    ) -> Result<A, ClientError>
    where
        Q: Clone,
        F: Future<Output = Result<Response<A>, Status>>,
        S: Fn(Request<Q>) -> F,
    {
        let id = self.ids.next();
        let mut attempt = 0;
        loop {
            let mut request = Request::new(message.clone());
            self.sign(&mut request, id)?;
            if let Some(deadline) = deadline {
                request.set_timeout(deadline);
            }
            let error = match send(request).await {
                Ok(answer) => return Ok(answer.into_inner()),
                Err(status) => ClientError::from(status),
            };
            match self.retry.pause(attempt, seed(id), &error) {
                Some(pause) if repeat == Repeat::Safe => tokio::time::sleep(pause).await,
                _ => return Err(error),
            }
            attempt += 1;
        }
    }

    /// Puts the token and the request's id into the headers.
    pub(crate) fn sign<Q>(&self, request: &mut Request<Q>, id: Uuid) -> Result<(), ClientError> {
        let headers = request.metadata_mut();
        headers.insert("x-request-id", header(&id.to_string())?);
        if let Some(token) = &self.token {
            let mut bearer = header(&format!("Bearer {}", token.current()?))?;
            bearer.set_sensitive(true);
            headers.insert("authorization", bearer);
        }
        Ok(())
    }
}

fn header(value: &str) -> Result<MetadataValue<Ascii>, ClientError> {
    value
        .parse()
        .map_err(|_| ClientError::Token(crate::token::TokenError::Malformed))
}

/// A service of the hub: its generated client, and how calls are made.
#[derive(Debug, Clone)]
pub(crate) struct Service<C> {
    pub(crate) stub: C,
    pub(crate) caller: Arc<Caller>,
}

/// The generated clients have these in common, without a trait that says so.
pub(crate) trait Stub: Clone {
    fn over(channel: Channel) -> Self;
}

macro_rules! stubs {
    ($($area:ident :: $module:ident :: $client:ident),* $(,)?) => {$(
        impl Stub for delt_proto::$area::v1::$module::$client<Channel> {
            fn over(channel: Channel) -> Self {
                Self::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES)
            }
        }
    )*};
}

stubs! {
    access::access_revocation_service_client::AccessRevocationServiceClient,
    audit::audit_log_service_client::AuditLogServiceClient,
    consent::consent_service_client::ConsentServiceClient,
    delegation::delegation_service_client::DelegationServiceClient,
    directory::directory_service_client::DirectoryServiceClient,
    document::document_index_service_client::DocumentIndexServiceClient,
    message::message_service_client::MessageServiceClient,
    notification::notification_service_client::NotificationServiceClient,
    patient::patient_identity_service_client::PatientIdentityServiceClient,
    record::patient_record_service_client::PatientRecordServiceClient,
    relation::treatment_relation_service_client::TreatmentRelationServiceClient,
    review::review_service_client::ReviewServiceClient,
}

/// Methods that do one call each: `pub name = method(Request) -> Answer, Repeat`.
macro_rules! calls {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $method:ident($request:ty) -> $answer:ty, $repeat:ident;)*) => {$(
        $(#[$doc])*
        $vis async fn $name(&self, request: $request) -> Result<$answer, $crate::ClientError> {
            let send = |request| {
                let mut stub = self.0.stub.clone();
                async move { stub.$method(request).await }
            };
            self.0.caller.call($crate::call::Repeat::$repeat, request, send).await
        }
    )*};
}
pub(crate) use calls;
