//! `LiftRevocation`: lets in again what was revoked.

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    revocation::{Revocation, rows},
    store::Tx,
};

/// Ends a revocation. It stays as history; ending it again answers the same.
#[derive(Debug, Clone)]
pub struct LiftRevocation {
    pub revocation_id: Uuid,
}

impl Sealed for LiftRevocation {}

impl Operation for LiftRevocation {
    type Outcome = Revocation;
    const ACTION: Action = Action::LiftRevocation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.revocation_id.to_string()),
            ..Subject::default()
        }
    }

    async fn run(&self, _: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Revocation>> {
        let id = self.revocation_id;
        rows::end(tx, id, cx.now, &cx.caller.party().system.id).await?;
        let lifted = rows::one(tx, &cx.keys, id).await?;
        lifted
            .map(|lifted| Found::new(lifted).on(&id))
            .ok_or(Error::new(code::NOT_FOUND))
    }
}
