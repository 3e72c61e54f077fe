//! What a citizen is told without asking.
//!
//! A notification is written in the transaction that writes what it tells of. Its id sorts after those that the citizen already has, so that
//! whoever has read up to one misses none.

pub mod operations;
pub(crate) mod rows;
mod text;

use std::fmt;

use delt_policy::{OrganisationId, OverrideGround, PatientKey};
use uuid::Uuid;

use crate::clock::Micros;

pub use text::LocalizedText;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationKind {
    /// Somebody broke the glass. The subject is the opening.
    BreakGlass,
    /// Somebody said that they treat the citizen, and nothing confirmed it in time. The subject is the relation.
    RelationUnconfirmed,
}

impl NotificationKind {
    const ALL: [Self; 2] = [Self::BreakGlass, Self::RelationUnconfirmed];

    /// The stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BreakGlass => "break-glass",
            Self::RelationUnconfirmed => "relation-unconfirmed",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// A notification as it is kept, with what its subject adds.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptNotification {
    /// UUID version 7; a later one sorts after an earlier one.
    pub id: Uuid,
    pub kind: NotificationKind,
    /// The number that it lies under: the one that was asked for.
    pub patient: PatientKey,
    /// The opening or the relation, under that number.
    pub subject: Uuid,
    pub created_at: Micros,
    pub organisation: OrganisationId,
    /// `MedCom`'s role code of who did it.
    pub role: String,
    /// The lawful ground; none where no glass was broken.
    pub ground: Option<OverrideGround>,
    /// As it was written; empty where none was given.
    pub reason: String,
    /// The entry of the access log that tells more, where there is one.
    pub audit_entry_id: Option<Uuid>,
}

/// Without the reason, which is free text and may name people.
impl fmt::Debug for KeptNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptNotification")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
