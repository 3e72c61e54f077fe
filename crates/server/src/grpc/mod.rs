//! The gRPC face: one file a noun, each only conversions between the wire and the hub's operations.
//!
//! [`Api::perform`] is the one way from here to the hub. A service turns its request into an operation ([`wire`] has the shared conversions, total
//! and naming the field that is wrong), performs it, and turns the outcome back.

mod call;
mod status;
mod wire;

use std::time::Duration;

use delt_hub::{Hub, Operation, Released};
use tonic::{Request, Status};

use crate::telemetry::{Metrics, Outcome};

pub(crate) use call::Call;
pub(crate) use status::status;

/// What every service shares.
#[derive(Debug, Clone)]
pub struct Api {
    pub(crate) hub: Hub,
    pub(crate) metrics: Metrics,
    /// Longest time for a call that does not stream.
    pub(crate) deadline: Duration,
}

/// The answer of a service.
pub(crate) type Answer<T> = Result<tonic::Response<T>, Status>;

impl Api {
    pub fn new(hub: Hub, metrics: Metrics, deadline: Duration) -> Self {
        Self {
            hub,
            metrics,
            deadline,
        }
    }

    /// Reads the request with `read`, performs the operation it makes, and gives the released outcome to `write`.
    pub(crate) async fn answer<M, O, T>(
        &self,
        request: Request<M>,
        read: impl FnOnce(M) -> delt_hub::Result<O>,
        write: impl FnOnce(Released<O::Outcome>) -> T,
    ) -> Answer<T>
    where
        M: call::HasContext,
        O: Operation,
    {
        let call = Call::of(&request, request.get_ref().context());
        let operation = read(request.into_inner()).map_err(|error| status(&error))?;
        let released = self.perform(&call, operation).await?;
        Ok(tonic::Response::new(write(released)))
    }

    /// Recognises the caller and performs one operation within the deadline.
    pub(crate) async fn perform<O: Operation>(
        &self,
        call: &Call,
        operation: O,
    ) -> Result<Released<O::Outcome>, Status> {
        let counted = self.metrics.request(O::ACTION.as_str());
        let entered = self.hub.enter(&call.credentials, &call.context, operation);
        let outcome = match tokio::time::timeout(call.deadline(self.deadline), entered).await {
            Ok(outcome) => outcome,
            Err(_) => Err(delt_hub::Error::new(
                delt_hub::error::code::DEADLINE_EXCEEDED,
            )),
        };
        counted.end(counted_as(outcome.as_ref().err()));
        outcome.map_err(|error| status(&error))
    }
}

/// How a call counts in the metrics.
pub(crate) fn counted_as(error: Option<&delt_hub::Error>) -> Outcome {
    error.map_or(Outcome::Ok, |error| Outcome::Failed(error.kind()))
}
