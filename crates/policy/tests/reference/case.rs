//! One question with everything that is on record, and how the policy crate answers it.

use delt_policy::{
    Action, Decision, EntryFacts, Facts, Micros, OverrideGround, Party, PatientKey, Purpose,
    Request, Verdict, WithheldReason, decide,
};

use crate::rules::{Answer, Shown};

/// Who asks for what, what is on record, and the entries that the record holds.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) party: Party,
    pub(crate) action: Action,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<String>,
    pub(crate) ground: Option<OverrideGround>,
    pub(crate) patients: Vec<PatientKey>,
    pub(crate) facts: Facts,
    pub(crate) entries: Vec<EntryFacts>,
    pub(crate) now: Micros,
}

impl Case {
    /// The answer of the policy crate.
    pub(crate) fn decided(&self) -> Answer {
        let request = Request {
            party: &self.party,
            action: self.action,
            purpose: self.purpose,
            override_reason: self.reason.as_deref(),
            override_ground: self.ground,
            patients: &self.patients,
            organisations: &[],
        };
        match decide(&request, &self.facts, self.now) {
            Decision::Deny(_) => Answer::Refused,
            Decision::Permit(_) if !self.action.reads_record() => Answer::LetIn(Vec::new()),
            Decision::Permit(scope) => {
                Answer::LetIn(scope.review(&self.entries).into_iter().map(shown).collect())
            }
        }
    }
}

fn shown(verdict: Verdict) -> Shown {
    match verdict {
        Verdict::Visible => Shown::Plainly,
        Verdict::VisibleByOverride => Shown::ByOverride,
        Verdict::Withheld(WithheldReason::Consent) => Shown::NotForConsent,
        Verdict::Withheld(WithheldReason::Role) => Shown::NotForRole,
        Verdict::Withheld(WithheldReason::Purpose) => Shown::NotForPurpose,
        Verdict::Withheld(WithheldReason::OutOfScope) => Shown::NotAskedFor,
    }
}
