//! One question to one witness: what it is sent, and what its answer means.

use std::sync::Arc;

use delt_ledger::{
    CosignatureVerifier, Note, NoteSignature, PolicyWitness, witness::AddCheckpoint,
};

use super::{WITNESS_DEADLINE_MS, WitnessAnswer, WitnessFault, Witnesses};
use crate::{Error, Hub, Result, audit::log_rows::CheckpointRow};

/// Why a witness has not cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// The policy does not say where it is.
    NoUrl,
    Fault(WitnessFault),
    /// Any status but 200 and 409, or 409 again.
    Refused(u16),
    /// It says yes, and sends no cosignature that holds.
    NotCosigned,
    /// It has cosigned a larger tree of this log than there is here.
    Ahead,
    /// Nothing could be asked: the store did not answer.
    Store,
}

impl Problem {
    /// A stable name.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::NoUrl => "no_url",
            Self::Fault(WitnessFault::Unreachable) => "unreachable",
            Self::Fault(WitnessFault::TimedOut) => "timed_out",
            Self::Fault(WitnessFault::Unreadable) => "unreadable",
            Self::Refused(400) => "refused_malformed",
            Self::Refused(403) => "refused_signature",
            Self::Refused(404) => "refused_unknown_log",
            Self::Refused(409) => "refused_conflict",
            Self::Refused(422) => "refused_inconsistent",
            Self::Refused(_) => "refused",
            Self::NotCosigned => "not_cosigned",
            Self::Ahead => "ahead",
            Self::Store => "store_unavailable",
        }
    }

    /// Whether it means that the log is not what the witness has seen before, rather than that something is out of order.
    pub(super) const fn is_about_the_log(self) -> bool {
        matches!(self, Self::Ahead | Self::Refused(422))
    }
}

/// Asks a witness that is believed to have cosigned `old` leaves about a checkpoint; told another size, asks once more from there.
pub(super) async fn ask(
    hub: &Hub,
    client: &Arc<dyn Witnesses>,
    witness: &PolicyWitness,
    old: u64,
    target: &CheckpointRow,
) -> std::result::Result<NoteSignature, Problem> {
    let note = Note::parse(&target.note).map_err(|_| Problem::Store)?;
    let first = send(hub, client, witness, old.min(target.size), target, &note).await?;
    let answer = match first {
        WitnessAnswer::Conflict(size) if size > target.size => return Err(beyond(hub, size).await),
        WitnessAnswer::Conflict(size) => send(hub, client, witness, size, target, &note).await?,
        other => other,
    };
    match answer {
        WitnessAnswer::Cosigned(lines) => {
            verified(&lines, &note, &witness.verifier).ok_or(Problem::NotCosigned)
        }
        WitnessAnswer::Conflict(_) => Err(Problem::Refused(409)),
        WitnessAnswer::Refused(status) => Err(Problem::Refused(status)),
    }
}

async fn send(
    hub: &Hub,
    client: &Arc<dyn Witnesses>,
    witness: &PolicyWitness,
    old: u64,
    target: &CheckpointRow,
    note: &Note,
) -> std::result::Result<WitnessAnswer, Problem> {
    let url = witness.url.as_deref().ok_or(Problem::NoUrl)?;
    let body = question(hub, old, target.size, note).await;
    let body = body.map_err(|_| Problem::Store)?;
    let deadline = std::time::Duration::from_millis(WITNESS_DEADLINE_MS);
    tokio::time::timeout(deadline, client.add_checkpoint(url, body))
        .await
        .map_err(|_| Problem::Fault(WitnessFault::TimedOut))?
        .map_err(Problem::Fault)
}

async fn question(hub: &Hub, old_size: u64, size: u64, note: &Note) -> Result<String> {
    let proof = hub.consistency_proof(old_size, size).await?;
    let request = AddCheckpoint {
        old_size,
        proof,
        checkpoint: note.clone(),
    };
    Ok(request.to_string())
}

/// What it means that a witness has cosigned more than the checkpoint it was asked about.
async fn beyond(hub: &Hub, size: u64) -> Problem {
    match hub.checkpoint().await {
        Ok(newest) if newest.tree_size < size => Problem::Ahead,
        Ok(_) => Problem::Refused(409),
        Err(Error { .. }) => Problem::Store,
    }
}

/// The witness's own line among those it sent. Lines of keys that are not its own are ignored.
fn verified(lines: &str, note: &Note, verifier: &CosignatureVerifier) -> Option<NoteSignature> {
    lines
        .lines()
        .take(delt_ledger::MAX_NOTE_SIGNATURES)
        .filter_map(|line| NoteSignature::parse(line).ok())
        .find(|line| verifier.verify_line(note.text(), line).is_ok())
}
