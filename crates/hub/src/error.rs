//! The one closed error vocabulary. Edges map [`Kind`] to their status codes in one table each.

use std::fmt;

use delt_policy::Ground;

/// What went wrong, as far as a caller may know. Nine kinds, and no more: an edge maps each of them once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request itself is wrong; it names the fields.
    Invalid,
    /// Nobody could be recognised behind the request.
    Unauthenticated,
    /// Recognised, and refused.
    Denied,
    /// Not there, or not there for this caller: the two are one answer.
    NotFound,
    /// Collides with what is already kept.
    Conflict,
    /// Was right once; read again and retry.
    Stale,
    /// Over a limit of size, count or rate.
    Exhausted,
    /// Cannot be served now; a retry may help.
    Unavailable,
    /// A fault of the hub. The cause is in its log, never in the answer.
    Internal,
}

/// A stable code that has a page of its own under `docs/errors/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// `UPPER_SNAKE`, at most 63 characters (google.rpc.ErrorInfo `reason`).
    pub name: &'static str,
    /// The kind that every error with this code has.
    pub kind: Kind,
    /// One sentence for a person, without any personal data.
    pub summary: &'static str,
}

/// One field of the request that is wrong, and why. Never contains the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldViolation {
    /// Path in the request, such as `entry.type_code`.
    pub field: String,
    /// What is wrong, in words.
    pub description: String,
}

/// An error of the hub. Safe to show to the caller: it holds no personal data and no internal detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    code: Code,
    message: Option<String>,
    violations: Vec<FieldViolation>,
    retry_after_ms: Option<u64>,
    refusal: Option<Box<Refusal>>,
}

/// What the audit entry says of an error whose caller must not be told that it was refused.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    pub(crate) grounds: Vec<Ground>,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refusal(…)")
    }
}

/// The result of anything that can be refused.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with the code's own summary as its message.
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            message: None,
            violations: Vec::new(),
            retry_after_ms: None,
            refusal: None,
        }
    }

    /// An error about one field.
    pub fn invalid(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::violations(vec![FieldViolation {
            field: field.into(),
            description: description.into(),
        }])
    }

    /// An error about several fields, all found in one reading.
    pub fn violations(violations: Vec<FieldViolation>) -> Self {
        Self {
            violations,
            ..Self::new(code::INVALID_ARGUMENT)
        }
    }

    /// Says more than the code's summary. Must not contain personal data.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds the fields that the error is about.
    #[must_use]
    pub fn with_violations(mut self, violations: Vec<FieldViolation>) -> Self {
        self.violations = violations;
        self
    }

    /// Tells the caller when a retry makes sense, in milliseconds.
    #[must_use]
    pub const fn retry_after_ms(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }

    /// Has the audit entry say `code`, and why, instead of what the caller is told: hidden and missing are one answer to the caller, and two to the log.
    #[must_use]
    pub(crate) fn logged_as(mut self, code: Code, grounds: Vec<Ground>) -> Self {
        self.refusal = Some(Box::new(Refusal { code, grounds }));
        self
    }

    /// What [`Error::logged_as`] set. No edge can reach it.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_deref()
    }

    pub const fn code(&self) -> Code {
        self.code
    }

    pub const fn kind(&self) -> Kind {
        self.code.kind
    }

    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(self.code.summary)
    }

    pub fn field_violations(&self) -> &[FieldViolation] {
        &self.violations
    }

    pub const fn retry_after(&self) -> Option<u64> {
        self.retry_after_ms
    }

    /// Logs the cause for the operator and gives the caller an error without it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "internal fault");
        Self::new(code::INTERNAL)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        self.violations
            .iter()
            .try_for_each(|v| write!(f, "; {}: {}", v.field, v.description))
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident: $kind:ident = $summary:literal;)*) => {
        /// Every code there is. A test holds this list against the pages in `docs/errors/`.
        pub mod code {
            use super::{Code, Kind};
            $($(#[$doc])* pub const $name: Code =
                Code { name: stringify!($name), kind: Kind::$kind, summary: $summary };)*
            /// All of them, in the order of their definition.
            pub const ALL: &[Code] = &[$($name),*];
        }
    };
}

codes! {
    /// See the field violations.
    INVALID_ARGUMENT: Invalid = "the request is not valid";
    /// Which of several purposes of the token the request is for was not said, or it is not among them.
    PURPOSE_NOT_CHOSEN: Invalid = "the request must pick one of the token's purposes of use";
    /// A message did not pass the validation of its standard.
    MESSAGE_INVALID: Invalid = "the message does not follow its standard";
    /// The page token is not one this query gave out.
    PAGE_TOKEN_INVALID: Invalid = "the page token does not belong to this query";
    /// No client certificate, or one that no system is registered with.
    CERTIFICATE_UNKNOWN: Unauthenticated = "no registered system presented this client certificate";
    /// No token where the operation needs a person.
    TOKEN_MISSING: Unauthenticated = "an access token is required";
    /// Signature, issuer, algorithm, audience or form of the token is wrong.
    TOKEN_INVALID: Unauthenticated = "the access token is not valid";
    /// `exp` has passed, or `iat`/`nbf` lies ahead.
    TOKEN_EXPIRED: Unauthenticated = "the access token is not valid at this time";
    /// `cnf.x5t#S256` does not match the connection's certificate (RFC 8705).
    TOKEN_NOT_BOUND: Unauthenticated = "the access token is bound to another client certificate";
    /// The operator took back the access of the token, of its person or of the system.
    ACCESS_REVOKED: Unauthenticated = "this access has been revoked";
    /// The rules do not allow this operation for this caller now.
    ACCESS_DENIED: Denied = "the rules do not allow this";
    /// No active treatment relation between the patient and the caller's place of treatment.
    NO_TREATMENT_RELATION: Denied = "no active treatment relation is known";
    /// The purpose of use does not allow this operation.
    PURPOSE_NOT_ALLOWED: Denied = "the purpose of use does not allow this";
    /// Break-glass without a reason.
    OVERRIDE_REASON_REQUIRED: Denied = "break-glass needs a reason of 10 to 500 characters";
    /// Break-glass without one of the two lawful grounds.
    OVERRIDE_GROUND_REQUIRED: Denied = "break-glass needs one of the two lawful grounds";
    /// A condition of the purpose does not hold (Sundhedsloven § 42 d).
    PURPOSE_CONDITIONS_NOT_MET: Denied = "the conditions of the purpose of use are not met";
    /// No registered right shows that the caller may act for another.
    DELEGATION_MISSING: Denied = "no registered right to act for another is known";
    /// The citizen does not want discharge letters sent (Sundhedsloven § 41, stk. 3).
    LETTER_OPTED_OUT: Denied = "the citizen has opted out of discharge letters to this receiver";
    /// A system acts for an organisation that it is not registered for.
    FOREIGN_ORGANISATION: Denied = "the system is not registered for this organisation";
    /// Two persons must decide, and the caller was the first.
    SECOND_PERSON_REQUIRED: Denied = "another person must confirm this decision";
    /// Not there, or not there for this caller.
    NOT_FOUND: NotFound = "not found";
    /// The same identity with other content.
    IDENTITY_CONFLICT: Conflict = "the same identity is registered with other content";
    /// The state of the thing does not allow this change.
    STATE_CONFLICT: Conflict = "the present state does not allow this change";
    /// A request id was used before for another request.
    REQUEST_ID_REUSED: Conflict = "the request id was used for another request";
    /// The thing changed since it was read.
    VERSION_STALE: Stale = "changed in the meantime; read again";
    /// Larger than the limit.
    TOO_LARGE: Exhausted = "larger than the limit";
    /// More than the limit at once.
    TOO_MANY: Exhausted = "more than the limit";
    /// The store or the log cannot be written or read now. Nothing was disclosed.
    STORE_UNAVAILABLE: Unavailable = "the store cannot be reached; nothing was disclosed or changed";
    /// The source of a document did not answer, or not in time.
    SOURCE_UNAVAILABLE: Unavailable = "the source of the document did not answer in time";
    /// The source no longer has the document. The pointer is marked.
    SOURCE_GONE: Unavailable = "the source no longer has the document";
    /// What the source sent is not what it registered. Nothing of it was disclosed.
    CONTENT_MISMATCH: Unavailable = "the source sent other bytes than it registered";
    /// Too late for the caller's deadline.
    DEADLINE_EXCEEDED: Unavailable = "the deadline passed";
    /// A fault of the hub.
    INTERNAL: Internal = "internal fault";
}
