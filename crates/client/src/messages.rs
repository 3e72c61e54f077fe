//! `MedCom` messages.

use std::fmt;

use delt_proto::message::v1::message_service_client::MessageServiceClient;
use delt_proto::message::v1::{
    AcknowledgeMessageRequest, AcknowledgeMessageResponse, GetMessageRequest, GetMessageResponse,
    ListMessagesRequest, ListMessagesResponse, Message, ReceiveMessagesRequest,
    ReceiveMessagesResponse, SendMessageRequest, SendMessageResponse,
};
use futures_util::{Stream, stream};
use tonic::Streaming;
use tonic::transport::Channel;

use crate::ClientError;
use crate::call::{Repeat, Service, calls};

/// `MessageService`.
#[derive(Debug, Clone)]
pub struct Messages(pub(crate) Service<MessageServiceClient<Channel>>);

impl Messages {
    calls! {
        /// Accepted means validated and durable. The same message again answers the same.
        pub send = send_message(SendMessageRequest) -> SendMessageResponse, Safe;
        /// Ends a lease. [`Delivery`] does this for the message that it holds.
        pub acknowledge = acknowledge_message(AcknowledgeMessageRequest) -> AcknowledgeMessageResponse, Safe;
        pub get = get_message(GetMessageRequest) -> GetMessageResponse, Safe;
        /// One page of messages.
        pub list = list_messages(ListMessagesRequest) -> ListMessagesResponse, Safe;
    }

    /// The messages that wait, each leased to the caller until it is acknowledged or the lease runs out. Where
    /// `drain` is set the inbox ends when nothing waits; otherwise it goes on as messages arrive.
    pub async fn receive(&self, request: ReceiveMessagesRequest) -> Result<Inbox, ClientError> {
        let send = |request| {
            let mut stub = self.0.stub.clone();
            async move { stub.receive_messages(request).await }
        };
        let answers = self.0.caller.open(Repeat::Safe, request, send).await?;
        Ok(Inbox {
            answers,
            messages: self.clone(),
        })
    }
}

/// An open inbox.
#[derive(Debug)]
pub struct Inbox {
    answers: Streaming<ReceiveMessagesResponse>,
    messages: Messages,
}

impl Inbox {
    /// The next message; `None` at the end.
    ///
    /// After an error open a new inbox: what was not acknowledged comes again when its lease has run out.
    pub async fn next(&mut self) -> Result<Option<Delivery>, ClientError> {
        let Some(answer) = self.answers.message().await? else {
            return Ok(None);
        };
        let message = answer
            .message
            .ok_or(ClientError::Contract("a delivery without a message"))?;
        Ok(Some(Delivery {
            message,
            content: answer.content,
            lease_token: answer.lease_token,
            lease_expires: answer.lease_expires,
            messages: self.messages.clone(),
        }))
    }

    /// The same as a stream, which ends after the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<Delivery, ClientError>> {
        stream::try_unfold(self, |mut inbox| async move {
            Ok(inbox.next().await?.map(|delivery| (delivery, inbox)))
        })
    }
}

/// A message that is leased to the caller. Dropped without an answer, it comes again when the lease has run out.
#[must_use = "a message that is not acknowledged is delivered again"]
pub struct Delivery {
    pub message: Message,
    /// The message as its standard has it.
    pub content: bytes::Bytes,
    pub lease_token: String,
    pub lease_expires: Option<prost_types::Timestamp>,
    messages: Messages,
}

impl Delivery {
    /// The receiver has it, durably.
    pub async fn ack(self) -> Result<AcknowledgeMessageResponse, ClientError> {
        self.answer(String::new(), String::new()).await
    }

    /// The receiver cannot use it. `code` is a `MedCom` issue code or a `RefuseCode`; the sender sees both.
    pub async fn refuse(
        self,
        code: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<AcknowledgeMessageResponse, ClientError> {
        self.answer(code.into(), text.into()).await
    }

    async fn answer(
        self,
        refuse_code: String,
        refuse_text: String,
    ) -> Result<AcknowledgeMessageResponse, ClientError> {
        let request = AcknowledgeMessageRequest {
            context: None,
            message_id: self.message.message_id,
            lease_token: self.lease_token,
            refuse_code,
            refuse_text,
        };
        self.messages.acknowledge(request).await
    }
}

// By hand, because the content is clinical and the lease token opens it.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("message_id", &self.message.message_id)
            .finish_non_exhaustive()
    }
}
