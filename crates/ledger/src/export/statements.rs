//! Whether the log is what signed statements said of it.

use std::collections::HashMap;

use serde::Serialize;

use super::chains::Chains;
use super::roots::Roots;
use super::{ProblemKind, Report};
use crate::chain::Chain;
use crate::key::Verifier;
use crate::statement::PatientStatement;

/// What became of one statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementFinding {
    /// Its place in the list given, from 0.
    pub position: usize,
    /// The number that it names.
    pub number: u64,
    #[serde(flatten)]
    pub verdict: StatementVerdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum StatementVerdict {
    /// The log holds the chain as it was stated.
    Holds,
    /// It does not: the log signed two things that cannot both be true.
    Broken { fault: StatementFault },
    /// The entries around that number have been erased, so that the head cannot be computed any more.
    Erased,
    /// The export is partial or has no chain key, so that it does not show a chain.
    Unsettled,
}

/// Which of the two things that a statement says is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementFault {
    /// The root at the statement's size is another, or the log is shorter.
    Checkpoint,
    /// The salt is not the patient's.
    Salt,
    /// The log lacks entries up to the number.
    Missing,
    /// The chain up to the number is another.
    Head,
    /// The entry with the number stands behind the statement's size.
    Late,
    /// An entry with a higher number stands within the statement's size: it was left out.
    Understated,
}

/// One entry of a chain, in its place.
pub(super) struct Step<'a> {
    pub(super) patient: &'a str,
    pub(super) before: Chain,
    pub(super) after: Chain,
    pub(super) index: u64,
}

struct Watched {
    position: usize,
    statement: PatientStatement,
    reached: bool,
    fault: Option<StatementFault>,
}

/// All of them, as the export passes.
#[derive(Default)]
pub(super) struct Statements {
    watched: Vec<Watched>,
    by_patient: HashMap<String, Vec<usize>>,
}

impl Statements {
    pub(super) fn open(signed: &[String], verifier: &Verifier, report: &mut Report) -> Self {
        let mut statements = Self::default();
        for (position, note) in signed.iter().enumerate() {
            let Ok(statement) = PatientStatement::open(note, verifier) else {
                report.add(None, None, ProblemKind::StatementNotSigned { position });
                continue;
            };
            let at = statements.watched.len();
            let same = statements.by_patient.entry(statement.patient.clone());
            same.or_default().push(at);
            statements.watched.push(Watched {
                position,
                statement,
                reached: false,
                fault: None,
            });
        }
        statements
    }

    /// The sizes whose root is needed.
    pub(super) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.watched.iter().map(|watched| watched.statement.size)
    }

    pub(super) fn follow(&mut self, step: &Step<'_>) {
        for at in self.by_patient.get(step.patient).into_iter().flatten() {
            if let Some(watched) = self.watched.get_mut(*at) {
                watched.follow(step);
            }
        }
    }

    /// The verdicts, once the whole export has passed. `hidden` leaves of it showed no entry.
    pub(super) fn judge(
        &self,
        report: &mut Report,
        chains: Option<&Chains>,
        roots: &Roots,
        hidden: u64,
    ) {
        for watched in &self.watched {
            let verdict = watched.verdict(report, chains, roots, hidden);
            let (position, number) = (watched.position, watched.statement.chain.number);
            if let StatementVerdict::Broken { fault } = verdict {
                let kind = ProblemKind::StatementBroken {
                    position,
                    number,
                    fault,
                };
                report.add(None, None, kind);
            }
            report.statements.push(StatementFinding {
                position,
                number,
                verdict,
            });
        }
    }
}

impl Watched {
    fn follow(&mut self, step: &Step<'_>) {
        let stated = self.statement.chain;
        let within = step.index < self.statement.size;
        for chain in [step.before, step.after] {
            if chain.number == stated.number {
                self.reached = true;
                if chain.head != stated.head {
                    self.fault.get_or_insert(StatementFault::Head);
                }
            }
        }
        if step.after.number == stated.number && !within {
            self.fault.get_or_insert(StatementFault::Late);
        }
        if step.after.number > stated.number && within {
            self.fault.get_or_insert(StatementFault::Understated);
        }
    }

    fn verdict(
        &self,
        report: &Report,
        chains: Option<&Chains>,
        roots: &Roots,
        hidden: u64,
    ) -> StatementVerdict {
        let broken = |fault| StatementVerdict::Broken { fault };
        let Some(chains) = chains else {
            return StatementVerdict::Unsettled;
        };
        let PatientStatement {
            size,
            root,
            patient,
            salt,
            chain,
            ..
        } = &self.statement;
        if *size > report.size || roots.at(*size).is_some_and(|seen| seen != *root) {
            return broken(StatementFault::Checkpoint);
        }
        if chains.salt(patient) != *salt {
            return broken(StatementFault::Salt);
        }
        if let Some(fault) = self.fault {
            return broken(fault);
        }
        if chain.number == 0 {
            let holds = chain.head == Chain::begin(salt).head;
            return if holds {
                StatementVerdict::Holds
            } else {
                broken(StatementFault::Head)
            };
        }
        if self.reached && roots.at(*size).is_some() {
            return StatementVerdict::Holds;
        }
        let absent = chain.number.saturating_sub(chains.last(patient));
        if absent > hidden {
            return broken(StatementFault::Missing);
        }
        StatementVerdict::Erased
    }
}
