//! `UpdateDocumentStatus`: deprecates or withdraws a document (IHE ITI-57).

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    document::{
        AvailabilityStatus,
        check::Problems,
        relate,
        rows::{self, EntryRow},
        seal,
    },
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// Deprecates what is no longer valid, or withdraws what should never have been shared.
#[derive(Debug, Clone)]
pub struct UpdateDocumentStatus {
    pub entry_uuid: Uuid,
    /// Deprecated or Withdrawn.
    pub status: AvailabilityStatus,
    /// Why, for the source's own use.
    pub reason: Option<String>,
}

impl Sealed for UpdateDocumentStatus {}

impl Operation for UpdateDocumentStatus {
    type Outcome = AvailabilityStatus;
    const ACTION: Action = Action::UpdateDocumentStatus;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let status = ("status".to_owned(), self.status.as_str().to_owned());
        Subject {
            target: Some(self.entry_uuid.to_string()),
            filters: [status].into(),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<AvailabilityStatus>> {
        self.check()?;
        let row = own(tx, scope, self.entry_uuid).await?;
        if row.status != self.status {
            self.change(tx, scope, cx, &row).await?;
        }
        Ok(Found::new(self.status).about(row.facts.patient))
    }
}

impl UpdateDocumentStatus {
    fn check(&self) -> Result<()> {
        use AvailabilityStatus::{Deprecated, Withdrawn};
        let mut problems = Problems::default();
        problems.add_if(
            !matches!(self.status, Deprecated | Withdrawn),
            "status",
            "must be DEPRECATED or WITHDRAWN",
        );
        let long = self
            .reason
            .as_ref()
            .is_some_and(|text| text.chars().count() > REASON_MAX);
        problems.add_if(long, "reason", "is longer than 500 characters");
        problems.refuse()
    }

    async fn change(
        &self,
        tx: &mut Tx<'_>,
        scope: &Scope,
        cx: &Context,
        row: &EntryRow,
    ) -> Result<()> {
        if !row.status.may_become(self.status) {
            return Err(Error::new(code::STATE_CONFLICT));
        }
        // Free text, so it is sealed like the entry.
        let place = seal::row(&row.facts.patient, row.facts.entry_uuid);
        let reason = self
            .reason
            .as_ref()
            .map(|text| cx.keys.seal(seal::REASON, &place, text.as_bytes()));
        let reason = reason.transpose()?;
        rows::set_status(tx, scope, row, self.status, cx.now, reason.as_deref()).await
    }
}

/// The entry, held until the transaction ends. Hidden and missing are one answer.
async fn own(tx: &mut Tx<'_>, scope: &Scope, entry: Uuid) -> Result<EntryRow> {
    let not_found = || Error::new(code::NOT_FOUND);
    let row = rows::by_id(tx, scope, entry).await?.ok_or_else(not_found)?;
    if !relate::may_write(scope, &row) {
        return Err(not_found());
    }
    rows::lock(tx, &row.facts.patient, entry).await?;
    rows::by_id(tx, scope, entry).await?.ok_or_else(not_found)
}
