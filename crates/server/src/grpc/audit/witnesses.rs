//! Checkpoints with their cosignatures, and how the witnesses are doing. Hashes and names only, so anyone may ask.

use delt_hub::audit::{WitnessState, Witnessing};
use delt_hub::error::code;
use delt_hub::{Error, Hub, Result};
use delt_proto::audit::v1;

use super::super::wire;

/// The newest checkpoint, and the newest that the witness policy is content with.
pub(super) async fn checkpoint(hub: &Hub) -> Result<v1::GetCheckpointResponse> {
    let newest = hub.newest_checkpoint().await?;
    let newest = newest.ok_or(Error::new(code::NOT_FOUND))?;
    let published = hub.published_checkpoint().await?;
    Ok(v1::GetCheckpointResponse {
        checkpoint: newest.note,
        verifier_key: hub.log_verifier_key(),
        cosigned_checkpoint: published.map(|one| one.note).unwrap_or_default(),
    })
}

pub(super) fn written(witnessing: Witnessing) -> v1::ListWitnessesResponse {
    v1::ListWitnessesResponse {
        witnesses: witnessing.witnesses.into_iter().map(witness).collect(),
        policy: witnessing.policy.unwrap_or_default(),
        tree_size: witnessing.tree_size,
        cosigned_tree_size: witnessing.published_size.unwrap_or_default(),
    }
}

fn witness(state: WitnessState) -> v1::Witness {
    v1::Witness {
        name: state.name,
        verifier_key: state.verifier_key,
        tree_size: state.tree_size,
        cosigned_time: state.cosigned_at.map(wire::timestamp),
        problem: state.problem.unwrap_or_default(),
    }
}
