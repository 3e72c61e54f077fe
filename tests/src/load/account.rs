//! What a load was told, and so what every later answer must agree with.

use std::collections::BTreeMap;
use std::sync::Mutex;

use delt_client::proto::common::v1::AuditReceipt;
use delt_client::{ClientError, Kind};
use delt_ledger::Hash;

/// How far a pointer has come, as it was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Registered,
    /// A block or its end was asked for, and not yet answered: both answers are right.
    Changing,
    Blocked,
}

/// A pointer whose registration was acknowledged.
#[derive(Debug, Clone)]
pub struct Pointer {
    /// Which of the load's persons it is about.
    pub person: usize,
    /// Its creation time in minutes, which no other pointer has.
    pub minute: i64,
    pub uuid: String,
    pub state: State,
    /// How often its state has changed.
    pub changes: u32,
}

#[derive(Debug, Default)]
pub struct Account(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    pointers: Vec<Pointer>,
    minutes: i64,
    searches: usize,
    /// Errors that the callers saw, by kind and reason, and how often.
    errors: BTreeMap<String, usize>,
    final_errors: Vec<String>,
    wrong: Vec<String>,
    receipts: Vec<(String, Hash)>,
}

/// All of it, once the load has ended.
#[derive(Debug)]
pub struct Sums {
    pub pointers: Vec<Pointer>,
    pub searches: usize,
    pub errors: BTreeMap<String, usize>,
    /// Errors that do not say that the call may be made again.
    pub final_errors: Vec<String>,
    /// Answers that contradict what was acknowledged before they were asked for.
    pub wrong: Vec<String>,
    /// The access log's entry and leaf hash of every search that was answered.
    pub receipts: Vec<(String, Hash)>,
}

impl Account {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().expect("no caller panics in here")
    }

    /// A minute that no pointer has.
    pub(super) fn next_minute(&self) -> i64 {
        let mut kept = self.kept();
        kept.minutes += 1;
        kept.minutes
    }

    /// Keeps a pointer that was acknowledged; its number here.
    pub(super) fn registered(&self, pointer: Pointer) -> usize {
        let mut kept = self.kept();
        kept.pointers.push(pointer);
        kept.pointers.len() - 1
    }

    pub(super) fn becomes(&self, number: usize, state: State) {
        let mut kept = self.kept();
        kept.pointers[number].state = state;
        kept.pointers[number].changes += 1;
    }

    /// A pointer to ask for: every other time one of the newest, which a stale hub would not know yet.
    pub(super) fn pick(&self, draw: usize) -> Option<(usize, Pointer)> {
        let kept = self.kept();
        let recent = if draw.is_multiple_of(2) {
            4
        } else {
            kept.pointers.len()
        };
        let back = (draw / 2) % recent.max(1);
        let number = kept.pointers.len().checked_sub(back + 1)?;
        Some((number, kept.pointers[number].clone()))
    }

    /// An answer to a search for one pointer, as it was when the search began: right, or kept as wrong.
    pub(super) fn searched(
        &self,
        number: usize,
        before: &Pointer,
        shown: bool,
        receipt: Option<AuditReceipt>,
    ) {
        let mut kept = self.kept();
        kept.searches += 1;
        let right = match before.state {
            State::Registered => shown,
            State::Changing => true,
            State::Blocked => !shown,
        };
        let unchanged = kept.pointers[number].changes == before.changes;
        if unchanged && !right {
            kept.wrong.push(format!("{before:?}: shown = {shown}"));
        }
        match receipt {
            Some(AuditReceipt {
                entry_id,
                leaf_hash,
                ..
            }) => {
                kept.receipts
                    .push((entry_id, Hash::from_slice(&leaf_hash).expect("a hash")));
            }
            None => kept.wrong.push("an answer without a receipt".to_owned()),
        }
    }

    pub(super) fn failed(&self, what: &str, error: &ClientError) {
        let mut kept = self.kept();
        let said = format!(
            "{what}: {:?} {} {error}",
            error.kind(),
            error.reason().unwrap_or("-")
        );
        let again = error.kind() == Kind::Unavailable || error.kind() == Kind::Exhausted;
        if !again {
            kept.final_errors.push(said.clone());
        }
        *kept.errors.entry(said).or_default() += 1;
    }

    /// How many pointers and searches there are so far.
    pub fn progress(&self) -> (usize, usize) {
        let kept = self.kept();
        (kept.pointers.len(), kept.searches)
    }

    pub(super) fn close(&self) -> Sums {
        let kept = std::mem::take(&mut *self.kept());
        Sums {
            pointers: kept.pointers,
            searches: kept.searches,
            errors: kept.errors,
            final_errors: kept.final_errors,
            wrong: kept.wrong,
            receipts: kept.receipts,
        }
    }
}
