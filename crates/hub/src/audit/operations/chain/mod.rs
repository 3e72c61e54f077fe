//! What shows a citizen that nothing is missing from their list: the signed statement of the last number, and every entry by its number and hash.

mod read;
mod rows;
mod token;

use delt_formats::identifier::PersonNumber;
use delt_ledger::{Checkpoint, Hash, PatientStatement};
use delt_policy::{Action, PatientKey, Scope};

use super::visits::{Looked, Place};
use crate::{
    Error, Hub, Result,
    audit::log_rows,
    clock::Micros,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    page,
    store::Tx,
};
use token::Cursor;

/// Entries in a page at most: each may need tiles of its own.
const PAGE_MAX: usize = 200;

/// Every entry about a citizen, by its hash.
#[derive(Debug, Clone)]
pub struct ListChain {
    pub patient: PersonNumber,
    pub page_size: usize,
    pub page_token: String,
}

/// A page of a citizen's chains.
#[derive(Debug, Clone)]
pub struct ChainPage {
    pub chains: Vec<PatientChain>,
    pub next_page_token: String,
}

/// One of the citizen's keys.
#[derive(Debug, Clone)]
pub struct PatientChain {
    pub patient_key: String,
    /// On the first page.
    pub stated: Option<Stated>,
    pub entries: Vec<ChainEntry>,
}

/// How far a chain has come in a checkpoint. Only this crate makes one, so what is signed is what was read.
#[derive(Debug, Clone)]
pub struct Stated {
    statement: PatientStatement,
    /// Signed note, with the cosignatures that it has so far.
    pub checkpoint: String,
    /// Up to this number entries are not listed, because they have been erased.
    pub first_number: u64,
    /// The head at that number.
    pub first_previous: Hash,
}

impl Stated {
    /// The statement as the log signs it.
    pub fn sign(&self, hub: &Hub) -> Result<String> {
        let note = self.statement.sign(&hub.shared.signer);
        Ok(note.map_err(Error::internal)?.to_string())
    }
}

/// One entry, by its hash.
#[derive(Debug, Clone)]
pub struct ChainEntry {
    pub number: u64,
    pub leaf_hash: Hash,
    pub leaf_index: u64,
    pub inclusion: Vec<Hash>,
    pub kind: ChainEntryKind,
    pub recorded_at: Micros,
}

/// Why an entry is, or is not, among the visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainEntryKind {
    /// As it would be today.
    Within(Looked),
    /// Before the time from which visits are listed.
    Older,
}

impl Sealed for ListChain {}

impl Operation for ListChain {
    type Outcome = ChainPage;
    const ACTION: Action = Action::ListOwnAccesses;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<ChainPage>> {
        let keys = scope.patients();
        let query = query(keys);
        let (mut chains, cursor) = if self.page_token.is_empty() {
            begin(tx, keys, cx).await?
        } else {
            let bytes = page::cursor(&cx.keys, &query, &self.page_token)?;
            (Vec::new(), Cursor::from_bytes(&bytes, keys.len())?)
        };
        let size = self.page_size.min(PAGE_MAX);
        let next = read::fill(tx, keys, cx, cursor, size, &mut chains).await?;
        let next = next.map(|next| page::token(&cx.keys, &query, &next.to_bytes()));
        Ok(Found::new(ChainPage {
            chains,
            next_page_token: next.unwrap_or_default(),
        }))
    }
}

/// The statements of all chains as of the newest checkpoint.
async fn begin(
    tx: &mut Tx<'_>,
    keys: &[PatientKey],
    cx: &Context,
) -> Result<(Vec<PatientChain>, Cursor)> {
    let newest = log_rows::newest_checkpoint(tx).await?;
    // It is signed within a second of the hub's first start.
    let newest = newest.ok_or(Error::new(code::NOT_FOUND))?;
    let (text, _) = newest.note.split_once("\n\n").unwrap_or((&newest.note, ""));
    let checkpoint = Checkpoint::from_text(&format!("{text}\n")).map_err(Error::internal)?;
    let mut note = newest.note;
    for line in rows::cosignatures(tx, checkpoint.size).await? {
        note.push_str(line.trim_end());
        note.push('\n');
    }
    let mut chains = Vec::new();
    for key in keys {
        chains.push(read::stated(tx, key, cx, &checkpoint, &note).await?);
    }
    let numbers = chains.iter().filter_map(|chain| chain.stated.as_ref());
    let cursor = Cursor {
        size: checkpoint.size,
        at: 0,
        after: read::BEGINNING,
        lasts: numbers
            .map(|stated| stated.statement.chain.number)
            .collect(),
    };
    Ok((chains, cursor))
}

/// What a page token is bound to.
fn query(keys: &[PatientKey]) -> String {
    let keys = keys.iter().map(PatientKey::hex).collect::<String>();
    format!("chain|{keys}")
}
