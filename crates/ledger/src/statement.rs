//! A statement of completeness: how far a patient's chain had come in the tree of a checkpoint, signed by the log.
//!
//! The citizen keeps it. Whoever verifies the whole log later holds the log to it. Like a receipt it is a signed note whose first line is no origin.

use std::fmt;

use crate::chain::{Chain, ChainSalt};
use crate::hash::Hash;
use crate::key::{Signer, Verifier};
use crate::note::{Note, NoteError};

/// The first line.
const KIND: &str = "delt-patient-statement/v1";

/// Why a statement cannot be made, read or trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    #[error("not a statement: {0}")]
    Note(#[from] NoteError),
    #[error(
        "not a statement: its text is not kind, origin, size, root, patient key, salt, number and head"
    )]
    Malformed,
    #[error("the statement's origin is not the name of the key")]
    Origin,
}

/// What a statement says. Its `Display` is the note text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientStatement {
    /// Which log this is; the name of the key that signs it.
    pub origin: String,
    /// The checkpoint: every entry up to the chain's number is among its first `size` leaves.
    pub size: u64,
    pub root: Hash,
    /// Lower-case hexadecimal, as entries have it.
    pub patient: String,
    pub salt: ChainSalt,
    pub chain: Chain,
}

impl PatientStatement {
    /// The signed form.
    pub fn sign(&self, signer: &Signer) -> Result<Note, StatementError> {
        if self.origin != signer.name() {
            return Err(StatementError::Origin);
        }
        self.check()?;
        Ok(Note::sign(&self.to_string(), signer)?)
    }

    /// Reads a signed statement and verifies the log's signature.
    pub fn open(signed: &str, verifier: &Verifier) -> Result<Self, StatementError> {
        let note = Note::parse(signed)?;
        let statement = Self::from_text(note.verify(verifier)?)?;
        if statement.origin != verifier.name() {
            return Err(StatementError::Origin);
        }
        Ok(statement)
    }

    /// Reads a note text, which nobody need have signed.
    pub fn from_text(text: &str) -> Result<Self, StatementError> {
        let malformed = || StatementError::Malformed;
        let hash = |text: &str| Hash::from_base64(text).map_err(|_| malformed());
        let lines: Vec<_> = text
            .strip_suffix('\n')
            .ok_or_else(malformed)?
            .split('\n')
            .collect();
        let [KIND, origin, size, root, patient, salt, number, head] = lines[..] else {
            return Err(malformed());
        };
        let statement = Self {
            origin: origin.to_owned(),
            size: decimal(size)?,
            root: hash(root)?,
            patient: patient.to_owned(),
            salt: ChainSalt::from_base64(salt).map_err(|_| malformed())?,
            chain: Chain {
                number: decimal(number)?,
                head: hash(head)?,
            },
        };
        statement.check()?;
        Ok(statement)
    }

    fn check(&self) -> Result<(), StatementError> {
        let lines = [&self.origin, &self.patient];
        if lines
            .iter()
            .any(|line| line.is_empty() || line.contains('\n'))
        {
            return Err(StatementError::Malformed);
        }
        Ok(())
    }
}

/// A decimal number in its one spelling.
fn decimal(text: &str) -> Result<u64, StatementError> {
    let number: u64 = text.parse().map_err(|_| StatementError::Malformed)?;
    if number.to_string() == text {
        Ok(number)
    } else {
        Err(StatementError::Malformed)
    }
}

impl fmt::Display for PatientStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{KIND}\n{}\n{}\n{}", self.origin, self.size, self.root)?;
        writeln!(f, "{}\n{}", self.patient, self.salt.to_base64())?;
        writeln!(f, "{}\n{}", self.chain.number, self.chain.head)
    }
}
