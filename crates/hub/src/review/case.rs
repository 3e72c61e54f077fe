//! A case and the work on it, as they are kept.

use std::fmt;

use delt_policy::{AuthorisationId, OrganisationId, OverrideGround, PatientKey};
use uuid::Uuid;

use super::{CaseKind, CaseState, ReviewDecision, StepKind};
use crate::clock::Micros;

/// A case as it is kept, with what its subject adds.
#[derive(Clone, PartialEq, Eq)]
pub struct ReviewCase {
    /// Counts up over the whole hub, from 1.
    pub number: u64,
    pub kind: CaseKind,
    pub state: CaseState,
    /// None where the case is about no single patient.
    pub patient: Option<PatientKey>,
    /// The opening or the relation of that patient, or what else the kind says.
    pub subject: Uuid,
    /// Whose doing is looked at, as the log has them; none where it is about no single person.
    pub person_id: Option<String>,
    /// The same person's own number, where it is known.
    pub(crate) person_key: Option<PatientKey>,
    /// The same person's number in the authorisation register.
    pub authorisation: Option<AuthorisationId>,
    /// In which role, and where they did it.
    pub role: String,
    pub organisation: OrganisationId,
    pub opened_at: Micros,
    /// The entry of the access log that began it, where a request did.
    pub audit_entry_id: Option<Uuid>,
    /// What was found, in figures and codes.
    pub detail: String,
    /// The entries of the access log that it is about; only where one case is asked for.
    pub evidence: Vec<Uuid>,
    /// The sample that it was drawn for.
    pub sample: Option<Uuid>,
    /// How many steps the work has.
    pub revision: u32,
    /// Who works on it.
    pub assignee: Option<String>,
    /// In state `Proposed` the one that waits for a second person.
    pub decision: Option<ReviewDecision>,
    pub decided_at: Option<Micros>,
    /// The work so far; only where one case is asked for.
    pub steps: Vec<Step>,
    /// The lawful ground; none where no glass was broken.
    pub ground: Option<OverrideGround>,
    /// As it was written: free text that may name people. Empty where none was given.
    pub reason: String,
    /// When the glass closes; none where none was broken.
    pub expires_at: Option<Micros>,
}

/// Without reason and people.
impl fmt::Debug for ReviewCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReviewCase")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// One step of the work on a case.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// Counts up from 1 within the case.
    pub revision: u32,
    pub happened_at: Micros,
    /// Who did it, as the log has them.
    pub person_id: String,
    pub person_name: String,
    pub kind: StepKind,
    /// To whom the case was given.
    pub assignee: Option<String>,
    pub decision: Option<ReviewDecision>,
    /// As it was written; empty where nothing was.
    pub text: String,
}

/// Without text and people.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("revision", &self.revision)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
