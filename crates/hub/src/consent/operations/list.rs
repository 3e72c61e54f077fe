//! What a citizen has registered.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Consent, Micros, Scope};

use crate::{
    Result,
    consent::rows::{self, KeptConsent},
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// The consents of a citizen, oldest first.
#[derive(Debug, Clone)]
pub struct ListConsents {
    pub patient: PersonNumber,
    /// Ended and lapsed ones too.
    pub include_ended: bool,
}

impl Sealed for ListConsents {}

impl Operation for ListConsents {
    type Outcome = Vec<KeptConsent>;
    const ACTION: Action = Action::ListConsents;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<KeptConsent>>> {
        let mut consents = rows::load(tx, scope.patients()).await?;
        consents.retain(|kept| self.include_ended || !is_over(&kept.consent, cx.now));
        Ok(Found::new(consents))
    }
}

/// Whether a consent has ended or run out.
pub(super) fn is_over(consent: &Consent, now: Micros) -> bool {
    consent.ended_at.is_some() || consent.valid_until.is_some_and(|until| until <= now)
}
