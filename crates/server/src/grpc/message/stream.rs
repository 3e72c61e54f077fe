//! `ReceiveMessages`: a stream of deliveries, each an operation of its own.

use delt_hub::{
    Error, Released,
    error::code::STORE_UNAVAILABLE,
    message::{
        Delivery, Mailbox, Wake,
        operations::{ReceiveMessages, Received},
    },
};
use delt_proto::message::v1;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use tonic::Status;

use super::{written, written_token};
use crate::grpc::{Api, Call, status, wire};

pub(crate) type Deliveries = BoxStream<'static, Result<v1::ReceiveMessagesResponse, Status>>;

/// Messages as they are leased. What is wrong with the request is the status of the call.
///
/// Each delivery recognises its caller anew, for a registration may end while the stream lasts. A message is leased when the client is ready to
/// take it, never ahead.
pub(super) async fn deliveries(
    api: Api,
    call: Call,
    operation: ReceiveMessages,
    drain: bool,
) -> Result<Deliveries, Status> {
    let Released { value, receipt } = api.perform(&call, operation.clone()).await?;
    let Received { delivery, mailbox } = value;
    let first = delivery.map(|delivery| Ok(delivered(delivery, &receipt)));
    let receiver = Receiver {
        api,
        call,
        operation,
        drain,
        mailbox,
    };
    let others = stream::try_unfold(receiver, Receiver::next);
    Ok(stream::iter(first).chain(others).boxed())
}

struct Receiver {
    api: Api,
    call: Call,
    operation: ReceiveMessages,
    drain: bool,
    mailbox: Mailbox,
}

impl Receiver {
    async fn next(mut self) -> Result<Option<(v1::ReceiveMessagesResponse, Self)>, Status> {
        while self.is_waiting().await? {
            let Released { value, receipt } =
                self.api.perform(&self.call, self.operation.clone()).await?;
            self.mailbox = value.mailbox;
            // None where another receiver of the same mailbox was quicker.
            if let Some(delivery) = value.delivery {
                return Ok(Some((delivered(delivery, &receipt), self)));
            }
        }
        Ok(None)
    }

    /// Whether there is something to lease. Looking needs no operation: it tells the client nothing.
    async fn is_waiting(&self) -> Result<bool, Status> {
        let hub = &self.api.hub;
        if self.drain {
            return hub
                .has_message(&self.mailbox)
                .await
                .map_err(|error| status(&error));
        }
        match hub
            .await_message(&self.mailbox)
            .await
            .map_err(|error| status(&error))?
        {
            Wake::Waiting => Ok(true),
            Wake::Stopping => Err(status(
                &Error::new(STORE_UNAVAILABLE)
                    .with_message("the hub shuts down; connect again")
                    .retry_after_ms(1_000),
            )),
        }
    }
}

fn delivered(
    delivery: Delivery,
    receipt: &delt_hub::audit::Receipt,
) -> v1::ReceiveMessagesResponse {
    v1::ReceiveMessagesResponse {
        message: Some(written(&delivery.message)),
        content: delivery.content,
        lease_token: written_token(delivery.lease_token),
        lease_expires: Some(wire::timestamp(delivery.lease_expires)),
        receipt: Some(wire::receipt(receipt)),
    }
}
