//! What can be asked of treatment relations.

mod alerts;
mod attest;

use std::collections::BTreeMap;

use delt_formats::identifier::PersonNumber;
use delt_policy::{
    Action, AuthorisationId, Micros, OrganisationId, PatientKey, RelationKind, Scope,
    TreatmentRelation,
};
use uuid::Uuid;

use super::{KeptRelation, follow_up, rows};
use crate::{
    Error, Result, entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::keep_number,
    store::Tx,
};

pub use alerts::{AlertPage, ListRelationAlerts};
pub use attest::AttestRelation;

/// Registers a fact that makes a treatment relation.
#[derive(Debug, Clone)]
pub struct RegisterRelation {
    pub patient: PersonNumber,
    pub kind: RelationKind,
    pub organisation: OrganisationId,
    /// Where the relation is one professional's only.
    pub person: Option<AuthorisationId>,
    /// From now where none is given.
    pub from: Option<Micros>,
    pub until: Option<Micros>,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

impl Sealed for RegisterRelation {}

impl Operation for RegisterRelation {
    type Outcome = KeptRelation;
    const ACTION: Action = Action::RegisterRelation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            organisations: vec![self.organisation.clone()],
            filters: BTreeMap::from([("kind".to_owned(), self.kind.as_str().to_owned())]),
            ..Subject::about(&self.patient)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptRelation>> {
        self.check(cx)?;
        let patient = keep_number(tx, &cx.keys, &self.patient, cx.now).await?;
        let kept = self.kept(patient, cx)?;
        let id = kept.relation.id;
        if rows::insert(tx, &kept).await? {
            let tree = cx.directory.tree();
            follow_up::confirm(tx, scope.patients(), &tree, cx.now).await?;
            return Ok(Found::new(kept).on(&id));
        }
        let earlier = rows::load(tx, scope.patients()).await?;
        earlier
            .into_iter()
            .find(|earlier| earlier.relation.id == id && self.asked_for(&earlier.relation))
            .map(|earlier| Found::new(earlier).on(&id))
            .ok_or(Error::new(code::REQUEST_ID_REUSED))
    }
}

impl RegisterRelation {
    fn check(&self, cx: &Context) -> Result<()> {
        if self.kind == RelationKind::Attestation {
            return Err(Error::invalid(
                "relation.kind",
                "an attestation is a person's, not a system's",
            ));
        }
        let from = self.from.unwrap_or(cx.now);
        if self.until.is_some_and(|until| until <= from) {
            return Err(Error::invalid(
                "relation.validity.end",
                "must be after the start",
            ));
        }
        Ok(())
    }

    fn kept(&self, patient: PatientKey, cx: &Context) -> Result<KeptRelation> {
        let system = &cx.caller.party().system.id;
        let id = match self.request_id {
            Some(request) => entropy::derived("relation", system, &request.to_string()),
            None => cx.uuid()?,
        };
        let relation = TreatmentRelation {
            id,
            patient,
            organisation: self.organisation.clone(),
            person: self.person.clone(),
            kind: self.kind,
            from: self.from.unwrap_or(cx.now),
            until: self.until,
            ended_at: None,
            source: system.clone(),
        };
        Ok(KeptRelation {
            relation,
            created_at: cx.now,
            episode_of_care: None,
            attestation: None,
        })
    }

    /// Whether an earlier relation is what this request asks for. A start that was not given is not compared.
    fn asked_for(&self, earlier: &TreatmentRelation) -> bool {
        earlier.kind == self.kind
            && earlier.organisation == self.organisation
            && earlier.person == self.person
            && earlier.until == self.until
            && self.from.is_none_or(|from| from == earlier.from)
    }
}

/// Ends a relation that the calling system may write for. Ending it again answers the same.
#[derive(Debug, Clone)]
pub struct EndRelation {
    pub patient: PersonNumber,
    pub relation_id: Uuid,
}

impl Sealed for EndRelation {}

impl Operation for EndRelation {
    type Outcome = KeptRelation;
    const ACTION: Action = Action::EndRelation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.relation_id.to_string()),
            ..Subject::about(&self.patient)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptRelation>> {
        let mut kept = rows::load(tx, &cx.patient_keys)
            .await?
            .into_iter()
            .find(|kept| kept.relation.id == self.relation_id)
            .filter(|kept| scope.may_write_for(&kept.relation.organisation))
            .ok_or(Error::new(code::NOT_FOUND))?;
        if rows::end(tx, &kept.relation.patient, self.relation_id, cx.now).await? {
            kept.relation.ended_at = Some(cx.now);
        }
        Ok(Found::new(kept).on(&self.relation_id))
    }
}

/// The relations of a patient: all of them for the citizen, a system's own for a system.
#[derive(Debug, Clone)]
pub struct ListRelations {
    pub patient: PersonNumber,
    /// Ended and lapsed ones too.
    pub include_ended: bool,
}

impl Sealed for ListRelations {}

impl Operation for ListRelations {
    type Outcome = Vec<KeptRelation>;
    const ACTION: Action = Action::ListRelations;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<KeptRelation>>> {
        let alone = cx.caller.party().person.is_none();
        let mut relations = rows::load(tx, &cx.patient_keys).await?;
        relations.retain(|kept| {
            let relation = &kept.relation;
            let over = [relation.ended_at, relation.until]
                .iter()
                .flatten()
                .any(|end| *end <= cx.now);
            (self.include_ended || !over) && (!alone || scope.may_write_for(&relation.organisation))
        });
        Ok(Found::new(relations))
    }
}
