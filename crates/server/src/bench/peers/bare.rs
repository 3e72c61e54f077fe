//! Limit (a): a bare gRPC server behind the same port as a hub. It reads no message and makes none, but gives the same bytes each time.

use std::future::{Ready, ready};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::{Buf as _, BufMut as _, Bytes};
use serde_json::json;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::server::{Grpc, UnaryService};
use tonic::{Request, Response, Status};

use super::Port;
use super::order::{Order, Orders, not_mine};
use crate::bench::Failure;
use crate::profile::Profile;

const SEARCH: &str = "/delt.record.v1.PatientRecordService/SearchRecord";

pub(super) async fn run(data_dir: &Path) -> Result<(), Failure> {
    let canned = Canned::default();
    let router = Router::new()
        .route(SEARCH, post(answer))
        .with_state(canned.clone());
    let port = Port::open(&Profile::open(data_dir)?.config().tls, router).await?;
    let mut orders = Orders::begin(json!({ "api": port.address })).await?;
    while let Some(order) = orders.next().await? {
        let done = match order {
            Order::Answer(file) => tokio::fs::read(&file)
                .await
                .map(|bytes| canned.set(bytes.into()))
                .map_err(Failure::from),
            _ => not_mine(),
        };
        orders.done(done).await?;
    }
    Ok(())
}

/// The bytes of every answer.
#[derive(Debug, Clone, Default)]
struct Canned(Arc<RwLock<Bytes>>);

impl Canned {
    fn set(&self, bytes: Bytes) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = bytes;
    }
}

impl UnaryService<Bytes> for Canned {
    type Response = Bytes;
    type Future = Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        let bytes = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ready(Ok(Response::new(bytes.clone())))
    }
}

async fn answer(
    State(canned): State<Canned>,
    request: http::Request<axum::body::Body>,
) -> http::Response<tonic::body::Body> {
    Grpc::new(Raw).unary(canned, request).await
}

/// Messages as bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}
