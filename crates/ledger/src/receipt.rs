//! A receipt: the log's signed promise that an entry will stand in it by a certain time.
//!
//! It is a signed note under the log's own key. Its first line is none of the log's origins, so a receipt never passes for a checkpoint.

use std::fmt;

use crate::hash::Hash;
use crate::key::{Signer, Verifier};
use crate::note::{Note, NoteError};

/// The first line.
const KIND: &str = "delt-receipt/v1";

/// Why a receipt cannot be made, read or trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    #[error("not a receipt: {0}")]
    Note(#[from] NoteError),
    #[error("not a receipt: its text is not kind, origin, entry id, leaf hash and two times")]
    Malformed,
    #[error("the receipt's origin is not the name of the key")]
    Origin,
}

/// What a receipt says. Its `Display` is the note text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    /// Which log this is; the name of the key that signs it.
    pub origin: String,
    /// UUID of the entry.
    pub entry_id: String,
    pub leaf_hash: Hash,
    /// RFC 3339, UTC, with microseconds, as in the entry.
    pub recorded_at: String,
    /// The same: a checkpoint signed later than this must hold the entry.
    pub promised_by: String,
}

impl SignedReceipt {
    /// The signed form.
    pub fn sign(&self, signer: &Signer) -> Result<Note, ReceiptError> {
        if self.origin != signer.name() {
            return Err(ReceiptError::Origin);
        }
        self.check()?;
        Ok(Note::sign(&self.to_string(), signer)?)
    }

    /// Reads a signed receipt and verifies the log's signature.
    pub fn open(signed: &str, verifier: &Verifier) -> Result<Self, ReceiptError> {
        let note = Note::parse(signed)?;
        let receipt = Self::from_text(note.verify(verifier)?)?;
        if receipt.origin != verifier.name() {
            return Err(ReceiptError::Origin);
        }
        Ok(receipt)
    }

    /// Reads a note text, which nobody need have signed.
    pub fn from_text(text: &str) -> Result<Self, ReceiptError> {
        let malformed = || ReceiptError::Malformed;
        let lines: Vec<_> = text
            .strip_suffix('\n')
            .ok_or_else(malformed)?
            .split('\n')
            .collect();
        let [KIND, origin, entry_id, leaf_hash, recorded_at, promised_by] = lines[..] else {
            return Err(malformed());
        };
        let receipt = Self {
            origin: origin.to_owned(),
            entry_id: entry_id.to_owned(),
            leaf_hash: Hash::from_base64(leaf_hash).map_err(|_| malformed())?,
            recorded_at: recorded_at.to_owned(),
            promised_by: promised_by.to_owned(),
        };
        receipt.check()?;
        Ok(receipt)
    }

    fn check(&self) -> Result<(), ReceiptError> {
        let lines = [
            &self.origin,
            &self.entry_id,
            &self.recorded_at,
            &self.promised_by,
        ];
        if lines
            .iter()
            .any(|line| line.is_empty() || line.contains('\n'))
        {
            return Err(ReceiptError::Malformed);
        }
        Ok(())
    }
}

impl fmt::Display for SignedReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{KIND}\n{}\n{}", self.origin, self.entry_id)?;
        writeln!(
            f,
            "{}\n{}\n{}",
            self.leaf_hash, self.recorded_at, self.promised_by
        )
    }
}
