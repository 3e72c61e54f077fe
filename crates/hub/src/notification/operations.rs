//! What a citizen, or who acts for one, can ask of the inbox.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Scope};
use uuid::Uuid;

use super::{KeptNotification, LocalizedText, rows, text};
use crate::{
    Result,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// What a citizen was told, oldest first, from where the last call ended.
#[derive(Debug, Clone)]
pub struct ListNotifications {
    pub patient: PersonNumber,
    /// The last one that was seen; none from the beginning.
    pub after: Option<Uuid>,
    /// Already bounded by the edge's settings.
    pub page_size: usize,
}

/// A notification as it is told.
#[derive(Debug, Clone)]
pub struct Notification {
    pub kept: KeptNotification,
    /// As the directory names it; its code where the directory no longer knows it.
    pub organisation_name: String,
    pub texts: Vec<LocalizedText>,
}

impl Sealed for ListNotifications {}

impl Operation for ListNotifications {
    type Outcome = Vec<Notification>;
    const ACTION: Action = Action::ListNotifications;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<Notification>>> {
        let after = self.after.unwrap_or_default();
        let mut kept = rows::after(tx, &cx.keys, scope.patients(), after, self.page_size).await?;
        // The words are free, and may tell of what who acts for the citizen must not see.
        if cx.caller.party().on_behalf.is_some() {
            for kept in &mut kept {
                kept.reason.clear();
            }
        }
        Ok(Found::new(
            kept.into_iter().map(|kept| told(kept, cx)).collect(),
        ))
    }
}

fn told(kept: KeptNotification, cx: &Context) -> Notification {
    let organisation_name = cx.directory.organisation(&kept.organisation).map_or_else(
        || kept.organisation.code().to_owned(),
        |organisation| organisation.name.clone(),
    );
    Notification {
        texts: text::texts(&kept, &organisation_name),
        organisation_name,
        kept,
    }
}
