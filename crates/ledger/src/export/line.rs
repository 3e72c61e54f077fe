//! One line of an export: a leaf of the log, with or without its payload.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::MAX_LINE_BYTES;
use crate::canonical::{self, CanonicalError};
use crate::commitment::{Commitment, Salt};
use crate::entry::{Entry, EntryError};
use crate::hash::{Hash, HashError};
use crate::merkle::MAX_PROOF_LENGTH;

/// Why a line cannot be written or read. Never quotes the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    #[error("the line is longer than {MAX_LINE_BYTES} bytes")]
    TooLong,
    #[error("the line is not one of this format")]
    Malformed,
    #[error("the line is not in canonical form, so it has been rewritten")]
    NotCanonical,
    #[error("not an export of a version known here")]
    UnknownType,
    #[error("the entry's payload has no canonical form: {0}")]
    Payload(#[from] CanonicalError),
}

impl From<HashError> for LineError {
    fn from(_: HashError) -> Self {
        Self::Malformed
    }
}

/// What is left of a leaf.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// The payload with its salt. `json` is any JSON object; its canonical form is what is committed to.
    Entry { salt: Salt, json: Vec<u8> },
    /// The payload has been erased; its commitment holds its place.
    Erased(Commitment),
}

impl Content {
    /// The content for an entry that is at hand as data.
    pub fn of_entry(entry: &Entry, salt: Salt) -> Result<Self, EntryError> {
        Ok(Self::Entry {
            salt,
            json: entry.to_canonical()?,
        })
    }

    /// The commitment that the leaf must hold.
    pub fn commitment(&self) -> Commitment {
        match self {
            Self::Entry { salt, json } => Commitment::of(salt, json),
            Self::Erased(commitment) => *commitment,
        }
    }

    pub fn is_erased(&self) -> bool {
        matches!(self, Self::Erased(_))
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_erased() {
            "Erased"
        } else {
            "Entry(…)"
        })
    }
}

/// A leaf with its position and inclusion proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub index: u64,
    pub content: Content,
    /// From the leaf's sibling up to the root of the header's checkpoint.
    pub proof: Vec<Hash>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    index: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    entry: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commitment: Option<String>,
    proof: Vec<String>,
}

impl Line {
    /// The line, without its newline. A payload that is not canonical is written canonically: whether it is
    /// what the log committed to is for the verification to find.
    pub fn to_line(&self) -> Result<String, LineError> {
        let (salt, entry, commitment) = match &self.content {
            Content::Entry { salt, json } => {
                let entry = serde_json::from_slice(json).map_err(|_| LineError::Malformed)?;
                (Some(salt.to_base64()), Some(entry), None)
            }
            Content::Erased(commitment) => (None, None, Some(commitment.as_hash().to_base64())),
        };
        let proof = self.proof.iter().map(|hash| hash.to_base64()).collect();
        to_line(&Raw {
            index: self.index,
            salt,
            entry,
            commitment,
            proof,
        })
    }

    /// Reads a line, without its newline. Verifies no proof.
    pub fn from_line(line: &[u8]) -> Result<Self, LineError> {
        let raw: Raw = parse_canonical(line)?;
        if raw.proof.len() > MAX_PROOF_LENGTH {
            return Err(LineError::Malformed);
        }
        let content = match (raw.salt, raw.entry, raw.commitment) {
            (Some(salt), Some(entry @ Value::Object(_)), None) => Content::Entry {
                salt: Salt::from_base64(&salt)?,
                json: canonical::value_to_vec(&entry)?,
            },
            (None, None, Some(hash)) => {
                Content::Erased(Commitment::from_hash(Hash::from_base64(&hash)?))
            }
            _ => return Err(LineError::Malformed),
        };
        let proof = raw
            .proof
            .iter()
            .map(|hash| Hash::from_base64(hash))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            index: raw.index,
            content,
            proof,
        })
    }
}

pub(super) fn to_line<T: Serialize>(raw: &T) -> Result<String, LineError> {
    let bytes = canonical::to_vec(raw)?;
    if bytes.len() > MAX_LINE_BYTES {
        return Err(LineError::TooLong);
    }
    String::from_utf8(bytes).map_err(|_| LineError::Malformed)
}

/// Reads canonical JSON and nothing else. This also shuts out repeated keys, with which a line could show one
/// entry to a reader and prove another.
pub(super) fn parse_canonical<T: DeserializeOwned>(line: &[u8]) -> Result<T, LineError> {
    if line.len() > MAX_LINE_BYTES {
        return Err(LineError::TooLong);
    }
    let value: Value = serde_json::from_slice(line).map_err(|_| LineError::Malformed)?;
    if canonical::value_to_vec(&value)? != line {
        return Err(LineError::NotCanonical);
    }
    // Serde reads an absent field and a null alike; only the former is ever written.
    if value
        .as_object()
        .is_some_and(|members| members.values().any(Value::is_null))
    {
        return Err(LineError::NotCanonical);
    }
    serde_json::from_value(value).map_err(|_| LineError::Malformed)
}
