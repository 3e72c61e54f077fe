//! Ending helpers' delegations, and who is told of which.

use delt_policy::{Action, HelperDelegation, Micros, Scope};
use uuid::Uuid;

use super::{super::is_over, Responsible, ToldDelegation};
use crate::{
    Error, Result,
    delegation::{KeptDelegation, rows::helpers as rows},
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::number,
    store::Tx,
};

/// Ends a delegation that the calling professional gave. It stays as history; ending it again answers the same.
#[derive(Debug, Clone)]
pub struct EndHelperDelegation {
    pub delegation_id: Uuid,
}

impl Sealed for EndHelperDelegation {}

impl Operation for EndHelperDelegation {
    type Outcome = ToldDelegation;
    const ACTION: Action = Action::EndHelperDelegation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.delegation_id.to_string()),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ToldDelegation>> {
        let Responsible { authorisation, .. } = Responsible::of(cx)?;
        let by = &cx.caller.party().system.id;
        rows::end(tx, &authorisation, self.delegation_id, cx.now, by).await?;
        let kept = rows::one(tx, &authorisation, self.delegation_id)
            .await?
            .ok_or(Error::new(code::NOT_FOUND))?;
        let helper = number(tx, &cx.keys, &kept.delegation.helper).await?;
        Ok(Found::new(ToldDelegation { kept, helper }).on(&self.delegation_id))
    }
}

/// The delegations that the caller gave, and those that the caller received, oldest first.
#[derive(Debug, Clone)]
pub struct ListHelperDelegations {
    /// Ended and lapsed ones too.
    pub include_ended: bool,
}

impl Sealed for ListHelperDelegations {}

impl Operation for ListHelperDelegations {
    type Outcome = Vec<ToldDelegation>;
    const ACTION: Action = Action::ListHelperDelegations;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::default()
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Vec<ToldDelegation>>> {
        let party = cx.caller.party();
        let mut told = Vec::new();
        if let Some(own) = party.person.as_ref().and_then(|p| p.authorisation()) {
            for kept in self.wanted(rows::given(tx, own).await?, cx.now) {
                let helper = number(tx, &cx.keys, &kept.delegation.helper).await?;
                told.push(ToldDelegation { kept, helper });
            }
        }
        if let Some(own) = &party.person_key {
            let received = self.wanted(rows::received(tx, own).await?, cx.now);
            told.extend(received.map(|kept| ToldDelegation { kept, helper: None }));
        }
        Ok(Found::new(told))
    }
}

impl ListHelperDelegations {
    fn wanted(
        &self,
        kept: Vec<KeptDelegation>,
        now: Micros,
    ) -> impl Iterator<Item = KeptDelegation> {
        let include_ended = self.include_ended;
        kept.into_iter().filter(move |kept| {
            let HelperDelegation {
                ended_at, until, ..
            } = kept.delegation;
            include_ended || !is_over(ended_at, Some(until), now)
        })
    }
}
