//! `AcknowledgeMessage`: the receiver says that a message is safe with it, or refuses it.

use std::fmt;

use delt_policy::{Action, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    error::code,
    message::{
        Event, EventKind, Message, State,
        mailbox::receives_for,
        receipt::{self, Verdict},
        rows::{self, End, MessageRow},
        state::Step,
    },
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// Longest text of a refusal, in characters: one line of the sender's screen.
const REFUSE_TEXT_MAX: usize = 350;

/// Ends a lease. The same word again gets the same answer; another word is refused.
#[derive(Clone)]
pub struct AcknowledgeMessage {
    pub message_id: Uuid,
    /// From the delivery. One that cannot have been given out is simply not the right one.
    pub lease_token: Vec<u8>,
    /// None: received.
    pub refusal: Option<Refusal>,
}

/// Why a message is refused.
#[derive(Clone)]
pub struct Refusal {
    /// A MedCom acknowledgement issue code, or for a letter the `RefuseCode` of XCTL02.
    pub code: String,
    /// In the receiver's words, for letters. It may be about the patient: it goes into the sealed receipt and nowhere else.
    pub text: String,
}

impl fmt::Debug for AcknowledgeMessage {
    /// Without the token, which is a secret, and the text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "AcknowledgeMessage({}, refuses: {})",
            self.message_id,
            self.refusal.is_some()
        )
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refusal(…)")
    }
}

impl Sealed for AcknowledgeMessage {}

impl Operation for AcknowledgeMessage {
    type Outcome = Message;
    const ACTION: Action = Action::AcknowledgeMessage;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            target: Some(self.message_id.to_string()),
            ..Subject::default()
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Message>> {
        let row = self.own(scope, tx, cx).await?;
        let verdict = self.verdict(&row)?;
        let code = self.refusal.as_ref().map(|refusal| refusal.code.as_str());
        let step = row.standing.acknowledge(&self.lease_token, code, cx.now)?;
        let (mut message, patient) = (row.message, row.patient);
        if let Step::Ends(state) = step {
            self.end(scope, tx, cx, &message, &verdict, state).await?;
            message.state = state;
            message.acknowledged_at = Some(cx.now);
        }
        let found = Found::new(message);
        Ok(match patient {
            Some(patient) => found.about(patient),
            None => found,
        })
    }
}

impl AcknowledgeMessage {
    /// The message, where the caller is its receiver. Another's and a missing one are one answer.
    async fn own(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<MessageRow> {
        rows::by_id(tx, scope, self.message_id)
            .await?
            .filter(|row| {
                let message = &row.message;
                let taken = message.message_type.as_str();
                receives_for(cx, scope, &message.receiver_gln, taken).is_some()
            })
            .ok_or(Error::new(code::NOT_FOUND))
    }

    fn verdict(&self, row: &MessageRow) -> Result<Verdict<'_>> {
        let (code, text) = match &self.refusal {
            Some(refusal) => (Some(refusal.code.as_str()), refusal.text.as_str()),
            None => (None, ""),
        };
        if text.chars().count() > REFUSE_TEXT_MAX {
            let longest = format!("is longer than {REFUSE_TEXT_MAX} characters");
            return Err(Error::invalid("refuse_text", longest));
        }
        Verdict::read(row.message.message_type, code, text)
    }

    async fn end(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
        message: &Message,
        verdict: &Verdict<'_>,
        state: State,
    ) -> Result<()> {
        let content = rows::content(tx, scope, &cx.keys, self.message_id).await?;
        let receipt = receipt::write(cx, message, &content, verdict)?;
        let refuse_code = self.refusal.as_ref().map(|refusal| refusal.code.as_str());
        let token = &self.lease_token;
        let end = End {
            state,
            token,
            refuse_code,
            receipt: &receipt,
            at: cx.now,
        };
        if !rows::end(tx, scope, &cx.keys, self.message_id, &end).await? {
            return Err(Error::new(code::STATE_CONFLICT)
                .with_message("the message was offered again in the meantime"));
        }
        let (kind, detail) = match refuse_code {
            Some(code) => (EventKind::Refused, code),
            None => (
                EventKind::Acknowledged,
                cx.caller.party().system.id.as_str(),
            ),
        };
        let event = Event {
            kind,
            at: cx.now,
            detail: detail.to_owned(),
        };
        rows::add_event(tx, scope, self.message_id, &event).await
    }
}
