//! `RetrieveDocument`: whether the caller may have one document's content. If so, a [`Ticket`], with which it is fetched.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, PatientKey, Scope, Verdict};
use uuid::Uuid;

use super::check::Registered;
use crate::{
    Error, Result,
    clock::Micros,
    document::{
        AvailabilityStatus,
        rows::{self, EntryRow},
    },
    error::code,
    identity::Caller,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    organisation::SourceEndpoint,
    store::Tx,
};

/// Asks for the content of one entry of a patient's record.
#[derive(Debug, Clone)]
pub struct RetrieveDocument {
    pub patient: PersonNumber,
    pub entry_uuid: Uuid,
}

/// The right to fetch one document once. Good with the receipt that it is released against: see [`crate::Hub::fetch`].
#[derive(Debug)]
pub struct Ticket {
    pub(super) caller: Caller,
    /// The key of the number that was asked for, as the audit entries have it.
    pub(super) asked: PatientKey,
    /// The key that the entry lies under.
    pub(super) patient: PatientKey,
    pub(super) entry_uuid: Uuid,
    pub(super) source_id: String,
    pub(super) repository_unique_id: String,
    pub(super) unique_id: String,
    /// None where the directory no longer knows the repository.
    pub(super) endpoint: Option<SourceEndpoint>,
    /// The message that brought the document, where one did: then the hub has its content itself.
    pub(super) message_id: Option<Uuid>,
    pub(super) registered: Registered,
    pub(super) mime_type: String,
    pub(super) dead_since: Option<Micros>,
    pub(super) opened_by_override: bool,
}

impl Ticket {
    /// The entry that it is for.
    pub const fn entry_uuid(&self) -> Uuid {
        self.entry_uuid
    }

    /// XDS `sourceId` of the source that will be asked.
    pub fn source_id(&self) -> &str {
        &self.source_id
    }
}

impl Sealed for RetrieveDocument {}

impl Operation for RetrieveDocument {
    type Outcome = Ticket;
    const ACTION: Action = Action::RetrieveDocument;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.entry_uuid.to_string()),
            ..Subject::about(&self.patient)
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Ticket>> {
        let row = rows::of_patient_by_id(tx, scope, self.entry_uuid).await?;
        let row = row
            .filter(|row| row.status != AvailabilityStatus::Withdrawn)
            .ok_or_else(|| Error::new(code::NOT_FOUND))?;
        let explained = scope.explain(&row.facts);
        if !explained.verdict.is_visible() {
            // The caller cannot tell this from an entry that is not there. The log can.
            return Err(
                Error::new(code::NOT_FOUND).logged_as(code::ACCESS_DENIED, explained.grounds)
            );
        }
        let by_override = explained.verdict == Verdict::VisibleByOverride;
        Ok(Found::new(ticket(row, by_override, cx))
            .disclosing([self.entry_uuid])
            .because(explained.grounds)
            .overridden(by_override))
    }
}

fn ticket(row: EntryRow, opened_by_override: bool, cx: &Context) -> Ticket {
    let source = cx.directory.system_by_repository(&row.repository_unique_id);
    Ticket {
        caller: cx.caller.clone(),
        asked: cx
            .patient_keys
            .first()
            .copied()
            .unwrap_or(row.facts.patient),
        patient: row.facts.patient,
        entry_uuid: row.facts.entry_uuid,
        endpoint: source.and_then(|system| system.source.clone()),
        source_id: row.source_id,
        repository_unique_id: row.repository_unique_id,
        unique_id: row.unique_id,
        message_id: row.message_id,
        // What an on-demand document was when it was registered says nothing of what it is now.
        registered: if row.on_demand {
            Registered::default()
        } else {
            Registered {
                size: row.size,
                sha1: row.hash,
                sha256: row.hash_sha256,
            }
        },
        mime_type: row.mime_type,
        dead_since: row.dead_since,
        opened_by_override,
    }
}
