//! The one table from the hub's errors to gRPC: code, `ErrorInfo`, `BadRequest`, `RetryInfo`.

use std::{collections::HashMap, time::Duration};

use delt_hub::{
    Error, Kind,
    error::code::{CONTENT_MISMATCH, DEADLINE_EXCEEDED, SOURCE_GONE, STATE_CONFLICT},
};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// The gRPC code of an error.
pub(crate) fn code(error: &Error) -> Code {
    match error.code() {
        DEADLINE_EXCEEDED => return Code::DeadlineExceeded,
        STATE_CONFLICT => return Code::FailedPrecondition,
        // A retry does not help before the source has mended itself.
        SOURCE_GONE => return Code::NotFound,
        CONTENT_MISMATCH => return Code::DataLoss,
        _ => {}
    }
    match error.kind() {
        Kind::Invalid => Code::InvalidArgument,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::Denied => Code::PermissionDenied,
        Kind::NotFound => Code::NotFound,
        Kind::Conflict => Code::AlreadyExists,
        Kind::Stale => Code::Aborted,
        Kind::Exhausted => Code::ResourceExhausted,
        Kind::Unavailable => Code::Unavailable,
        Kind::Internal => Code::Internal,
    }
}

/// An error as the caller gets it.
pub(crate) fn status(error: &Error) -> Status {
    let mut details =
        ErrorDetails::with_error_info(error.code().name, "delt", HashMap::<String, String>::new());
    if !error.field_violations().is_empty() {
        details.set_bad_request(
            error
                .field_violations()
                .iter()
                .map(|v| FieldViolation::new(v.field.clone(), v.description.clone()))
                .collect::<Vec<_>>(),
        );
    }
    if let Some(ms) = error.retry_after() {
        details.set_retry_info(Some(Duration::from_millis(ms)));
    }
    Status::with_error_details(code(error), error.message(), details)
}
