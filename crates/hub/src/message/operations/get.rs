//! `GetMessage`: one message with its trail.

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    error::code,
    message::{
        Event, Message, StandardReceipt,
        mailbox::receives_for,
        rows::{self, MessageRow},
    },
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Reads one message, for the system that sent it and the one that receives it.
#[derive(Debug, Clone, Copy)]
pub struct GetMessage {
    pub message_id: Uuid,
}

/// A message and what has happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTrail {
    pub message: Message,
    /// Oldest first.
    pub events: Vec<Event>,
    /// In the standard of the message, once its receiver has answered.
    pub receipt: Option<StandardReceipt>,
}

impl Sealed for GetMessage {}

impl Operation for GetMessage {
    type Outcome = MessageTrail;
    const ACTION: Action = Action::GetMessage;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.message_id.to_string()),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<MessageTrail>> {
        let id = self.message_id;
        let row = rows::by_id(tx, scope, id)
            .await?
            .filter(|row| is_sender(cx, scope, row) || is_receiver(cx, scope, row))
            .ok_or(Error::new(code::NOT_FOUND))?;
        let patient = row.patient;
        let trail = MessageTrail {
            message: row.message,
            events: rows::events(tx, scope, id).await?,
            receipt: rows::receipt(tx, scope, &cx.keys, id).await?,
        };
        let found = Found::new(trail);
        Ok(match patient {
            Some(patient) => found.about(patient),
            None => found,
        })
    }
}

/// The system that sent it, as long as it may send for that organisation.
fn is_sender(cx: &Context, scope: &Scope, row: &MessageRow) -> bool {
    row.sender_system == cx.caller.party().system.id
        && cx
            .directory
            .by_gln(&row.message.sender_gln)
            .is_some_and(|from| scope.may_write_for(from))
}

fn is_receiver(cx: &Context, scope: &Scope, row: &MessageRow) -> bool {
    let message = &row.message;
    receives_for(
        cx,
        scope,
        &message.receiver_gln,
        message.message_type.as_str(),
    )
    .is_some()
}
