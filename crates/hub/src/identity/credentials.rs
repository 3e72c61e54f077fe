//! What a connection and a request bring along, before anybody has been recognised.

use crate::error::{Error, FieldViolation, Result};
use delt_policy::OverrideGround;
use std::fmt;

/// The longest `request_id` a caller may send, in bytes of visible ASCII.
pub const REQUEST_ID_MAX: usize = 64;
/// The longest reason for an override, in characters.
pub const OVERRIDE_REASON_MAX: usize = 500;
/// The longest purpose code; `v3-ActReason` has none above ten letters.
const PURPOSE_MAX: usize = 32;
/// W3C Trace Context §3.2.2.3: 16 bytes as lower-case hexadecimal.
const TRACE_ID_LEN: usize = 32;

/// The client certificate that the TLS layer has verified against the configured authority.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// SHA-256 of the certificate's DER bytes (RFC 8705 §3.1).
    pub sha256: [u8; 32],
    /// Its subject alternative names, DNS and URI.
    pub names: Vec<String>,
}

/// What was presented. Nothing in it has been believed yet, apart from the TLS layer's check of the certificate.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    pub certificate: Option<ClientCertificate>,
    /// The access token without the word `Bearer`.
    pub bearer: Option<String>,
}

/// What the request says about itself: `delt.common.v1.RequestContext`, or the `Delt-*` headers on HTTP.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// The `v3-ActReason` code picked among the token's purposes.
    pub purpose: Option<String>,
    /// Why a break-glass override is needed, in the user's words.
    pub override_reason: Option<String>,
    /// On which lawful ground.
    pub override_ground: Option<OverrideGround>,
    /// The client's own id of the request, for idempotency and correlation.
    pub request_id: Option<String>,
    /// The trace id of a W3C `traceparent`. One that is not well formed is dropped, as that standard asks.
    pub trace_id: Option<String>,
}

impl RequestContext {
    /// Holds every field against its bounds, and drops a malformed trace id.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names all the fields that are wrong.
    pub(super) fn checked(&self) -> Result<Self> {
        let violations: Vec<_> = [
            violation(
                self.purpose.as_deref(),
                "context.purpose",
                is_code,
                "is not a code",
            ),
            violation(
                self.override_reason.as_deref(),
                "context.override_reason",
                is_reason,
                "must be text of at most 500 characters without control characters",
            ),
            violation(
                self.request_id.as_deref(),
                "context.request_id",
                is_request_id,
                "must be 1 to 64 visible ASCII characters",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !violations.is_empty() {
            return Err(Error::violations(violations));
        }
        let trace_id = self.trace_id.clone().filter(|id| is_trace_id(id));
        Ok(Self {
            trace_id,
            ..self.clone()
        })
    }
}

fn violation(
    value: Option<&str>,
    field: &str,
    is_good: fn(&str) -> bool,
    description: &str,
) -> Option<FieldViolation> {
    value.filter(|v| !is_good(v)).map(|_| FieldViolation {
        field: field.to_owned(),
        description: description.to_owned(),
    })
}

fn is_code(value: &str) -> bool {
    (1..=PURPOSE_MAX).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_reason(value: &str) -> bool {
    value.chars().count() <= OVERRIDE_REASON_MAX
        && value.chars().all(|c| c == '\n' || !c.is_control())
}

fn is_request_id(value: &str) -> bool {
    (1..=REQUEST_ID_MAX).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic())
}

fn is_trace_id(value: &str) -> bool {
    value.len() == TRACE_ID_LEN
        && value
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && value.bytes().any(|b| b != b'0')
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, ..] = self.sha256;
        write!(
            f,
            "ClientCertificate({first:02x}{second:02x}…, {} names)",
            self.names.len()
        )
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("certificate", &self.certificate)
            .field("bearer", &self.bearer.as_ref().map(|_| "[masked]"))
            .finish()
    }
}

/// A reason is free text and may name a person, so it is masked like an identifier.
impl fmt::Debug for RequestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestContext")
            .field("purpose", &self.purpose)
            .field(
                "override_reason",
                &self.override_reason.as_ref().map(|_| "[masked]"),
            )
            .field("override_ground", &self.override_ground)
            .field("request_id", &self.request_id)
            .field("trace_id", &self.trace_id)
            .finish()
    }
}
