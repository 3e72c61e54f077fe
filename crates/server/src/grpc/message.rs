//! Messages on the wire.

mod entry;
mod stream;

use delt_hub::{
    Error, Operation as _, Released, Result,
    message::{
        Event, Message, State,
        operations::{
            AcknowledgeMessage, GetMessage, ListMessages, MessagePage, MessageTrail,
            ReceiveMessages, Refusal, SendMessage,
        },
    },
};
use delt_proto::message::v1::{self as v1, message_service_server::MessageService as Service};
use tonic::{Request, Response};
use uuid::Uuid;

use super::{Answer, Api, Call, counted_as, status, wire};

/// Longest code of a refusal, in characters: longer than any that is known.
const REFUSE_CODE_MAX: usize = 64;

/// `delt.message.v1.MessageService`
#[derive(Debug, Clone)]
pub(crate) struct MessageService(pub(crate) Api);

#[tonic::async_trait]
impl Service for MessageService {
    type ReceiveMessagesStream = stream::Deliveries;

    async fn send_message(
        &self,
        request: Request<v1::SendMessageRequest>,
    ) -> Answer<v1::SendMessageResponse> {
        let call = Call::of(&request, request.get_ref().context.as_ref());
        let read = self.read(&call, request.into_inner()).await;
        let operation = read.map_err(|error| status(&error))?;
        let sent = self.0.perform(&call, operation).await?;
        self.0.hub.announce_messages();
        Ok(Response::new(v1::SendMessageResponse {
            message: Some(written(&sent.value.message)),
            already_accepted: sent.value.already_accepted,
            receipt: Some(wire::receipt(&sent.receipt)),
        }))
    }

    async fn receive_messages(
        &self,
        request: Request<v1::ReceiveMessagesRequest>,
    ) -> Answer<stream::Deliveries> {
        let call = Call::of(&request, request.get_ref().context.as_ref());
        let message = request.into_inner();
        let drain = message.drain;
        let read = self.receive(&message);
        let operation = self
            .0
            .understood(&call, ReceiveMessages::ACTION, read)
            .await?;
        stream::deliveries(self.0.clone(), call, operation, drain)
            .await
            .map(Response::new)
    }

    async fn acknowledge_message(
        &self,
        request: Request<v1::AcknowledgeMessageRequest>,
    ) -> Answer<v1::AcknowledgeMessageResponse> {
        let answered = self
            .0
            .answer(request, acknowledge, |done| acknowledged(&done))
            .await?;
        // There is room for the next one now.
        self.0.hub.announce_messages();
        Ok(answered)
    }

    async fn get_message(
        &self,
        request: Request<v1::GetMessageRequest>,
    ) -> Answer<v1::GetMessageResponse> {
        self.0.answer(request, |message| get(&message), found).await
    }

    async fn list_messages(
        &self,
        request: Request<v1::ListMessagesRequest>,
    ) -> Answer<v1::ListMessagesResponse> {
        self.0.answer(request, list, listed).await
    }
}

impl MessageService {
    /// Reads and validates a message. It is large, so the caller is recognised first; one that does not pass leaves its audit entry too.
    async fn read(&self, call: &Call, message: v1::SendMessageRequest) -> Result<SendMessage> {
        let hub = &self.0.hub;
        let action = SendMessage::ACTION.as_str();
        let caller = hub.caller(&call.credentials, &call.context, action).await?;
        let (bytes_max, directory) = (hub.settings().message_bytes_max, hub.directory());
        let (content, mime_type) = (message.content, message.mime_type.as_str());
        let read = SendMessage::new(content, mime_type, bytes_max, &directory, entry::encode);
        match read {
            Ok(operation) => Ok(operation),
            Err(error) => {
                self.0.metrics.request(action).end(counted_as(Some(&error)));
                Err(hub.refuse_caller(&caller, action, error).await)
            }
        }
    }

    fn receive(&self, message: &v1::ReceiveMessagesRequest) -> Result<ReceiveMessages> {
        let negative = |_| Error::invalid("max_leased", "must not be negative");
        let max_leased = u32::try_from(message.max_leased).map_err(negative)?;
        let gln = wire::optional(&message.receiver_gln);
        ReceiveMessages::new(gln, max_leased, &self.0.hub.directory())
    }
}

fn acknowledge(message: v1::AcknowledgeMessageRequest) -> Result<AcknowledgeMessage> {
    let refusal = if message.refuse_code.is_empty() {
        if !message.refuse_text.is_empty() {
            return Err(Error::invalid(
                "refuse_code",
                "is required with a refuse_text",
            ));
        }
        None
    } else {
        let code = wire::bounded("refuse_code", message.refuse_code, REFUSE_CODE_MAX)?;
        Some(Refusal {
            code,
            text: message.refuse_text,
        })
    };
    Ok(AcknowledgeMessage {
        message_id: wire::uuid("message_id", &message.message_id)?,
        lease_token: lease_token(&message.lease_token),
        refusal,
    })
}

/// The bytes of a lease token; none for a text that no token has, which is then simply not the right one.
fn lease_token(text: &str) -> Vec<u8> {
    let token = Some(text).filter(|text| text.len() == 32);
    token
        .and_then(|text| Uuid::try_parse(text).ok())
        .map_or_else(Vec::new, |t| t.into_bytes().into())
}

/// A lease token on the wire: 32 hexadecimal digits.
fn written_token(token: [u8; 16]) -> String {
    Uuid::from_bytes(token).simple().to_string()
}

fn acknowledged(done: &Released<Message>) -> v1::AcknowledgeMessageResponse {
    v1::AcknowledgeMessageResponse {
        message: Some(written(&done.value)),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn get(message: &v1::GetMessageRequest) -> Result<GetMessage> {
    Ok(GetMessage {
        message_id: wire::uuid("message_id", &message.message_id)?,
    })
}

fn found(done: Released<MessageTrail>) -> v1::GetMessageResponse {
    let Released {
        value: trail,
        receipt,
    } = done;
    let (content, mime_type) = match trail.receipt {
        Some(standard) => (standard.content, standard.mime_type),
        None => Default::default(),
    };
    v1::GetMessageResponse {
        message: Some(written(&trail.message)),
        events: trail.events.iter().map(event).collect(),
        standard_receipt: content.into(),
        standard_receipt_mime_type: mime_type,
        receipt: Some(wire::receipt(&receipt)),
    }
}

fn event(event: &Event) -> v1::MessageEvent {
    v1::MessageEvent {
        event: event.kind.as_str().to_owned(),
        time: Some(wire::timestamp(event.at)),
        detail: event.detail.clone(),
    }
}

fn list(message: v1::ListMessagesRequest) -> Result<ListMessages> {
    let negative = |_| Error::invalid("page_size", "must not be negative");
    Ok(ListMessages {
        sent: message.sent,
        page_size: u32::try_from(message.page_size).map_err(negative)?,
        page_token: message.page_token,
    })
}

fn listed(done: Released<MessagePage>) -> v1::ListMessagesResponse {
    v1::ListMessagesResponse {
        messages: done.value.messages.iter().map(written).collect(),
        next_page_token: done.value.next.unwrap_or_default(),
        receipt: Some(wire::receipt(&done.receipt)),
    }
}

fn written(message: &Message) -> v1::Message {
    v1::Message {
        message_id: message.message_id.to_string(),
        message_type: message.message_type.as_str().to_owned(),
        sender_message_id: message.sender_message_id.clone(),
        sender_gln: message.sender_gln.clone(),
        receiver_gln: message.receiver_gln.clone(),
        state: state(message.state).into(),
        accepted_time: Some(wire::timestamp(message.accepted_at)),
        acknowledged_time: message.acknowledged_at.map(wire::timestamp),
        mime_type: message.message_type.mime_type().to_owned(),
        size: message.size,
        entry_uuid: message
            .entry_uuid
            .map(|id| id.to_string())
            .unwrap_or_default(),
        attempts: message.attempts,
    }
}

const fn state(state: State) -> v1::MessageState {
    match state {
        State::Accepted => v1::MessageState::Accepted,
        State::Leased => v1::MessageState::Leased,
        State::Acknowledged => v1::MessageState::Acknowledged,
        State::Refused => v1::MessageState::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_token_comes_back_as_it_went() {
        let token = *b"0123456789abcdef";
        assert_eq!(lease_token(&written_token(token)), token);
        for other in [
            "",
            "æ",
            "30313233-3435-3637-3839-616263646566",
            &"g".repeat(32),
        ] {
            assert!(lease_token(other).is_empty());
        }
    }

    #[test]
    fn a_refusal_needs_its_code() {
        let message = v1::AcknowledgeMessageRequest {
            message_id: Uuid::from_u128(1).to_string(),
            refuse_text: "text".to_owned(),
            ..Default::default()
        };
        let error = acknowledge(message.clone()).unwrap_err();
        assert_eq!(error.field_violations()[0].field, "refuse_code");
        let coded = v1::AcknowledgeMessageRequest {
            refuse_code: "x".repeat(65),
            ..message
        };
        assert!(acknowledge(coded).is_err());
    }
}
