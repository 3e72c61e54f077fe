//! What can go wrong with a call, in a form that a program can act on.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::token::TokenError;

/// The hub's closed vocabulary of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Invalid,
    Unauthenticated,
    Denied,
    NotFound,
    Conflict,
    /// What was built on has changed meanwhile.
    Stale,
    /// A limit is reached.
    Exhausted,
    /// It may work later.
    Unavailable,
    Internal,
}

impl From<Code> for Kind {
    fn from(code: Code) -> Self {
        match code {
            Code::InvalidArgument | Code::OutOfRange => Self::Invalid,
            Code::Unauthenticated => Self::Unauthenticated,
            Code::PermissionDenied => Self::Denied,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists => Self::Conflict,
            Code::FailedPrecondition | Code::Aborted => Self::Stale,
            Code::ResourceExhausted => Self::Exhausted,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => Self::Unavailable,
            Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => {
                Self::Internal
            }
        }
    }
}

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The hub's own answer.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// The hub could not be reached, or the connection broke.
    #[error("the hub cannot be reached: {0}")]
    Unreachable(String),
    #[error("{0} cannot be used: {1}")]
    Settings(&'static str, String),
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A stream ended before its end, or a document did not arrive whole. Nothing of it may be used.
    #[error("the answer is incomplete: {0}")]
    Incomplete(&'static str),
    /// The hub's answer is not what the contract says.
    #[error("the hub's answer breaks the contract: {0}")]
    Contract(&'static str),
    /// What was received could not be written.
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
}

/// What the hub says when it refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", if message.is_empty() { reason } else { message })]
pub struct Refusal {
    pub code: Code,
    /// The stable code (`google.rpc.ErrorInfo.reason`); empty if the answer carries none.
    pub reason: String,
    pub message: String,
    /// The fields that are wrong, where the request was (`google.rpc.BadRequest`).
    pub violations: Vec<Violation>,
    /// When the hub wants to be asked again (`google.rpc.RetryInfo`).
    pub retry_after: Option<Duration>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// In the words of the wire contract, such as `entry.type_code.code`.
    pub field: String,
    pub description: String,
}

impl ClientError {
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.code.into(),
            Self::Unreachable(_) | Self::Incomplete(_) => Kind::Unavailable,
            Self::Settings(..) => Kind::Invalid,
            Self::Token(_) => Kind::Unauthenticated,
            Self::Contract(_) | Self::Write(_) => Kind::Internal,
        }
    }

    /// The hub's stable code, if the hub spoke.
    pub fn reason(&self) -> Option<&str> {
        self.refusal()
            .map(|refusal| refusal.reason.as_str())
            .filter(|reason| !reason.is_empty())
    }

    /// The hub's own answer, if it gave one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    pub fn violations(&self) -> &[Violation] {
        self.refusal().map_or(&[], |refusal| &refusal.violations)
    }

    pub fn retry_after(&self) -> Option<Duration> {
        self.refusal().and_then(|refusal| refusal.retry_after)
    }
}

impl From<Status> for ClientError {
    fn from(status: Status) -> Self {
        // A status that has a cause was made on this side: the hub's own arrive as headers only.
        if let Some(cause) = deepest(&status) {
            return Self::Unreachable(cause);
        }
        let details = status.get_error_details();
        let info = details.error_info();
        let violations = details.bad_request().map_or(Vec::new(), |request| {
            request
                .field_violations
                .iter()
                .map(Violation::from)
                .collect()
        });
        Self::Refused(Box::new(Refusal {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            message: status.message().to_owned(),
            violations,
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }))
    }
}

impl From<tonic::transport::Error> for ClientError {
    fn from(error: tonic::transport::Error) -> Self {
        Self::Unreachable(deepest(&error).unwrap_or_else(|| error.to_string()))
    }
}

impl From<&tonic_types::FieldViolation> for Violation {
    fn from(violation: &tonic_types::FieldViolation) -> Self {
        Self {
            field: violation.field.clone(),
            description: violation.description.clone(),
        }
    }
}

/// The innermost cause, which is the one that a person can act on ("Connection refused").
fn deepest(error: &dyn std::error::Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic_types::ErrorDetails;

    #[test]
    fn details_are_decoded() {
        let mut details = ErrorDetails::new();
        details
            .set_error_info("CODE_NOT_IN_VALUE_SET", "delt", [])
            .add_bad_request_violation("entry.type_code", "is not a Danish type code")
            .set_retry_info(Some(Duration::from_secs(1)));
        let status =
            Status::with_error_details(Code::InvalidArgument, "the entry is wrong", details);
        let error = ClientError::from(status);
        assert_eq!(error.kind(), Kind::Invalid);
        assert_eq!(error.reason(), Some("CODE_NOT_IN_VALUE_SET"));
        assert_eq!(error.violations()[0].field, "entry.type_code");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
        assert_eq!(error.to_string(), "the entry is wrong");
    }

    #[test]
    fn details_that_cannot_be_read_do_not_hide_the_status() {
        let status = Status::with_details(Code::NotFound, "gone", vec![0xff; 9].into());
        let error = ClientError::from(status);
        assert_eq!((error.kind(), error.reason()), (Kind::NotFound, None));
    }
}
