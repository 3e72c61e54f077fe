//! The citizen's opt-out from discharge letters (Sundhedsloven § 41, stk. 3).

use delt_policy::{Ground, Rule, Scope};
use uuid::Uuid;

use super::SendMessage;
use crate::{
    Error, Result,
    error::code,
    message::{MessageType, read::Revision, rows},
    store::Tx,
};

impl SendMessage {
    /// A citizen's opt-out is asked before anything of a discharge letter is kept (Sundhedsloven § 41, stk. 3). What was accepted before it answers as it
    /// did then, and a letter that went out before it can still be cancelled.
    pub(super) async fn check_opt_out(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        earlier: Option<Uuid>,
    ) -> Result<()> {
        let head = &self.incoming.head;
        let cancels = matches!(head.revision, Revision::Cancels(_)) && earlier.is_some();
        if head.message_type != MessageType::Xdis01 || cancels {
            return Ok(());
        }
        let Some(consent) = scope.letter_opt_out(&self.incoming.receiver) else {
            return Ok(());
        };
        let gln = head.sender.gln.as_str();
        let kept = rows::by_identity(tx, scope, gln, &head.sender_message_id).await?;
        if kept.is_some_and(|kept| kept.digest == self.incoming.digest) {
            return Ok(());
        }
        let ground = Ground {
            rule: Rule::ConsentBlock,
            reference: consent.to_string(),
            detail: "the citizen has opted out of discharge letters to the receiver".to_owned(),
        };
        Err(Error::new(code::LETTER_OPTED_OUT).logged_as(code::LETTER_OPTED_OUT, vec![ground]))
    }
}
