//! How a case moves: who may do the next step, and what it makes of the case. Nothing of time, store or text.
//!
//! ```text
//!           assign            decide
//!   Open ───────────▶ Assigned ─────▶ Closed          one pair of eyes
//!     ▲ ◀─────────────┘   │
//!     │      release      │ decide    another person says the same
//!     │                   ▼
//!     └── decide ──▶ Proposed ──────▶ Closed          two pairs of eyes
//!                      │  ▲
//!                      └──┘ another person says otherwise: that is the proposal now
//! ```

use delt_policy::PatientKey;

use super::{CaseState, ReviewDecision, StepKind};
use crate::clock::Micros;

/// A person who works on cases.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Reviewer {
    /// As the log has the person.
    pub(crate) id: String,
    /// The person's own number, where the token tells it.
    pub(crate) key: Option<PatientKey>,
}

impl Reviewer {
    /// Whether two are one person: under one id, whichever issuer gave it, or with one number.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.id == other.id || (self.key.is_some() && self.key == other.key)
    }
}

/// Without id, which names a person.
impl std::fmt::Debug for Reviewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reviewer(…)")
    }
}

/// Where a case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: CaseState,
    pub(crate) assignee: Option<String>,
    /// With who said it, where it waits for a second person.
    pub(crate) proposal: Option<(ReviewDecision, Reviewer)>,
    /// What the case was closed with.
    pub(crate) decision: Option<ReviewDecision>,
    /// When it was closed.
    pub(crate) decided_at: Option<Micros>,
}

/// Why a step cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The case is closed.
    Closed,
    /// Nobody works on the case, so nobody can let go of it.
    NobodyWorksOnIt,
    /// Somebody else works on the case.
    SomebodyElses,
    /// The second pair of eyes is the first.
    SamePerson,
}

/// A step, and where it leaves the case.
pub(crate) type Moved = Result<(StepKind, Standing), Refusal>;

impl Standing {
    /// Gives the case to somebody. A proposal stays one: whom it is given to is asked to look at it.
    pub(crate) fn assign(&self, to: &str) -> Moved {
        self.moved(StepKind::Assigned, |next| {
            next.assignee = Some(to.to_owned());
            if next.state == CaseState::Open {
                next.state = CaseState::Assigned;
            }
        })
    }

    /// Lets go of the case, so that somebody else can take it.
    pub(crate) fn release(&self) -> Moved {
        if self.state != CaseState::Closed && self.assignee.is_none() {
            return Err(Refusal::NobodyWorksOnIt);
        }
        self.moved(StepKind::Released, |next| {
            next.assignee = None;
            if next.state == CaseState::Assigned {
                next.state = CaseState::Open;
            }
        })
    }

    /// Writes on the case, also when it is closed.
    pub(crate) fn comment(&self) -> (StepKind, Self) {
        (StepKind::Commented, self.clone())
    }

    /// Decides the case. What nobody works on is taken by who decides it; what somebody works on is theirs to decide.
    pub(crate) fn decide(&self, by: &Reviewer, decision: ReviewDecision, four_eyes: bool) -> Moved {
        if self.state == CaseState::Closed {
            return Err(Refusal::Closed);
        }
        if self
            .proposal
            .as_ref()
            .is_some_and(|(_, first)| by.is(first))
        {
            return Err(Refusal::SamePerson);
        }
        if self
            .assignee
            .as_ref()
            .is_some_and(|theirs| *theirs != by.id)
        {
            return Err(Refusal::SomebodyElses);
        }
        match &self.proposal {
            Some((proposed, _)) if *proposed != decision => self.propose(by, decision),
            None if four_eyes => self.propose(by, decision),
            _ => self.close(by, decision),
        }
    }

    fn propose(&self, by: &Reviewer, decision: ReviewDecision) -> Moved {
        // Whom the case was given to has spoken: it is anybody else's turn.
        self.moved(StepKind::Proposed, |next| {
            next.state = CaseState::Proposed;
            next.assignee = None;
            next.proposal = Some((decision, by.clone()));
        })
    }

    fn close(&self, by: &Reviewer, decision: ReviewDecision) -> Moved {
        self.moved(StepKind::Decided, |next| {
            next.state = CaseState::Closed;
            next.assignee = Some(by.id.clone());
            next.proposal = None;
            next.decision = Some(decision);
        })
    }

    fn moved(&self, step: StepKind, change: impl FnOnce(&mut Self)) -> Moved {
        if self.state == CaseState::Closed {
            return Err(Refusal::Closed);
        }
        let mut next = self.clone();
        change(&mut next);
        Ok((step, next))
    }
}

#[cfg(test)]
mod tests;
