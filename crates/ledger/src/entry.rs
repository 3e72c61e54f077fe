//! The audit entry: who, whom, what, why, when and with which outcome, as data that anyone can read.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::chain::ChainLink;

/// The `version` that this code writes.
///
/// Version 2 added `patient_chain`; version 1 is read as well.
pub const ENTRY_VERSION: u32 = 2;

/// Largest canonical form of an entry, in bytes; with salt and proof it still fits the export's line of 1 MiB.
pub const MAX_ENTRY_BYTES: usize = 960 * 1024;

/// Why an entry cannot be written or read. Carries positions, never content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error("the entry is larger than {MAX_ENTRY_BYTES} bytes")]
    TooLarge,
    #[error("the entry has no canonical form: {0}")]
    NotCanonical(#[from] CanonicalError),
    #[error("not an audit entry (line {line}, column {column})")]
    Malformed { line: usize, column: usize },
}

/// One entry of the audit log. Optional fields are absent from the JSON when empty.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// [`ENTRY_VERSION`] when written by this code.
    pub version: u32,
    /// UUID of the entry.
    pub id: String,
    /// RFC 3339, UTC, with microseconds.
    pub recorded_at: String,
    /// The operation's name on the wire, e.g. `SearchRecord`.
    pub operation: String,
    pub outcome: Outcome,
    /// The stable error code where the outcome is not `permitted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    pub actor: Actor,
    /// The patient key in hex: a keyed hash, never a person number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<String>,
    /// The entry's place among its patient's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient_chain: Option<ChainLink>,
    /// Purpose of use, e.g. `TREAT`, `BTG`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// What the caller gave as the reason for a break-glass access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<String>,
    /// What determined the decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<Ground>,
    /// The filters of a query, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, String>,
    /// The entryUUID of every pointer that was disclosed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disclosed: Vec<String>,
    /// How many pointers the caller's scope withheld.
    #[serde(default)]
    pub withheld: u64,
    /// How many for which general reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withheld_reasons: BTreeMap<String, u64>,
    /// What a command acted on: the id of an entry, a consent, a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// W3C trace id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// Which edition of the policy files decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_version: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Permitted,
    Denied,
    Failed,
}

/// Who acted: always a system, and the person behind it where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    pub system: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_organisation: Option<String>,
    /// Fingerprint of the client certificate (RFC 8705 `x5t#S256`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// The professional whom a helper acts under (medhjælp).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Person>,
    /// How a citizen stands to the patient when not the patient: `custody`, `guardian`, `proxy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub kind: PersonKind,
    /// By `kind`: authorisation id, patient key, role id.
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
}

/// Which register the person's id and role come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonKind {
    /// An authorised professional (Autorisationsregistret).
    Authorisation,
    Citizen,
    /// A national federation role.
    NationalRole,
    /// `MedCom`'s SKS administrative role.
    Administrative,
    /// One of Delt's own roles: auditor, operator and so on.
    Delt,
}

/// One reason for the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    pub rule: String,
    /// The consent, relation or paragraph of law that the rule rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Entry {
    /// The canonical bytes, which are what the store keeps and the commitment covers.
    pub fn to_canonical(&self) -> Result<Vec<u8>, EntryError> {
        let bytes = canonical::to_vec(self)?;
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge);
        }
        Ok(bytes)
    }

    /// Reads an entry; unknown fields are an error, because a reader who skips a field misreads the log.
    pub fn from_json(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge);
        }
        // Serde's message may quote the content, which may be personal data: only the position goes on.
        serde_json::from_slice(bytes).map_err(|e| EntryError::Malformed {
            line: e.line(),
            column: e.column(),
        })
    }
}

impl fmt::Debug for Entry {
    /// Enough to find the entry, nothing that it says about anyone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .field("operation", &self.operation)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("kind", &self.kind)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "entry_tests.rs"]
pub(crate) mod tests;
