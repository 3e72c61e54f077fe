//! The log as lines that verify without the hub.

use std::collections::BTreeSet;

use delt_ledger::{
    Note,
    export::{Content, Header, Line},
    merkle::{prove_inclusion, tiles_for_inclusion},
};
use delt_policy::{Action, Scope};

use super::{
    filter::{EntryFilter, may_follow_up},
    gather::Leaves,
};
use crate::{
    Error, Hub, Result,
    audit::{
        entry_rows::{self, KeptEntry},
        log_rows,
        sealer::load_tiles,
    },
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Leaves that are read and proved at a time: one full tile.
const STEP: u64 = 256;

/// The log up to its newest checkpoint: all of it, or what matches.
#[derive(Debug, Clone)]
pub struct ExportEntries {
    pub filter: EntryFilter,
}

/// An export that may begin. Its lines are read step by step, so that a large log needs little memory.
#[derive(Debug)]
pub struct Export {
    cx: Context,
    filter: EntryFilter,
    complete: bool,
    checkpoint: Note,
    size: u64,
    leaves: Leaves,
    begun: bool,
}

impl Sealed for ExportEntries {}

impl Operation for ExportEntries {
    type Outcome = Export;
    const ACTION: Action = Action::ExportAuditEntries;
    const EFFECT: Effect = Effect::Reads;
    const ON_STANDBY: bool = true;

    fn subject(&self) -> Subject {
        Subject {
            patient: self.filter.patient.clone(),
            filters: self.filter.named(),
            ..Subject::default()
        }
    }

    async fn run(&self, _scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Export>> {
        let newest = log_rows::newest_checkpoint(tx)
            .await?
            .ok_or(Error::new(code::NOT_FOUND))?;
        let checkpoint = Note::parse(&newest.note).map_err(Error::internal)?;
        let complete = self.filter.is_all() && super::filter::follows_up_everything(cx);
        Ok(Found::new(Export {
            cx: cx.clone(),
            filter: self.filter.clone(),
            complete,
            checkpoint,
            size: newest.size,
            leaves: if complete {
                Leaves::Every(0)
            } else {
                Leaves::Unsought
            },
            begun: false,
        }))
    }
}

impl Export {
    /// The next lines of NDJSON: empty while the entries are being sought, none at the end.
    pub async fn lines(&mut self, hub: &Hub) -> Result<Option<String>> {
        if !self.begun {
            self.begun = true;
            let header = Header {
                checkpoint: self.checkpoint.clone(),
                complete: self.complete,
                // Who has the whole log has every patient's entries anyway; who has a part of it must not learn whose the other leaves are.
                chain_key: self
                    .complete
                    .then(|| self.cx.keys.chain_key(&self.cx.settings.log_origin)),
            };
            return header
                .to_line()
                .map(|line| Some(line + "\n"))
                .map_err(Error::internal);
        }
        let mut tx = hub.shared.store.snapshot().await?;
        let leaves = self
            .leaves
            .next(&mut tx, &self.filter, &self.cx, self.size, STEP);
        match leaves.await? {
            Some(leaves) => self.step(&mut tx, &leaves).await.map(Some),
            None => Ok(None),
        }
    }

    async fn step(&self, tx: &mut Tx<'_>, leaves: &[u64]) -> Result<String> {
        let entries = entry_rows::by_leaves(tx, leaves).await?;
        let mut chosen = Vec::new();
        for kept in entries {
            if self.includes(&kept)? {
                chosen.push(kept);
            }
        }
        let mut needed = BTreeSet::new();
        for index in chosen.iter().filter_map(|kept| kept.leaf_index) {
            needed.extend(tiles_for_inclusion(index, self.size).map_err(Error::internal)?);
        }
        let tiles = load_tiles(tx, &needed.into_iter().collect::<Vec<_>>()).await?;
        let mut lines = String::new();
        for kept in chosen {
            let index = kept
                .leaf_index
                .ok_or_else(|| Error::internal("a leaf without a place"))?;
            let proof = prove_inclusion(&tiles, index, self.size).map_err(Error::internal)?;
            let line = Line {
                index,
                content: content(kept),
                proof,
            };
            lines.push_str(&line.to_line().map_err(Error::internal)?);
            lines.push('\n');
        }
        Ok(lines)
    }

    /// Every leaf in a complete export, expired ones too; otherwise what matches and may be followed up.
    fn includes(&self, kept: &KeptEntry) -> Result<bool> {
        if self.complete {
            return Ok(true);
        }
        let tree = self.cx.directory.tree();
        let numbers = &self.cx.patient_keys;
        Ok(kept.entry()?.is_some_and(|entry| {
            (numbers.is_empty() || numbers.iter().any(|key| entry.patient == Some(key.hex())))
                && self.filter.from.is_none_or(|from| kept.recorded_at >= from)
                && self.filter.to.is_none_or(|to| kept.recorded_at < to)
                && self.filter.matches(&entry, &tree)
                && may_follow_up(&entry, &self.cx)
        }))
    }
}

fn content(kept: KeptEntry) -> Content {
    match (kept.salt, kept.payload) {
        (Some(salt), Some(json)) => Content::Entry { salt, json },
        _ => Content::Erased(kept.commitment),
    }
}
