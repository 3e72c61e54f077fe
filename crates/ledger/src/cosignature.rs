//! Cosignatures: a witness's word that it saw a log grow up to a checkpoint, and when (C2SP tlog-cosignature, Ed25519).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::Checkpoint;
use crate::key::{KeyError, Signer, ed25519_accepts, key_id, read_vkey, write_vkey};
use crate::note::{Note, NoteSignature};

/// The signature type of timestamped Ed25519 cosignatures in C2SP signed-note.
const COSIGNATURE_TYPE: u8 = 0x04;

/// The header line: separates these signatures from those of logs.
const HEADER: &str = "cosignature/v1";

/// Why a cosignature cannot be made or trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    #[error("only a checkpoint can be cosigned")]
    NotCheckpoint,
    #[error("the time of a cosignature must lie after 1970 and be a number of seconds below 2^63")]
    Time,
    #[error("the checkpoint is not cosigned by the expected witness")]
    NotCosigned,
    #[error("the expected witness's cosignature does not match the checkpoint")]
    BadCosignature,
}

/// The private half of a witness: cosigns checkpoints, and nothing else.
pub struct Cosigner {
    verifier: CosignatureVerifier,
    signer: Signer,
}

impl Cosigner {
    /// `seed` is an Ed25519 private key (RFC 8032) that is used for nothing else; `name` a schema-less URL such as
    /// `witness.region.example`.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let signer = Signer::from_seed(name, seed)?;
        let verifier = CosignatureVerifier::new(name, *signer.verifier().public_key());
        Ok(Self { verifier, signer })
    }

    /// The public half, to hand to whoever verifies.
    pub fn verifier(&self) -> &CosignatureVerifier {
        &self.verifier
    }

    /// The signature line over a checkpoint's text at `time` (POSIX seconds). It checks the form only: that the checkpoint is consistent with what the witness
    /// has seen is decided before, by [`crate::witness::decide`].
    pub fn cosign(&self, checkpoint: &str, time: u64) -> Result<NoteSignature, CosignatureError> {
        Checkpoint::from_text(checkpoint).map_err(|_| CosignatureError::NotCheckpoint)?;
        if time == 0 || i64::try_from(time).is_err() {
            return Err(CosignatureError::Time);
        }
        let mut signature = time.to_be_bytes().to_vec();
        signature.extend(self.signer.sign(message(time, checkpoint).as_bytes()));
        self.verifier.line(&signature)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({})", self.verifier)
    }
}

/// The public half of a witness. Its `Display` is the vkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CosignatureVerifier {
    name: String,
    key_id: [u8; 4],
    public: [u8; 32],
}

impl CosignatureVerifier {
    fn new(name: &str, public: [u8; 32]) -> Self {
        Self {
            name: name.to_owned(),
            key_id: key_id(name, COSIGNATURE_TYPE, &public),
            public,
        }
    }

    /// Reads a vkey: `name+hex(key id)+base64(0x04, public key)`.
    pub fn from_vkey(vkey: &str) -> Result<Self, KeyError> {
        let (name, public) = read_vkey(vkey, COSIGNATURE_TYPE)?;
        Ok(Self::new(name, public))
    }

    /// A signature line in this witness's name.
    fn line(&self, signature: &[u8]) -> Result<NoteSignature, CosignatureError> {
        let bytes = STANDARD.encode([&self.key_id, signature].concat());
        NoteSignature::parse(&format!("\u{2014} {} {bytes}", self.name))
            .map_err(|_| CosignatureError::NotCheckpoint)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn key_id(&self) -> [u8; 4] {
        self.key_id
    }

    pub fn public_key(&self) -> &[u8; 32] {
        &self.public
    }

    /// Whether this line claims to be by this witness. It says nothing about the signature.
    pub fn is_named_by(&self, line: &NoteSignature) -> bool {
        line.name() == self.name && line.key_id() == self.key_id
    }

    /// The time (POSIX seconds) at which this witness cosigned the note's text. Where it did more than once, the newest.
    ///
    /// Lines by others are ignored; one by this witness that does not match refuses the note (signed-note, "Signatures").
    pub fn verify(&self, note: &Note) -> Result<u64, CosignatureError> {
        let own = note.signatures().iter().filter(|l| self.is_named_by(l));
        let mut newest = Err(CosignatureError::NotCosigned);
        for line in own {
            let time = self.verify_line(note.text(), line)?;
            newest = Ok(newest.unwrap_or(0).max(time));
        }
        newest
    }

    /// The same for one line.
    pub fn verify_line(&self, text: &str, line: &NoteSignature) -> Result<u64, CosignatureError> {
        if !self.is_named_by(line) {
            return Err(CosignatureError::NotCosigned);
        }
        Checkpoint::from_text(text).map_err(|_| CosignatureError::NotCheckpoint)?;
        let (time, signature) = line
            .signature()
            .split_first_chunk::<8>()
            .ok_or(CosignatureError::BadCosignature)?;
        let time = u64::from_be_bytes(*time);
        if time == 0 || i64::try_from(time).is_err() {
            return Err(CosignatureError::Time);
        }
        if ed25519_accepts(&self.public, message(time, text).as_bytes(), signature) {
            return Ok(time);
        }
        Err(CosignatureError::BadCosignature)
    }
}

impl fmt::Display for CosignatureVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_vkey(f, &self.name, COSIGNATURE_TYPE, &self.public)
    }
}

/// What is signed (tlog-cosignature, "Ed25519 signed message").
fn message(time: u64, checkpoint: &str) -> String {
    format!("{HEADER}\ntime {time}\n{checkpoint}")
}

#[cfg(test)]
#[path = "cosignature_tests.rs"]
mod tests;
