//! Verifying an export with nothing but the log's public key and, if at hand, older checkpoints.

use std::io::{self, BufRead};

use super::chains::{Chains, Placed};
use super::lines::{Lines, Read};
use super::receipts::{Clocks, Receipts};
use super::roots::Roots;
use super::seen::{Order, Seen};
use super::statements::Statements;
use super::{Content, Header, Held, Line, ProblemKind, Report, TrustedCheckpoint};
use crate::checkpoint::Checkpoint;
use crate::entry::Entry;
use crate::hash::Hash;
use crate::key::Verifier;
use crate::merkle::{verify_consistency, verify_inclusion};
use crate::witness_policy::{Cosigned, WitnessPolicy};

/// Why an export could not be verified at all. What is wrong with one is in the [`Report`] instead.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("the export cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error(
        "the export is too scattered to verify: more than a million separate ranges of entries"
    )]
    TooScattered,
}

/// Reads the whole export once, in constant memory for a complete one, and lists every problem found.
pub fn verify(
    input: impl BufRead,
    verifier: &Verifier,
    trusted: &[TrustedCheckpoint],
) -> Result<Report, VerifyError> {
    let held = Held {
        checkpoints: trusted,
        ..Held::default()
    };
    verify_against(input, verifier, &held)
}

/// The same, and whether the log keeps what it signed elsewhere. For chains it takes some hundred bytes a patient.
pub fn verify_against(
    input: impl BufRead,
    verifier: &Verifier,
    held: &Held<'_>,
) -> Result<Report, VerifyError> {
    let mut lines = Lines::new(input);
    let mut report = Report::default();
    let Some((header, checkpoint)) = read_header(&mut lines, verifier, &mut report)? else {
        return Ok(report);
    };
    let cosigned = cosigned(held.policy, &header, verifier, &mut report);
    let trusted = open_trusted(held.checkpoints, verifier, &mut report);
    let statements = Statements::open(held.statements, verifier, &mut report);
    let sizes = trusted
        .iter()
        .map(|old| old.checkpoint.size)
        .chain(statements.sizes())
        .chain([checkpoint.size]);
    let mut body = Body {
        seen: Seen::default(),
        roots: Roots::wanting(sizes),
        readable: 0,
        chains: header
            .chain_key
            .filter(|_| header.complete)
            .map(Chains::new),
        receipts: Receipts::open(held.receipts, verifier, &mut report),
        statements,
        report,
        checkpoint,
    };
    body.read(&mut lines)?;
    body.check_whole();
    for old in &trusted {
        body.check_history(old);
    }
    body.check_held(&Clocks {
        policy: held.policy,
        cosigned: &cosigned,
        as_of: held.as_of,
    });
    Ok(body.report)
}

/// The header with its checkpoint, unless there is none to check anything against.
fn read_header(
    lines: &mut Lines<impl BufRead>,
    verifier: &Verifier,
    report: &mut Report,
) -> io::Result<Option<(Header, Checkpoint)>> {
    let header = match lines.next()? {
        Some(Read::Line(line)) => Header::from_line(line).ok(),
        _ => None,
    };
    let Some(header) = header else {
        report.add(Some(1), None, ProblemKind::HeaderMalformed);
        return Ok(None);
    };
    report.complete = header.complete;
    let Ok(checkpoint) = Checkpoint::from_text(header.checkpoint.text()) else {
        report.add(Some(1), None, ProblemKind::CheckpointMalformed);
        return Ok(None);
    };
    if Checkpoint::open(&header.checkpoint.to_string(), verifier).is_err() {
        report.add(Some(1), None, ProblemKind::CheckpointNotSigned);
    }
    report.origin = Some(checkpoint.origin.clone());
    report.size = checkpoint.size;
    report.root = Some(checkpoint.root);
    Ok(Some((header, checkpoint)))
}

/// Who cosigned the checkpoint, as far as a policy knows them.
fn cosigned(
    policy: Option<&WitnessPolicy>,
    header: &Header,
    verifier: &Verifier,
    report: &mut Report,
) -> Vec<Cosigned> {
    let Some(policy) = policy else {
        return Vec::new();
    };
    match policy.open_of(verifier, &header.checkpoint.to_string()) {
        Ok(witnessed) => {
            let names = witnessed.cosigned.iter().map(|one| one.witness.clone());
            report.cosigned = names.collect();
            witnessed.cosigned
        }
        Err(refusal) => {
            let reason = refusal.to_string();
            report.add(Some(1), None, ProblemKind::PolicyUnsatisfied { reason });
            Vec::new()
        }
    }
}

/// An older checkpoint whose signature holds.
struct Older<'a> {
    position: usize,
    checkpoint: Checkpoint,
    proof: Option<&'a [Hash]>,
}

fn open_trusted<'a>(
    trusted: &'a [TrustedCheckpoint],
    verifier: &Verifier,
    report: &mut Report,
) -> Vec<Older<'a>> {
    let mut opened = Vec::new();
    for (position, old) in trusted.iter().enumerate() {
        match Checkpoint::open(&old.note, verifier) {
            Ok(checkpoint) => {
                opened.push(Older {
                    position,
                    checkpoint,
                    proof: old.proof.as_deref(),
                });
            }
            Err(_) => report.add(None, None, ProblemKind::TrustedNotSigned { position }),
        }
    }
    opened
}

/// The lines after the header, as they are read.
struct Body {
    checkpoint: Checkpoint,
    seen: Seen,
    roots: Roots,
    report: Report,
    /// Lines in order that showed their entry.
    readable: u64,
    chains: Option<Chains>,
    receipts: Receipts,
    statements: Statements,
}

impl Body {
    fn read(&mut self, lines: &mut Lines<impl BufRead>) -> Result<(), VerifyError> {
        loop {
            let (parsed, fault) = match lines.next()? {
                None => return Ok(()),
                Some(Read::Line(line)) => (Line::from_line(line).ok(), ProblemKind::LineMalformed),
                Some(Read::Unterminated) => (None, ProblemKind::Truncated),
                Some(Read::TooLong) => (None, ProblemKind::LineTooLong),
            };
            match parsed {
                Some(line) => self.take(lines.number(), &line)?,
                None => self.report.add(Some(lines.number()), None, fault),
            }
        }
    }

    /// One line: its place among the others, then its proof.
    fn take(&mut self, number: u64, line: &Line) -> Result<(), VerifyError> {
        let mut problem = |kind| self.report.add(Some(number), Some(line.index), kind);
        if line.index >= self.checkpoint.size {
            problem(ProblemKind::IndexOutOfRange);
            return Ok(());
        }
        let order = self.seen.note(line.index);
        match order {
            Order::Ascending => {}
            Order::Behind => problem(ProblemKind::Reordered),
            Order::Repeated => problem(ProblemKind::Duplicate),
            Order::TooScattered => return Err(VerifyError::TooScattered),
        }
        let leaf = line.content.commitment().leaf();
        let Checkpoint { size, root, .. } = &self.checkpoint;
        if verify_inclusion(&leaf, line.index, *size, &line.proof, root).is_err() {
            problem(ProblemKind::EntryChanged);
        } else {
            self.report.proved += 1;
            self.report.erased += u64::from(line.content.is_erased());
            if order == Order::Ascending {
                self.follow(number, line, leaf);
            }
        }
        self.roots.push(line.index, leaf);
        Ok(())
    }

    /// A leaf that stands where it should: what it says to its patient's chain, to receipts and to statements.
    fn follow(&mut self, number: u64, line: &Line, leaf: Hash) {
        if self.chains.is_none() && self.receipts.is_empty() {
            return;
        }
        let Content::Entry { json, .. } = &line.content else {
            self.receipts.see(line.index, &leaf, None);
            return;
        };
        let entry = Entry::from_json(json).ok();
        self.receipts.see(line.index, &leaf, entry.as_ref());
        let hidden = line.index.saturating_sub(self.readable);
        self.readable += 1;
        let Some(chains) = &mut self.chains else {
            return;
        };
        let problem = match &entry {
            None => Some(ProblemKind::EntryUnreadable),
            Some(entry) => {
                let placed = Placed {
                    index: line.index,
                    leaf,
                    entry,
                    hidden,
                };
                chains.take(&placed, &mut self.statements)
            }
        };
        if let Some(problem) = problem {
            self.report.add(Some(number), Some(line.index), problem);
        }
    }

    /// That the log keeps what it signed to others.
    fn check_held(&mut self, clocks: &Clocks<'_>) {
        let hidden = self.checkpoint.size.saturating_sub(self.readable);
        let chains = self.chains.as_ref();
        self.report.chains = chains.map(Chains::patients);
        self.statements
            .judge(&mut self.report, chains, &self.roots, hidden);
        self.receipts.judge(&mut self.report, clocks);
    }

    /// That a complete export is complete, and its leaves together give the root.
    fn check_whole(&mut self) {
        if !self.report.complete {
            return;
        }
        let size = self.checkpoint.size;
        for (first, through) in self.seen.gaps(size) {
            self.report
                .add(None, Some(first), ProblemKind::Removed { through });
        }
        if self
            .roots
            .at(size)
            .is_some_and(|root| root != self.checkpoint.root)
        {
            self.report.add(None, None, ProblemKind::RootMismatch);
        }
    }

    /// That the log extends an older checkpoint, by proof, or by the leaves of the export itself.
    fn check_history(&mut self, old: &Older<'_>) {
        let Older {
            position,
            checkpoint: older,
            proof,
        } = old;
        let (position, new) = (*position, &self.checkpoint);
        let outcome = match proof {
            _ if older.size > new.size => Some(false),
            Some(proof) => {
                let held = verify_consistency(older.size, &older.root, new.size, &new.root, proof);
                Some(held.is_ok())
            }
            None if older.size == new.size => Some(older.root == new.root),
            None => self.roots.at(older.size).map(|root| root == older.root),
        };
        match outcome {
            Some(true) => self.report.extended += 1,
            Some(false) => self
                .report
                .add(None, None, ProblemKind::HistoryRewritten { position }),
            None => self
                .report
                .add(None, None, ProblemKind::HistoryUnproved { position }),
        }
    }
}
