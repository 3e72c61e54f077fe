//! Registering a consent.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Micros, PatientKey, Scope};
use uuid::Uuid;

use super::list::is_over;
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

/// So many consents of one citizen may hold or be still to come: each decision about the citizen weighs them all.
const MAX: usize = 500;

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
        let earlier = rows::load(tx, scope.patients()).await?;
        check_number(&earlier, id, cx.now)?;
        if rows::insert(tx, &kept).await? {
            return Ok(Found::new(kept).on(&id));
        }
        earlier
            .into_iter()
            .find(|earlier| earlier.consent.id == id && self.terms.made(&earlier.consent))
            .map(|earlier| Found::new(earlier).on(&id))
            .ok_or(Error::new(code::REQUEST_ID_REUSED))
    }
}

/// A retry of one that is kept already is none more.
fn check_number(earlier: &[KeptConsent], id: Uuid, now: Micros) -> Result<()> {
    let is_new = earlier.iter().all(|kept| kept.consent.id != id);
    let counted = earlier.iter().filter(|kept| !is_over(&kept.consent, now));
    if is_new && counted.count() >= MAX {
        return Err(Error::new(code::TOO_MANY)
            .with_message("the citizen has as many consents as one can have: end some first"));
    }
    Ok(())
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
