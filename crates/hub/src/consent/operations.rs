//! What can be asked of consents.

mod explain;

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, Consent, ConsentKind, Micros, PatientKey, Scope, What, Who};
use uuid::Uuid;

use super::rows::{self, KeptConsent};
pub use explain::{ExplainAccess, Explained};

use crate::{
    Error, Result, entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::keep_number,
    store::Tx,
};

/// Registers a block or a permit.
#[derive(Debug, Clone)]
pub struct CreateConsent {
    pub patient: PersonNumber,
    pub kind: ConsentKind,
    pub what: What,
    pub who: Who,
    /// From now where none is given.
    pub valid_from: Option<Micros>,
    pub valid_until: Option<Micros>,
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
        check(&kept.consent, cx)?;
        let id = kept.consent.id;
        if rows::insert(tx, &kept).await? {
            return Ok(Found::new(kept).on(&id));
        }
        let earlier = rows::load(tx, scope.patients()).await?;
        earlier
            .into_iter()
            .find(|earlier| earlier.consent.id == id && self.asked_for(&earlier.consent))
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
        let consent = Consent {
            id,
            patient,
            kind: self.kind,
            what: self.what.clone(),
            who: self.who.clone(),
            valid_from: self.valid_from.unwrap_or(cx.now),
            valid_until: self.valid_until,
            ended_at: None,
        };
        Ok(KeptConsent {
            consent,
            created_at: cx.now,
            created_by: registrar(cx),
        })
    }

    /// Whether an earlier consent is what this request asks for. A start that was not given is not compared.
    fn asked_for(&self, earlier: &Consent) -> bool {
        earlier.kind == self.kind
            && earlier.what == self.what
            && earlier.who == self.who
            && earlier.valid_until == self.valid_until
            && self
                .valid_from
                .is_none_or(|from| from == earlier.valid_from)
    }
}

fn check(consent: &Consent, cx: &Context) -> Result<()> {
    consent.check(&cx.directory.tree()).map_err(|invalid| {
        let field = match invalid.field {
            "valid_from" => "consent.validity.start",
            "valid_until" => "consent.validity.end",
            "what.document_types" => "consent.what.type_codes",
            "what.period" => "consent.what.data_period",
            "what.origin.organisation" => "consent.what.originating.organisation",
            "who.organisation" => "consent.who.organisation.organisation",
            other => other,
        };
        Error::invalid(field, invalid.problem)
    })
}

/// Who registers, as the citizen's list shows it: the role and the place, no name.
fn registrar(cx: &Context) -> String {
    let party = cx.caller.party();
    match party
        .person
        .as_ref()
        .and_then(|person| person.organisation.as_ref())
    {
        Some(organisation) => format!("{} at {organisation}", party.system.id),
        None => format!("the citizen through {}", party.system.id),
    }
}

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

fn is_over(consent: &Consent, now: Micros) -> bool {
    consent.ended_at.is_some() || consent.valid_until.is_some_and(|until| until <= now)
}
