//! What a call brings besides its message: certificate, token, context, deadline.

use std::time::Duration;

use super::wire;
use delt_hub::identity::{Credentials, RequestContext};
use delt_proto::{
    access::v1 as access, audit::v1 as audit, common::v1::RequestContext as WireContext,
    consent::v1 as consent, delegation::v1 as delegation, directory::v1 as directory,
    document::v1 as document, message::v1 as message, notification::v1 as notification,
    patient::v1 as patient, record::v1 as record, relation::v1 as relation, review::v1 as review,
};
use http::{HeaderMap, header::AUTHORIZATION};
use tokio::time::Instant;
use tonic::{Request, metadata::MetadataMap};

use crate::{telemetry::span::Origin, tls::PeerCertificate};

const GRPC_TIMEOUT: &str = "grpc-timeout";

/// Who calls, and what the call says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) credentials: Credentials,
    pub(crate) context: RequestContext,
    /// When the caller stops waiting.
    until: Option<Instant>,
    /// What its spans are part of.
    pub(crate) origin: Origin,
}

impl Call {
    /// Of a call that gRPC has read, and the context that its message carries.
    pub(crate) fn of<T>(request: &Request<T>, context: Option<&WireContext>) -> Self {
        let metadata = request.metadata();
        let certificate = request
            .extensions()
            .get::<PeerCertificate>()
            .and_then(|peer| peer.0.as_deref())
            .map(Into::into);
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            credentials: Credentials {
                certificate,
                bearer: bearer(metadata),
            },
            context: RequestContext {
                purpose: context.and_then(|c| said(&c.purpose_of_use)),
                override_reason: context.and_then(|c| said(&c.override_reason)),
                override_ground: context.and_then(|c| wire::override_ground(c.override_ground())),
                request_id: text(metadata, "x-request-id").map(str::to_owned),
                trace_id: text(metadata, "traceparent").and_then(trace_id),
            },
            until: text(metadata, GRPC_TIMEOUT)
                .and_then(timeout)
                .and_then(|timeout| Instant::now().checked_add(timeout)),
            origin: Origin::new(text(metadata, "traceparent").map(str::to_owned)),
        }
    }

    /// One span for all operations of this call. `name` is the call's.
    #[must_use]
    pub(crate) fn in_one_span(mut self, name: &'static str) -> Self {
        self.origin.open(name);
        self
    }

    /// What is left of the caller's own deadline, where that is shorter than the hub's.
    pub(crate) fn deadline(&self, longest: Duration) -> Duration {
        self.left().map_or(longest, |left| left.min(longest))
    }

    /// How long the caller still waits, where it said so.
    pub(crate) fn left(&self) -> Option<Duration> {
        let now = Instant::now();
        self.until.map(|until| until.saturating_duration_since(now))
    }
}

fn text<'a>(metadata: &'a MetadataMap, key: &str) -> Option<&'a str> {
    metadata.get(key)?.to_str().ok()
}

fn bearer(metadata: &MetadataMap) -> Option<String> {
    token(text(metadata, AUTHORIZATION.as_str())?).map(str::to_owned)
}

/// RFC 6750 §2.1; the scheme's name is not case-sensitive.
fn token(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The token of a request that nothing was read of but its head.
pub(super) fn bearer_of(headers: &HeaderMap) -> Option<&str> {
    token(headers.get(AUTHORIZATION)?.to_str().ok()?)
}

/// How long the caller of such a request waits.
pub(super) fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    timeout(headers.get(GRPC_TIMEOUT)?.to_str().ok()?)
}

/// The second part of W3C `traceparent`.
fn trace_id(traceparent: &str) -> Option<String> {
    traceparent.split('-').nth(1).map(str::to_owned)
}

/// gRPC over HTTP/2, `TimeoutValue TimeoutUnit`.
fn timeout(value: &str) -> Option<Duration> {
    let (number, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let number: u64 = number.parse().ok().filter(|_| number.len() <= 8)?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3_600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

/// A request message that carries a context.
pub(crate) trait HasContext {
    fn context(&self) -> Option<&WireContext>;
}

macro_rules! has_context {
    ($($area:ident: $($message:ident)*;)*) => {$($(
        impl HasContext for $area::$message {
            fn context(&self) -> Option<&WireContext> {
                self.context.as_ref()
            }
        }
    )*)*};
}

has_context! {
    access: RevokeAccessRequest LiftRevocationRequest ListRevocationsRequest;
    audit: SearchEntriesRequest GetEntryRequest ExportEntriesRequest ListPatientAccessesRequest
        ListPatientVisitsRequest ListPatientChainRequest;
    consent: CreateConsentRequest EndConsentRequest ListConsentsRequest ExplainAccessRequest;
    delegation: DelegateToHelperRequest EndHelperDelegationRequest ListHelperDelegationsRequest
        RegisterRepresentationRequest EndRepresentationRequest ListRepresentationsRequest
        RegisterQualityPermissionRequest EndQualityPermissionRequest ListQualityPermissionsRequest;
    directory: ListOrganisationsRequest ListSystemsRequest GetReceiverRequest;
    document: RegisterDocumentRequest RegisterDocumentsRequest UpdateDocumentStatusRequest
        GetDocumentRequest ListSourceDocumentsRequest;
    message: SendMessageRequest ReceiveMessagesRequest AcknowledgeMessageRequest GetMessageRequest
        ListMessagesRequest;
    notification: ListNotificationsRequest;
    patient: LinkPatientRequest MergePatientRequest GetPatientRequest RegisterDemographicsRequest;
    record: SearchRecordRequest RetrieveDocumentRequest RetrieveDocumentsRequest;
    relation: RegisterRelationRequest EndRelationRequest ListRelationsRequest AttestRelationRequest
        ListRelationAlertsRequest;
    review: ListReviewCasesRequest GetReviewCaseRequest AssignReviewCaseRequest CommentReviewCaseRequest DecideReviewCaseRequest
        ListSamplesRequest GetPeriodReportRequest;
}

macro_rules! without_context {
    ($($message:ident)*) => {$(
        impl HasContext for audit::$message {
            fn context(&self) -> Option<&WireContext> {
                None
            }
        }
    )*};
}

without_context!(GetCheckpointRequest GetInclusionProofRequest GetConsistencyProofRequest);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        assert_eq!(timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(timeout("2S"), Some(Duration::from_secs(2)));
        assert_eq!(timeout("123456789S"), None);
        assert_eq!(timeout("S"), None);
        assert_eq!(timeout(""), None);
        assert_eq!(timeout("5æ"), None);
    }
}
