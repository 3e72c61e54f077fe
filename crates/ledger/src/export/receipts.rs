//! Whether the log kept the promises of receipts.

use std::collections::HashMap;

use serde::Serialize;

use super::moment::{Moment, posix_text};
use super::{ProblemKind, Report};
use crate::entry::Entry;
use crate::hash::Hash;
use crate::key::Verifier;
use crate::receipt::SignedReceipt;
use crate::witness_policy::{Cosigned, WitnessPolicy};

/// Whose time counts, beside what the log says itself.
pub(super) struct Clocks<'a> {
    pub(super) policy: Option<&'a WitnessPolicy>,
    /// Those who cosigned the export's checkpoint, by the policy's names.
    pub(super) cosigned: &'a [Cosigned],
    /// The verifying party's own.
    pub(super) as_of: Option<&'a str>,
}

impl Clocks<'_> {
    /// Witnesses that say they cosigned later, where they are a quorum by themselves: a single one that lies, or whose clock is wrong, convicts nobody.
    fn witnessed_after(&self, promised: Moment) -> Option<Evidence> {
        let late = |one: &&Cosigned| Moment::from_posix(one.time).is_some_and(|at| at > promised);
        let policy = self.policy.filter(|policy| policy.needs_witnesses())?;
        let says = |at: usize| {
            let name = policy.witnesses().get(at).map(|witness| &witness.name);
            let mut all = self.cosigned.iter().filter(late);
            all.any(|one| Some(&one.witness) == name)
        };
        let one = self.cosigned.iter().find(late)?;
        policy.is_reached(says).then(|| Evidence::LaterCosignature {
            witness: one.witness.clone(),
            time: posix_text(one.time),
        })
    }
}

/// What became of one receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptFinding {
    /// Its place in the list given, from 0.
    pub position: usize,
    pub entry_id: String,
    #[serde(flatten)]
    pub verdict: ReceiptVerdict,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum ReceiptVerdict {
    /// The entry stands in the log.
    Stands { index: u64 },
    /// It does not, and nothing here is from after the time promised.
    NotDue { promised_by: String },
    /// It does not, although the log went on after the time promised, or holds something else in its place. Proved by two things that the log signed.
    Broken {
        promised_by: String,
        evidence: Evidence,
    },
    /// The export is partial, so that it does not show what the log lacks.
    Unsettled,
}

/// What shows that a receipt's time had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "evidence", rename_all = "kebab-case")]
pub enum Evidence {
    /// An entry of the export that was recorded later.
    LaterEntry { index: u64, recorded_at: String },
    /// A quorum of witnesses that cosigned the export's checkpoint later, by one of them.
    LaterCosignature { witness: String, time: String },
    /// The time that the verifying party gave.
    OwnClock { time: String },
    /// The log holds an entry with the same id and other content.
    OtherContent { index: u64 },
}

/// One receipt that the log signed.
struct Watched {
    position: usize,
    receipt: SignedReceipt,
    promised_by: Moment,
    stands: Option<u64>,
    contradicted: Option<u64>,
}

/// All of them, as the export passes.
#[derive(Default)]
pub(super) struct Receipts {
    watched: Vec<Watched>,
    by_leaf: HashMap<Hash, Vec<usize>>,
    by_id: HashMap<String, Vec<usize>>,
    /// The entry that was recorded last.
    latest: Option<(Moment, u64, String)>,
}

impl Receipts {
    pub(super) fn open(signed: &[String], verifier: &Verifier, report: &mut Report) -> Self {
        let mut receipts = Self::default();
        for (position, note) in signed.iter().enumerate() {
            let opened = SignedReceipt::open(note, verifier).ok();
            let timed = opened
                .and_then(|receipt| Moment::parse(&receipt.promised_by).map(|by| (receipt, by)));
            match timed {
                Some((receipt, promised_by)) => receipts.watch(position, receipt, promised_by),
                None => report.add(None, None, ProblemKind::ReceiptNotSigned { position }),
            }
        }
        receipts
    }

    fn watch(&mut self, position: usize, receipt: SignedReceipt, promised_by: Moment) {
        let at = self.watched.len();
        self.by_leaf.entry(receipt.leaf_hash).or_default().push(at);
        let same = self.by_id.entry(receipt.entry_id.clone());
        same.or_default().push(at);
        self.watched.push(Watched {
            position,
            receipt,
            promised_by,
            stands: None,
            contradicted: None,
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// Takes note of a leaf that was proved to stand in the log.
    pub(super) fn see(&mut self, index: u64, leaf: &Hash, entry: Option<&Entry>) {
        for at in self.by_leaf.get(leaf).into_iter().flatten() {
            if let Some(watched) = self.watched.get_mut(*at) {
                watched.stands = Some(index);
            }
        }
        let Some(entry) = entry else { return };
        for at in self.by_id.get(&entry.id).into_iter().flatten() {
            let watched = self.watched.get_mut(*at);
            if let Some(watched) = watched.filter(|held| held.receipt.leaf_hash != *leaf) {
                watched.contradicted = Some(index);
            }
        }
        let recorded = Moment::parse(&entry.recorded_at);
        if let Some(at) = recorded
            && self.latest.as_ref().is_none_or(|(latest, ..)| at > *latest)
        {
            self.latest = Some((at, index, entry.recorded_at.clone()));
        }
    }

    /// The verdicts, once the whole export has passed.
    pub(super) fn judge(&self, report: &mut Report, clocks: &Clocks<'_>) {
        for watched in &self.watched {
            let verdict = self.verdict(watched, report.complete, clocks);
            let position = watched.position;
            if let ReceiptVerdict::Broken {
                promised_by,
                evidence,
            } = &verdict
            {
                let kind = ProblemKind::ReceiptBroken {
                    position,
                    entry_id: watched.receipt.entry_id.clone(),
                    promised_by: promised_by.clone(),
                    evidence: evidence.clone(),
                };
                report.add(None, None, kind);
            }
            report.receipts.push(ReceiptFinding {
                position,
                entry_id: watched.receipt.entry_id.clone(),
                verdict,
            });
        }
    }

    fn verdict(&self, watched: &Watched, complete: bool, clocks: &Clocks<'_>) -> ReceiptVerdict {
        let promised_by = watched.receipt.promised_by.clone();
        let evidence = match (watched.contradicted, watched.stands) {
            (Some(index), _) => Some(Evidence::OtherContent { index }),
            (None, Some(index)) => return ReceiptVerdict::Stands { index },
            (None, None) if !complete => return ReceiptVerdict::Unsettled,
            (None, None) => self.later(watched.promised_by, clocks),
        };
        match evidence {
            Some(evidence) => ReceiptVerdict::Broken {
                promised_by,
                evidence,
            },
            None => ReceiptVerdict::NotDue { promised_by },
        }
    }

    /// What is from after `promised`, if anything: the log's own word first.
    fn later(&self, promised: Moment, clocks: &Clocks<'_>) -> Option<Evidence> {
        let entry = self.latest.as_ref().filter(|(at, ..)| *at > promised);
        let entry = entry.map(|(_, index, recorded_at)| Evidence::LaterEntry {
            index: *index,
            recorded_at: recorded_at.clone(),
        });
        let witness = || clocks.witnessed_after(promised);
        let clock = || {
            let time = clocks
                .as_of
                .filter(|time| Moment::parse(time).is_some_and(|at| at > promised))?;
            Some(Evidence::OwnClock {
                time: time.to_owned(),
            })
        };
        entry.or_else(witness).or_else(clock)
    }
}

/// Whether a receipt's time had come at `as_of`; none where one of the two is no time. For a receipt that is held against a hub instead of an export.
pub fn is_due(receipt: &SignedReceipt, as_of: &str) -> Option<bool> {
    Some(Moment::parse(as_of)? > Moment::parse(&receipt.promised_by)?)
}
