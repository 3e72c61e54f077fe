//! What a policy makes of a signed checkpoint.

use super::WitnessPolicy;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature::CosignatureError;
use crate::key::Verifier;
use crate::note::{Note, NoteError};

/// A cosignature that verifies, by a witness of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// What the policy calls the witness.
    pub witness: String,
    /// POSIX seconds, by the witness's own clock.
    pub time: u64,
}

/// A checkpoint that the policy holds for valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    pub checkpoint: Checkpoint,
    /// In the order of the policy.
    pub cosigned: Vec<Cosigned>,
}

/// Why a policy does not accept a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("the checkpoint is signed by none of the policy's logs")]
    NoLog,
    #[error("the cosignature in the name of witness {witness} does not hold: {reason}")]
    BadCosignature {
        witness: String,
        reason: CosignatureError,
    },
    #[error("the policy's quorum is not reached: cosigned by {}", listed(cosigned))]
    NoQuorum {
        /// Those whose cosignatures hold, by the policy's names.
        cosigned: Vec<String>,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "none of its witnesses".to_owned();
    }
    names.join(", ")
}

impl WitnessPolicy {
    /// Opens a checkpoint that is signed by one of the policy's logs and cosigned by its quorum.
    pub fn open(&self, signed: &str) -> Result<Witnessed, PolicyRefusal> {
        let note = Note::parse(signed).map_err(CheckpointError::from)?;
        let checkpoint = self.log_signed(signed, &note)?;
        let cosigned = self.satisfied(&note)?;
        Ok(Witnessed {
            checkpoint,
            cosigned,
        })
    }

    /// The same where the log is known from elsewhere, and the policy may name none. Where it names some, this must be one of them.
    pub fn open_of(&self, log: &Verifier, signed: &str) -> Result<Witnessed, PolicyRefusal> {
        if !self.logs.is_empty() && self.logs.iter().all(|known| known.verifier != *log) {
            return Err(PolicyRefusal::NoLog);
        }
        let checkpoint = Checkpoint::open(signed, log)?;
        let note = Note::parse(signed).map_err(CheckpointError::from)?;
        let cosigned = self.satisfied(&note)?;
        Ok(Witnessed {
            checkpoint,
            cosigned,
        })
    }

    /// The cosignatures that hold, where they reach the quorum. It does not look at the log's own signature.
    ///
    /// A signature line in the name of a witness of the policy that does not verify refuses the note (signed-note, "Signatures").
    pub fn satisfied(&self, note: &Note) -> Result<Vec<Cosigned>, PolicyRefusal> {
        let times = self.times(note)?;
        let cosigned = |at: usize| times.get(at).is_some_and(Option::is_some);
        let found: Vec<Cosigned> = self
            .witnesses
            .iter()
            .zip(&times)
            .filter_map(|(witness, time)| {
                time.map(|time| Cosigned {
                    witness: witness.name.clone(),
                    time,
                })
            })
            .collect();
        if self.is_reached(cosigned) {
            return Ok(found);
        }
        Err(PolicyRefusal::NoQuorum {
            cosigned: found.into_iter().map(|one| one.witness).collect(),
        })
    }

    /// When each witness cosigned, by its place.
    fn times(&self, note: &Note) -> Result<Vec<Option<u64>>, PolicyRefusal> {
        let time = |witness: &super::PolicyWitness| match witness.verifier.verify(note) {
            Ok(time) => Ok(Some(time)),
            Err(CosignatureError::NotCosigned) => Ok(None),
            Err(reason) => Err(PolicyRefusal::BadCosignature {
                witness: witness.name.clone(),
                reason,
            }),
        };
        self.witnesses.iter().map(time).collect()
    }

    fn log_signed(&self, signed: &str, note: &Note) -> Result<Checkpoint, PolicyRefusal> {
        for log in &self.logs {
            match note.verify(&log.verifier) {
                Err(NoteError::NotSigned) => {}
                _ => return Ok(Checkpoint::open(signed, &log.verifier)?),
            }
        }
        Err(PolicyRefusal::NoLog)
    }
}
