//! Ending representations, and who may see which.

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, CitizenRelation, Representation, Scope};
use uuid::Uuid;

use super::{super::is_over, ToldRepresentation, registrar};
use crate::{
    Error, Result,
    delegation::{KeptRepresentation, Registrar, rows::representations as rows},
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::number,
    store::Tx,
};

/// Ends a representation: a register what a register told of, the citizen a power of attorney. It stays as history; ending it
/// again answers the same.
#[derive(Debug, Clone)]
pub struct EndRepresentation {
    pub patient: PersonNumber,
    pub representation_id: Uuid,
}

impl Sealed for EndRepresentation {}

impl Operation for EndRepresentation {
    type Outcome = ToldRepresentation;
    const ACTION: Action = Action::EndRepresentation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.representation_id.to_string()),
            ..Subject::about(&self.patient)
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ToldRepresentation>> {
        let registrar = registrar(cx)?;
        let mut kept = visible(registrar, scope, tx)
            .await?
            .into_iter()
            .find(|kept| kept.representation.id == self.representation_id)
            .ok_or(Error::new(code::NOT_FOUND))?;
        may_end(registrar, &kept)?;
        let by = (registrar, cx.caller.party().system.id.as_str());
        let patient = kept.representation.patient;
        if rows::end(tx, &patient, self.representation_id, cx.now, by).await? {
            kept.representation.ended_at = Some(cx.now);
        }
        Ok(Found::new(told(kept, tx, cx).await?).on(&self.representation_id))
    }
}

/// What the caller may know of: the citizen all of it, a register what registers told of.
async fn visible(
    registrar: Registrar,
    scope: &Scope,
    tx: &mut Tx<'_>,
) -> Result<Vec<KeptRepresentation>> {
    let mut kept = rows::load(tx, scope.patients()).await?;
    kept.retain(|kept| registrar == Registrar::Citizen || kept.registrar == Registrar::Register);
    Ok(kept)
}

fn may_end(registrar: Registrar, kept: &KeptRepresentation) -> Result<()> {
    match registrar {
        Registrar::Citizen if kept.representation.kind != CitizenRelation::Proxy => {
            Err(Error::new(code::ACCESS_DENIED)
                .with_message("custody and guardianship are ended by the register"))
        }
        _ => Ok(()),
    }
}

async fn told(
    kept: KeptRepresentation,
    tx: &mut Tx<'_>,
    cx: &Context,
) -> Result<ToldRepresentation> {
    let representative = number(tx, &cx.keys, &kept.representation.representative).await?;
    Ok(ToldRepresentation {
        kept,
        representative,
    })
}

/// Who may act for a citizen, oldest first: all of them for the citizen, for a register those that registers told of.
#[derive(Debug, Clone)]
pub struct ListRepresentations {
    pub patient: PersonNumber,
    /// Ended and lapsed ones too.
    pub include_ended: bool,
}

impl Sealed for ListRepresentations {}

impl Operation for ListRepresentations {
    type Outcome = Vec<ToldRepresentation>;
    const ACTION: Action = Action::ListRepresentations;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<ToldRepresentation>>> {
        let mut found = Vec::new();
        for kept in visible(registrar(cx)?, scope, tx).await? {
            let Representation {
                ended_at, until, ..
            } = kept.representation;
            if self.include_ended || !is_over(ended_at, until, cx.now) {
                found.push(told(kept, tx, cx).await?);
            }
        }
        Ok(Found::new(found))
    }
}
