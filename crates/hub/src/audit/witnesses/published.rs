//! The newest checkpoint that the policy is content with, and how the witnesses are doing.

use delt_ledger::{Note, NoteSignature, WitnessPolicy};

use super::{WitnessState, Witnessing, rows, rows::CosignedRow};
use crate::{
    Hub, Result,
    audit::{PublishedCheckpoint, log_rows},
    clock::Micros,
    store::Tx,
};

impl Hub {
    /// The newest checkpoint that the witness policy is content with, with its cosignatures; the newest one where no policy is set.
    /// None where there is none yet.
    pub async fn published_checkpoint(&self) -> Result<Option<PublishedCheckpoint>> {
        let mut tx = self.shared.store.snapshot().await?;
        published(&mut tx, self.shared.settings.witnesses.as_ref()).await
    }

    /// The newest checkpoint, with the cosignatures that it has so far.
    pub async fn newest_checkpoint(&self) -> Result<Option<PublishedCheckpoint>> {
        let mut tx = self.shared.store.snapshot().await?;
        let policy = self.shared.settings.witnesses.as_ref();
        let Some(newest) = log_rows::newest_checkpoint(&mut tx).await? else {
            return Ok(None);
        };
        let cosigned = rows::cosigned(&mut tx).await?;
        let lines = cosigned.first().filter(|row| row.size == newest.size);
        let note = match (lines, policy) {
            (Some(row), Some(policy)) => merged(row, policy).unwrap_or(newest.note),
            _ => newest.note,
        };
        Ok(Some(PublishedCheckpoint {
            note,
            tree_size: newest.size,
            signed_at: newest.signed_at,
        }))
    }

    /// How the witnessing of the log is doing. Names, keys and sizes: nothing that needs an identity to be seen.
    pub async fn witnessing(&self) -> Result<Witnessing> {
        let mut tx = self.shared.store.snapshot().await?;
        let policy = self.shared.settings.witnesses.as_ref();
        let newest = log_rows::newest_checkpoint(&mut tx).await?;
        let published = published(&mut tx, policy).await?.map(|one| one.tree_size);
        let since = rows::waiting_since(&mut tx, published.unwrap_or(0)).await?;
        Ok(Witnessing {
            policy: policy.map(ToString::to_string),
            witnesses: match policy {
                Some(policy) => states(&mut tx, policy, self.shared.clock.now()).await?,
                None => Vec::new(),
            },
            tree_size: newest.map_or(0, |newest| newest.size),
            published_size: published,
            lag: since.map_or(0, |since| (self.shared.clock.now() - since).max(0)),
        })
    }
}

async fn published(
    tx: &mut Tx<'_>,
    policy: Option<&WitnessPolicy>,
) -> Result<Option<PublishedCheckpoint>> {
    let Some(policy) = policy.filter(|policy| policy.needs_witnesses()) else {
        let newest = log_rows::newest_checkpoint(tx).await?;
        return Ok(newest.map(|row| PublishedCheckpoint {
            note: row.note,
            tree_size: row.size,
            signed_at: row.signed_at,
        }));
    };
    let rows = rows::cosigned(tx).await?;
    Ok(
        newest_published(&rows, policy).map(|(row, note)| PublishedCheckpoint {
            note,
            tree_size: row.size,
            signed_at: row.signed_at,
        }),
    )
}

/// The first of these, which are newest first, that the policy is content with. What is stored is verified anew: it is what others will verify.
pub(super) fn newest_published<'a>(
    rows: &'a [CosignedRow],
    policy: &WitnessPolicy,
) -> Option<(&'a CosignedRow, String)> {
    rows.iter().find_map(|row| {
        let note = merged(row, policy)?;
        let parsed = Note::parse(&note).ok()?;
        policy.satisfied(&parsed).ok()?;
        Some((row, note))
    })
}

/// The checkpoint with the cosignatures of witnesses that the policy knows.
fn merged(row: &CosignedRow, policy: &WitnessPolicy) -> Option<String> {
    let mut note = Note::parse(&row.note).ok()?;
    for (_, line) in &row.lines {
        let line = NoteSignature::parse(line).ok()?;
        let known = |witness: &&delt_ledger::PolicyWitness| {
            witness.verifier.verify_line(note.text(), &line).is_ok()
        };
        if policy.witnesses().iter().any(|witness| known(&witness)) {
            note.add(line).ok()?;
        }
    }
    Some(note.to_string())
}

async fn states(tx: &mut Tx<'_>, policy: &WitnessPolicy, now: Micros) -> Result<Vec<WitnessState>> {
    let rows = rows::witnesses(tx).await?;
    let mut states = Vec::with_capacity(policy.witnesses().len());
    for witness in policy.witnesses() {
        let vkey = witness.verifier.to_string();
        let row = rows.iter().find(|row| row.vkey == vkey);
        let tree_size = row.map_or(0, |row| row.tree_size);
        let since = rows::waiting_since(tx, tree_size).await?;
        states.push(WitnessState {
            name: witness.name.clone(),
            verifier_key: vkey,
            tree_size,
            cosigned_at: row.and_then(|row| row.cosigned_at),
            lag: since.map_or(0, |since| (now - since).max(0)),
            problem: row.and_then(|row| row.problem.clone()),
        });
    }
    Ok(states)
}
