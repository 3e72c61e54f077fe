//! What a witness is asked, and what it decides (C2SP tlog-witness, `add-checkpoint`). Pure: it remembers and signs nothing itself.

use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::key::Verifier;
use crate::merkle::{empty_root, verify_consistency};
use crate::note::{Note, NoteError};

/// Most lines of a consistency proof in a request.
pub const MAX_REQUEST_PROOF: usize = 63;

/// Largest request, in bytes. A checkpoint of the longest origin with sixteen post-quantum signatures fits.
pub const MAX_REQUEST_BYTES: usize = 128 * 1024;

/// A body that is no request of this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not an add-checkpoint request: an old size line, up to {MAX_REQUEST_PROOF} hashes, an empty line and a signed checkpoint"
)]
pub struct RequestError;

/// The request. Its `Display` is the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the newest checkpoint that the witness has cosigned, as the asking side believes.
    pub old_size: u64,
    /// From there to the checkpoint (RFC 6962 §2.1.2).
    pub proof: Vec<Hash>,
    /// The signed checkpoint, with its signatures.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, RequestError> {
        if body.len() > MAX_REQUEST_BYTES {
            return Err(RequestError);
        }
        let body = std::str::from_utf8(body).map_err(|_| RequestError)?;
        let (head, note) = body.split_once("\n\n").ok_or(RequestError)?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(old_size).ok_or(RequestError)?;
        let proof: Vec<Hash> = lines
            .take(MAX_REQUEST_PROOF + 1)
            .map(Hash::from_base64)
            .collect::<Result<_, _>>()
            .map_err(|_| RequestError)?;
        if proof.len() > MAX_REQUEST_PROOF {
            return Err(RequestError);
        }
        let checkpoint = Note::parse(note).map_err(|_| RequestError)?;
        Ok(Self {
            old_size,
            proof,
            checkpoint,
        })
    }
}

/// `old`, one space, a decimal number in its one spelling.
fn old_size(line: &str) -> Option<u64> {
    let digits = line.strip_prefix("old ")?;
    let size: u64 = digits.parse().ok()?;
    (size.to_string() == digits).then_some(size)
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// What a witness does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Remember this checkpoint durably, and only then cosign it.
    Cosign(Checkpoint),
    /// The asking side believes in another size than what is remembered: tell it.
    Conflict {
        size: u64,
        evidence: Option<Evidence>,
    },
    Refuse {
        refusal: Refusal,
        evidence: Option<Evidence>,
    },
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("not an add-checkpoint request")]
    Malformed,
    #[error("no log of this origin is witnessed here")]
    UnknownLog,
    #[error("no signature of a key that is trusted for this log")]
    NotSigned,
    #[error("the old size is above the size of the checkpoint")]
    OldSizeAbove,
    #[error("a tree without leaves has another root hash")]
    NotEmpty,
    #[error("from old size zero there is nothing to prove")]
    ProofNotEmpty,
    #[error("the consistency proof does not lead from the remembered root to this one")]
    ProofRejected,
    #[error("another root hash is remembered for this size")]
    RootDiffers,
}

impl Refusal {
    /// The status of HTTP that the specification names.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::OldSizeAbove => 400,
            Self::UnknownLog => 404,
            Self::NotSigned => 403,
            Self::NotEmpty | Self::ProofNotEmpty | Self::ProofRejected | Self::RootDiffers => 422,
        }
    }

    /// A stable name for logs and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownLog => "unknown_log",
            Self::NotSigned => "not_signed",
            Self::OldSizeAbove => "old_size_above",
            Self::NotEmpty => "not_empty",
            Self::ProofNotEmpty => "proof_not_empty",
            Self::ProofRejected => "proof_rejected",
            Self::RootDiffers => "root_differs",
        }
    }
}

/// What a refused checkpoint, which the log did sign, shows about the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// Two roots of one size, both signed by the log: it forked, whoever sent them.
    Fork,
    /// Two signed checkpoints, and nobody showed that one extends the other. No proof by itself:
    /// whoever sees a checkpoint can send it with a proof that is none.
    Unproved,
}

impl Evidence {
    /// A stable name for files, logs and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Unproved => "unproved",
        }
    }
}

/// Decides about a request (tlog-witness, "add-checkpoint").
///
/// `keys` are those that are trusted for the log of the checkpoint's origin, none where it is unknown; `remembered` is the newest checkpoint of that log that
/// this witness cosigned. The caller must hold both still until it has remembered the checkpoint of [`Verdict::Cosign`].
pub fn decide(
    request: &AddCheckpoint,
    keys: &[Verifier],
    remembered: Option<&Checkpoint>,
) -> Verdict {
    let new = match read(request, keys) {
        Ok(checkpoint) => checkpoint,
        Err(refusal) => return refuse(refusal),
    };
    if request.old_size > new.size {
        return refuse(Refusal::OldSizeAbove);
    }
    let size = remembered.map_or(0, |old| old.size);
    let forked = remembered.is_some_and(|old| old.size == new.size && old.root != new.root);
    if request.old_size != size {
        let evidence = forked.then_some(Evidence::Fork);
        return Verdict::Conflict { size, evidence };
    }
    if new.size == 0 && new.root != empty_root() {
        return refuse(Refusal::NotEmpty);
    }
    if forked {
        return Verdict::Refuse {
            refusal: Refusal::RootDiffers,
            evidence: Some(Evidence::Fork),
        };
    }
    prove(request, new, remembered)
}

fn prove(request: &AddCheckpoint, new: Checkpoint, remembered: Option<&Checkpoint>) -> Verdict {
    let old_root = remembered.map_or_else(empty_root, |old| old.root);
    let (old, proof) = (request.old_size, &request.proof);
    if old == 0 && !proof.is_empty() {
        return refuse(Refusal::ProofNotEmpty);
    }
    if verify_consistency(old, &old_root, new.size, &new.root, proof).is_err() {
        return Verdict::Refuse {
            refusal: Refusal::ProofRejected,
            evidence: (old < new.size).then_some(Evidence::Unproved),
        };
    }
    Verdict::Cosign(new)
}

fn refuse(refusal: Refusal) -> Verdict {
    Verdict::Refuse {
        refusal,
        evidence: None,
    }
}

/// The checkpoint, if a trusted key signed it. Signatures of other keys are ignored, one of a trusted key that does not hold refuses.
fn read(request: &AddCheckpoint, keys: &[Verifier]) -> Result<Checkpoint, Refusal> {
    let note = &request.checkpoint;
    let checkpoint = Checkpoint::from_text(note.text()).map_err(|_| Refusal::Malformed)?;
    if keys.is_empty() {
        return Err(Refusal::UnknownLog);
    }
    let mut signed = false;
    for key in keys {
        match note.verify(key) {
            Ok(_) => signed = true,
            Err(NoteError::NotSigned) => {}
            Err(_) => return Err(Refusal::NotSigned),
        }
    }
    if signed {
        return Ok(checkpoint);
    }
    Err(Refusal::NotSigned)
}

#[cfg(test)]
#[path = "witness_tests.rs"]
mod tests;
