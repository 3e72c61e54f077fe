//! Ending a consent.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    consent::{
        registrar::registrar,
        rows::{self, KeptConsent},
    },
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Ends a consent. It stays as a record of what once held; ending it again answers the same.
#[derive(Debug, Clone)]
pub struct EndConsent {
    pub patient: PersonNumber,
    pub consent_id: Uuid,
}

impl Sealed for EndConsent {}

impl Operation for EndConsent {
    type Outcome = KeptConsent;
    const ACTION: Action = Action::EndConsent;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.consent_id.to_string()),
            ..Subject::about(&self.patient)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptConsent>> {
        let by = registrar(cx);
        for patient in scope.patients() {
            rows::end(tx, patient, self.consent_id, cx.now, &by).await?;
        }
        rows::load(tx, scope.patients())
            .await?
            .into_iter()
            .find(|kept| kept.consent.id == self.consent_id)
            .map(|kept| Found::new(kept).on(&self.consent_id))
            .ok_or(Error::new(code::NOT_FOUND))
    }
}
