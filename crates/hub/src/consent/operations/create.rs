//! Registering a consent.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, PatientKey, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    consent::{
        ConsentTerms,
        registrar::{on_behalf, registrar},
        rows::{self, KeptConsent},
    },
    entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::keep_number,
    store::Tx,
};

/// Registers a block, a permit, or an opt-out from discharge letters.
#[derive(Debug, Clone)]
pub struct CreateConsent {
    pub patient: PersonNumber,
    pub terms: ConsentTerms,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

impl Sealed for CreateConsent {}

impl Operation for CreateConsent {
    type Outcome = KeptConsent;
    const ACTION: Action = Action::CreateConsent;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptConsent>> {
        let patient = keep_number(tx, &cx.keys, &self.patient, cx.now).await?;
        let kept = self.kept(patient, cx)?;
        let id = kept.consent.id;
        if rows::insert(tx, &kept).await? {
            return Ok(Found::new(kept).on(&id));
        }
        let earlier = rows::load(tx, scope.patients()).await?;
        earlier
            .into_iter()
            .find(|earlier| earlier.consent.id == id && self.terms.made(&earlier.consent))
            .map(|earlier| Found::new(earlier).on(&id))
            .ok_or(Error::new(code::REQUEST_ID_REUSED))
    }
}

impl CreateConsent {
    fn kept(&self, patient: PatientKey, cx: &Context) -> Result<KeptConsent> {
        let system = &cx.caller.party().system.id;
        let id = match self.request_id {
            Some(request) => entropy::derived("consent", system, &request.to_string()),
            None => cx.uuid()?,
        };
        Ok(KeptConsent {
            consent: self
                .terms
                .consent("consent", id, patient, cx.now, &cx.directory.tree())?,
            created_at: cx.now,
            created_by: registrar(cx),
            on_behalf: on_behalf(cx),
        })
    }
}
