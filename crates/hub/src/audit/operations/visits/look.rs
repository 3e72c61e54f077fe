//! What counts as a look at a citizen's data.

use delt_ledger::{Entry, Outcome, PersonKind};
use delt_policy::{Action, PatientKey};

/// What an entry is to the citizen that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    /// Somebody else looked, or tried to and was refused.
    Visit,
    /// The citizen's own doing.
    Own,
    /// Nobody looked.
    Other,
    /// A look that failed before anything was shown.
    Failed,
}

impl Looked {
    /// What an entry is to the citizen with these keys.
    pub(in crate::audit::operations) fn of(entry: &Entry, keys: &[PatientKey]) -> Self {
        // Another citizen who tries is somebody else, be it one who acts for this one.
        let own = entry.actor.person.as_ref().is_some_and(|person| {
            person.kind == PersonKind::Citizen && keys.iter().any(|key| key.hex() == person.id)
        });
        if own {
            Self::Own
        } else if !shows(&entry.operation) {
            Self::Other
        } else if entry.outcome == Outcome::Failed {
            Self::Failed
        } else {
            Self::Visit
        }
    }
}

/// Whether an operation shows something about the citizen to whoever performs it. One that this version does not know is taken to.
fn shows(operation: &str) -> bool {
    let known = Action::ALL
        .iter()
        .find(|action| action.as_str() == operation);
    known.is_none_or(|action| reads(*action))
}

/// The table. An action that is added must take its place here.
const fn reads(action: Action) -> bool {
    match action {
        // The record: what documents there are, what they say, and how many somebody could see.
        Action::SearchRecord
        | Action::RetrieveDocument
        | Action::GetDocument
        | Action::ExplainAccess
        // Who the citizen is, who treats them, who acts for them, and what they have decided.
        | Action::GetPatient
        | Action::ListRelations
        | Action::ListRepresentations
        | Action::ListConsents
        // What the log and its follow-up tell of the citizen, seen by auditors and by those who act for the citizen.
        | Action::ListOwnAccesses
        | Action::ListNotifications
        | Action::SearchAuditEntries
        | Action::ExportAuditEntries
        | Action::ListReviewCases
        | Action::GetReviewCase
        | Action::ListRelationAlerts => true,
        // What a source or a register says of the citizen: it shows them nothing.
        Action::RegisterDocument
        | Action::UpdateDocumentStatus
        | Action::RegisterRelation
        | Action::EndRelation
        | Action::AttestRelation
        | Action::LinkPatient
        | Action::MergePatient
        | Action::RegisterRepresentation
        | Action::EndRepresentation
        | Action::RegisterDemographics
        // Whether somebody gets in at all: it shows nothing of them.
        | Action::RevokeAccess
        | Action::LiftRevocation
        | Action::ListRevocations
        // What is decided on the citizen's behalf.
        | Action::CreateConsent
        | Action::EndConsent
        // A message goes to those whom its sender chose, as a letter does.
        | Action::SendMessage
        | Action::ReceiveMessages
        | Action::AcknowledgeMessage
        | Action::GetMessage
        | Action::ListMessages
        // Work on a case that has been opened: who read it is in the list already.
        | Action::AssignReviewCase
        | Action::CommentReviewCase
        | Action::DecideReviewCase
        // About no single citizen.
        | Action::ListSourceDocuments
        | Action::DelegateToHelper
        | Action::EndHelperDelegation
        | Action::ListHelperDelegations
        | Action::RegisterQualityPermission
        | Action::EndQualityPermission
        | Action::ListQualityPermissions
        | Action::DrawSample
        | Action::ListSamples
        | Action::GetPeriodReport
        | Action::ReadLogProofs
        | Action::ReadDirectory => false,
    }
}
