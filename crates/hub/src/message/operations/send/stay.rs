//! What a message says of a stay at the sender's.

use delt_policy::{Scope, Sector};

use super::SendMessage;
use crate::{
    Result, entropy,
    operation::Context,
    relation::stay::{self, StayEvent},
    store::Tx,
};

impl SendMessage {
    /// What the message says of a stay becomes part of the treatment relations.
    pub(super) async fn hear_of_stay(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<()> {
        let head = &self.incoming.head;
        let (Some(notice), Some(patient)) = (head.stay, &head.patient) else {
            return Ok(());
        };
        let sector = cx.directory.tree().sector(&self.incoming.sender);
        // Only hospitals admit: what a practice or a municipality says of a stay must open nothing to it.
        if !matches!(sector, Sector::Region | Sector::Private) {
            return Ok(());
        }
        let gln = head.sender.gln.as_str();
        let event = StayEvent {
            id: entropy::derived("stay", gln, &head.sender_message_id),
            patient: cx.keys.patient_key(patient),
            notice,
            organisation: self.incoming.sender.clone(),
            source: cx.caller.party().system.id.clone(),
            episode_of_care: head.episode_of_care.clone(),
            received_at: cx.now,
        };
        stay::hear(tx, scope, cx, &event).await
    }
}
