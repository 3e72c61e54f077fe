//! Reading chains.

use delt_ledger::{
    Chain, ChainLink, Checkpoint, PatientStatement,
    merkle::{prove_inclusion, tiles_for_inclusion},
};
use delt_policy::PatientKey;
use uuid::Uuid;

use super::{
    ChainEntry, ChainEntryKind, PatientChain, Place, Stated,
    rows::{self, Linked},
    token::Cursor,
};
use crate::{
    Error, Result,
    audit::{
        operations::visits::{Looked, since},
        sealer::load_tiles,
    },
    clock::{HOUR, Micros},
    operation::Context,
    store::Tx,
};

/// Before every entry.
pub(super) const BEGINNING: Place = Place {
    at: Micros::MIN,
    id: Uuid::nil(),
};

/// Entries that are looked at to find where the kept ones begin.
const OLDEST: i64 = 256;
/// Within this time of the oldest kept entry, numbers and times may be in another order, and older ones among them erased.
const RAGGED: Micros = HOUR;

/// How far a key's chain has come in a checkpoint: to before its first entry that still waits, and to its end where none does.
pub(super) async fn stated(
    tx: &mut Tx<'_>,
    key: &PatientKey,
    cx: &Context,
    checkpoint: &Checkpoint,
    note: &str,
) -> Result<PatientChain> {
    let salt = cx.keys.chain_salt(&cx.settings.log_origin, key);
    let begun = Chain::begin(&salt);
    let chain = match rows::before_queued(tx, key).await? {
        Some(chain) => chain,
        None => rows::chain(tx, key).await?.unwrap_or(begun),
    };
    let first = match cx.settings.retention {
        Some(retention) => {
            let expired = cx.now.saturating_sub(retention);
            first_kept(tx, key, chain, expired).await?
        }
        None => begun,
    };
    let statement = PatientStatement {
        origin: cx.settings.log_origin.clone(),
        size: checkpoint.size,
        root: checkpoint.root,
        patient: key.hex(),
        salt,
        chain,
    };
    Ok(PatientChain {
        patient_key: key.hex(),
        stated: Some(Stated {
            statement,
            checkpoint: note.to_owned(),
            first_number: first.number,
            first_previous: first.head,
        }),
        entries: Vec::new(),
    })
}

/// The chain before the first entry from which on all are kept. Erasing goes by time, so that at its edge single numbers may be gone, and behind one that is
/// kept longer, as evidence of a case; a number that is missing later than that is no erased one.
async fn first_kept(
    tx: &mut Tx<'_>,
    key: &PatientKey,
    stated: Chain,
    expired: Micros,
) -> Result<Chain> {
    let mut oldest = rows::after(tx, key, BEGINNING, OLDEST).await?;
    let edge = oldest
        .first()
        .map(|linked| linked.place.at.saturating_add(RAGGED));
    let mut links: Vec<_> = oldest
        .drain(..)
        .filter_map(|linked| Some((linked.place.at, linked.entry.patient_chain?)))
        .filter(|(_, link)| link.number <= stated.number)
        .collect();
    links.sort_by_key(|(_, link)| link.number);
    let first = edge.and_then(|edge| after_erased(&links, edge, expired));
    Ok(first.map_or(stated, |link| Chain {
        number: link.number.saturating_sub(1),
        head: link.previous,
    }))
}

/// The last of these, which are sorted by number, before which numbers are missing that may have been erased.
fn after_erased(links: &[(Micros, ChainLink)], edge: Micros, expired: Micros) -> Option<ChainLink> {
    let (mut first, mut expected, mut before) = (None, 0, Micros::MIN);
    for (at, link) in links {
        let is_at_edge = *at < edge && before < edge;
        if link.number != expected && (is_at_edge || before < expired) {
            first = Some(*link);
        }
        (expected, before) = (link.number.saturating_add(1), *at);
    }
    first
}

/// Adds the next entries to the chains, and tells where the next page begins.
pub(super) async fn fill(
    tx: &mut Tx<'_>,
    keys: &[PatientKey],
    cx: &Context,
    mut cursor: Cursor,
    size: usize,
    chains: &mut Vec<PatientChain>,
) -> Result<Option<Cursor>> {
    let mut room = size.max(1);
    while let (Some(key), Some(last)) = (keys.get(cursor.at), cursor.lasts.get(cursor.at)) {
        let limit = i64::try_from(room).map_err(Error::internal)?;
        let step = rows::after(tx, key, cursor.after, limit).await?;
        let end = step.len() < room;
        room = room.saturating_sub(step.len());
        if let Some(last) = step.last() {
            cursor.after = last.place;
        }
        let entries = listed(tx, key, cx, cursor.size, *last, step).await?;
        put(chains, key.hex(), entries);
        if end {
            cursor.at += 1;
            cursor.after = BEGINNING;
        }
        if room == 0 {
            return Ok(Some(cursor));
        }
    }
    Ok(None)
}

fn put(chains: &mut Vec<PatientChain>, patient_key: String, entries: Vec<ChainEntry>) {
    if let Some(chain) = chains.iter_mut().find(|c| c.patient_key == patient_key) {
        chain.entries.extend(entries);
    } else if !entries.is_empty() {
        chains.push(PatientChain {
            patient_key,
            stated: None,
            entries,
        });
    }
}

/// Those of the entries that the statement is about, with their proofs. An entry that was given to another patient, or that lost its place, is not listed: its
/// number is missing then, and that shows.
async fn listed(
    tx: &mut Tx<'_>,
    key: &PatientKey,
    cx: &Context,
    size: u64,
    last: u64,
    step: Vec<Linked>,
) -> Result<Vec<ChainEntry>> {
    let mut entries = Vec::new();
    for linked in step {
        let number = linked.entry.patient_chain.map_or(0, |link| link.number);
        let index = linked.leaf_index.filter(|index| *index < size);
        let own = linked.entry.patient.as_ref() == Some(&key.hex());
        let (Some(leaf_index), true) = (index, own && (1..=last).contains(&number)) else {
            continue;
        };
        let needed = tiles_for_inclusion(leaf_index, size).map_err(Error::internal)?;
        let tiles = load_tiles(tx, &needed).await?;
        entries.push(ChainEntry {
            number,
            leaf_hash: linked.leaf,
            leaf_index,
            inclusion: prove_inclusion(&tiles, leaf_index, size).map_err(Error::internal)?,
            kind: kind(&linked, cx),
            recorded_at: linked.place.at,
        });
    }
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

fn kind(linked: &Linked, cx: &Context) -> ChainEntryKind {
    if since(cx).is_some_and(|since| linked.place.at < since) {
        ChainEntryKind::Older
    } else {
        ChainEntryKind::Within(Looked::of(&linked.entry, &cx.patient_keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(entries: &[(Micros, u64)], expired: Micros) -> Option<u64> {
        let link = |number| ChainLink {
            number,
            previous: delt_ledger::Hash::from_bytes([0; 32]),
        };
        let links: Vec<_> = entries
            .iter()
            .map(|(at, n)| (at * HOUR, link(*n)))
            .collect();
        let edge = links[0].0 + RAGGED;
        after_erased(&links, edge, expired * HOUR).map(|link| link.number)
    }

    #[test]
    fn the_list_begins_behind_what_was_erased() {
        assert_eq!(first(&[(9, 1), (10, 2), (11, 3)], 0), Some(1));
        assert_eq!(first(&[(9, 5), (9, 7), (11, 8)], 0), Some(7));
        assert_eq!(first(&[(9, 5), (11, 7)], 8), Some(5), "6 was taken out");
    }

    /// Evidence of an open case outlives its time, and what was erased behind it must not look as if it had been taken out.
    #[test]
    fn evidence_that_is_kept_longer_accuses_nobody() {
        assert_eq!(first(&[(9, 3), (50, 51), (60, 52)], 40), Some(51));
        assert_eq!(first(&[(9, 3), (12, 9), (50, 51), (60, 52)], 40), Some(51));
        assert_eq!(
            first(&[(9, 3), (50, 51), (60, 53)], 40),
            Some(51),
            "52 was taken out"
        );
    }
}
