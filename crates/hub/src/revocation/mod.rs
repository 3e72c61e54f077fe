//! Access that was taken back before it ends by itself: of one token, a person, a professional's authorisation, an issuer's account, or a system.
//!
//! Whether a caller is revoked is asked in the snapshot or transaction of every operation, with its facts, so that no hub of a store can lag behind another.

mod credential;
pub mod operations;
pub(crate) mod rows;
mod subject;

use uuid::Uuid;

use crate::{Error, clock::Micros, error::code};

pub(crate) use credential::{Credential, MARKS};
pub(crate) use subject::Mark;
pub use subject::{AccessSubject, RevocationKind};

/// Longest reason, in characters.
pub const REASON_MAX: usize = 200;

/// A revocation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    pub revocation_id: Uuid,
    pub kind: RevocationKind,
    /// What is revoked. None for a person: the number is not kept.
    pub subject: Option<AccessSubject>,
    /// Only tokens that were issued before.
    pub issued_before: Option<Micros>,
    /// When the last token that it concerns ends by itself; none where it stands until it is lifted.
    pub valid_until: Option<Micros>,
    pub reason: String,
    pub created_at: Micros,
    /// The system that the operator used. Who it was stands in the log.
    pub created_by: String,
    pub ended_at: Option<Micros>,
    pub ended_by: Option<String>,
}

/// What a revoked caller is told, whatever was asked.
pub(crate) const fn refusal() -> Error {
    Error::new(code::ACCESS_REVOKED)
}
