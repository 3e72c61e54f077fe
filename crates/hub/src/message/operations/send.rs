//! `SendMessage`: takes a message over from its sender, and shares it in the same transaction.

mod cancel;
mod opt_out;
mod stay;

use std::fmt;

use bytes::Bytes;
use delt_policy::{Action, PatientKey, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    document::{
        AvailabilityStatus,
        operations::{Registration, register},
        rows as entries,
    },
    error::code,
    message::{
        Event, EventKind, Message,
        read::{self, Earlier, Incoming, Revision},
        rows::{self, NewMessage},
        share::{self, Encode, Stamp},
    },
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    organisation::Directory,
    patient::rows::keep_number,
    store::Tx,
};

/// Hands a message to the hub for delivery.
pub struct SendMessage {
    content: Bytes,
    incoming: Incoming,
    encode: Encode,
}

/// What became of a message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub message: Message,
    /// It was accepted before; nothing changed now.
    pub already_accepted: bool,
}

impl SendMessage {
    /// Reads and validates a message of at most `bytes_max` bytes; `encode` writes the entry that will point at it.
    ///
    /// # Errors
    /// `TOO_LARGE`; `INVALID_ARGUMENT` naming `mime_type`; `MESSAGE_INVALID` with every violation under `content:<path>`, or naming `sender` or
    /// `receiver` where the directory does not know the place or the receiver does not take this type of message.
    pub fn new(
        content: Bytes,
        mime_type: &str,
        bytes_max: usize,
        directory: &Directory,
        encode: Encode,
    ) -> Result<Self> {
        let incoming = read::read(&content, mime_type, bytes_max, directory)?;
        Ok(Self {
            content,
            incoming,
            encode,
        })
    }
}

impl fmt::Debug for SendMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SendMessage({:?}, {} bytes)",
            self.incoming.head.message_type,
            self.content.len()
        )
    }
}

impl Sealed for SendMessage {}

impl Operation for SendMessage {
    type Outcome = Sent;
    const ACTION: Action = Action::SendMessage;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let head = &self.incoming.head;
        let filters = [
            ("message_type", head.message_type.as_str()),
            ("sender", head.sender.gln.as_str()),
            ("receiver", head.receiver.gln.as_str()),
        ];
        Subject {
            patient: head.patient.clone(),
            organisations: vec![self.incoming.sender.clone()],
            target: None,
            filters: filters
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Sent>> {
        if !scope.may_write_for(&self.incoming.sender) {
            return Err(Error::new(code::FOREIGN_ORGANISATION));
        }
        let message_id = cx.uuid()?;
        let entry_uuid = share::patient(&self.incoming)
            .map(|_| cx.uuid())
            .transpose()?;
        let earlier = self.earlier(scope, tx).await?;
        self.check_opt_out(scope, tx, earlier).await?;
        if !self.insert(scope, tx, cx, message_id, entry_uuid).await? {
            return self.accepted_before(scope, tx).await;
        }
        self.note_accepted(scope, tx, cx, message_id).await?;
        if let Some(entry_uuid) = entry_uuid {
            let replaces = self.current(scope, tx, earlier).await?;
            let stamp = Stamp {
                message_id,
                entry_uuid,
                replaces,
            };
            self.share(scope, tx, cx, &stamp).await?;
        } else if let (Some(earlier), Revision::Cancels(_)) =
            (earlier, &self.incoming.head.revision)
        {
            cancel::entry(scope, tx, cx, earlier).await?;
        }
        self.hear_of_stay(scope, tx, cx).await?;
        let row = rows::by_id(tx, scope, message_id).await?;
        let message = row
            .ok_or_else(|| Error::internal("an accepted message is gone"))?
            .message;
        Ok(Found::new(Sent {
            message,
            already_accepted: false,
        })
        .on(&message_id))
    }
}

impl SendMessage {
    async fn insert(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
        message_id: Uuid,
        entry_uuid: Option<Uuid>,
    ) -> Result<bool> {
        let head = &self.incoming.head;
        let patient = self.keep_patient(tx, cx).await?;
        let new = NewMessage {
            message_id,
            message_type: head.message_type,
            sender_message_id: &head.sender_message_id,
            sender_gln: head.sender.gln.as_str(),
            receiver_gln: head.receiver.gln.as_str(),
            sender_system: &cx.caller.party().system.id,
            content: &self.content,
            digest: &self.incoming.digest,
            patient,
            episode_of_care: head.episode_of_care.as_deref(),
            entry_uuid,
            accepted_at: cx.now,
        };
        rows::insert(tx, scope, &cx.keys, &new).await
    }

    async fn keep_patient(&self, tx: &mut Tx<'_>, cx: &Context) -> Result<Option<PatientKey>> {
        match &self.incoming.head.patient {
            Some(number) => keep_number(tx, &cx.keys, number, cx.now).await.map(Some),
            None => Ok(None),
        }
    }

    /// The sender's id is taken: by this very message, which then is answered as the first time, or by another.
    async fn accepted_before(&self, scope: &Scope, tx: &mut Tx<'_>) -> Result<Found<Sent>> {
        let head = &self.incoming.head;
        let kept = rows::by_identity(tx, scope, head.sender.gln.as_str(), &head.sender_message_id)
            .await?
            .ok_or_else(|| Error::internal("a message whose id is taken is gone"))?;
        if kept.digest != self.incoming.digest {
            return Err(Error::new(code::IDENTITY_CONFLICT).with_message(
                "the sender has sent another message under this id; changed content needs a new id",
            ));
        }
        let id = kept.message.message_id;
        Ok(Found::new(Sent {
            message: kept.message,
            already_accepted: true,
        })
        .on(&id))
    }

    async fn note_accepted(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
        message_id: Uuid,
    ) -> Result<()> {
        let detail = cx.caller.party().system.id.clone();
        let event = Event {
            kind: EventKind::Accepted,
            at: cx.now,
            detail,
        };
        rows::add_event(tx, scope, message_id, &event).await
    }

    /// The entry of the message that this one corrects or cancels. A sender's claim reaches its own messages about this patient only.
    async fn earlier(&self, scope: &Scope, tx: &mut Tx<'_>) -> Result<Option<Uuid>> {
        let head = &self.incoming.head;
        let sender = head.sender.gln.as_str();
        let (Revision::Corrects(named) | Revision::Cancels(named)) = &head.revision else {
            return Ok(None);
        };
        match (named, &head.episode_of_care) {
            (Earlier::InEpisode, Some(episode)) => {
                rows::last_entry_in_episode(tx, scope, sender, head.message_type, episode).await
            }
            (Earlier::InEpisode, None) => Ok(None),
            (Earlier::Named(id), _) => {
                let kept = rows::by_identity(tx, scope, sender, id).await?;
                Ok(kept
                    .filter(|kept| kept.patient.is_some_and(|key| scope.covers_patient(&key)))
                    .and_then(|kept| kept.message.entry_uuid))
            }
        }
    }

    /// What can still be replaced of what was found: its sender may have withdrawn it in the meantime, and then the correction stands alone.
    async fn current(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        earlier: Option<Uuid>,
    ) -> Result<Option<Uuid>> {
        let Some(earlier) = earlier else {
            return Ok(None);
        };
        Ok(held(scope, tx, earlier)
            .await?
            .filter(|row| row.status == AvailabilityStatus::Approved)
            .map(|_| earlier))
    }

    async fn share(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
        stamp: &Stamp,
    ) -> Result<()> {
        let entry = share::entry(&self.incoming, &self.content, stamp, &cx.directory)
            .ok_or_else(|| Error::internal("a message to share has no entry"))?;
        let encoded = (self.encode)(&entry);
        let message_id = Some(stamp.message_id);
        let registration = Registration {
            entry: &entry,
            encoded: &encoded,
            message_id,
        };
        register(tx, scope, cx, &registration)
            .await
            .map(drop)
            .map_err(unshareable)
    }
}

/// The sender sent a message, not an entry: what the index cannot take of it is told as a fault of the message.
fn unshareable(error: Error) -> Error {
    if error.code() != code::INVALID_ARGUMENT {
        return error;
    }
    Error::new(code::MESSAGE_INVALID)
        .with_message("the message cannot be shared as it is")
        .with_violations(error.field_violations().to_vec())
}

/// An entry of the scope's patient, held until the transaction ends.
async fn held(scope: &Scope, tx: &mut Tx<'_>, entry: Uuid) -> Result<Option<entries::EntryRow>> {
    let Some(row) = entries::of_patient_by_id(tx, scope, entry).await? else {
        return Ok(None);
    };
    entries::lock(tx, &row.facts.patient, entry).await?;
    entries::of_patient_by_id(tx, scope, entry).await
}
