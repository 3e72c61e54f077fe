//! `GetDocument`: one registered document, for the source that registered it.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    document::{IndexedEntry, rows},
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient,
    store::Tx,
};

/// Reads one pointer.
///
/// It names no patient, so only a source gets anything by it: a person's question is about one patient, and goes through the record.
#[derive(Debug, Clone, Copy)]
pub struct GetDocument {
    pub entry_uuid: Uuid,
}

/// A pointer with the number of the person that it is about.
#[derive(Debug, Clone)]
pub struct FoundDocument {
    pub entry: IndexedEntry,
    pub patient: PersonNumber,
}

impl Sealed for GetDocument {}

impl Operation for GetDocument {
    type Outcome = FoundDocument;
    const ACTION: Action = Action::GetDocument;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.entry_uuid.to_string()),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<FoundDocument>> {
        let row = rows::by_id(tx, scope, self.entry_uuid)
            .await?
            .filter(|row| scope.admits(&row.facts).is_visible())
            .ok_or_else(|| Error::new(code::NOT_FOUND))?;
        let key = row.facts.patient;
        let patient = patient::rows::number(tx, &cx.keys, &key)
            .await?
            .ok_or_else(|| Error::internal("an entry without its person's number"))?;
        let entry = row.indexed(&cx.keys, false)?;
        Ok(Found::new(FoundDocument { entry, patient })
            .disclosing([self.entry_uuid])
            .about(key))
    }
}
