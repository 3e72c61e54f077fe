//! A plain HTTPS GET, for sources that have their documents behind a web server.

use delt_hub::document::{Content, Locator, SourceFault};
use futures_util::StreamExt as _;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyStream, Empty};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::dial::Dialler;
use crate::telemetry::span::traceparent;

/// The hub's audit entry of this retrieval, for the source's own log.
const AUDIT_ENTRY: &str = "delt-audit-entry";

pub(super) type Client = legacy::Client<Dialler, Empty<Bytes>>;

/// A client that keeps its connections for a while.
pub(super) fn client(dialler: Dialler) -> Client {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .build(dialler)
}

/// Asks for a document. Follows no redirect: the directory says where documents are, not an answer.
pub(super) async fn open(
    client: &Client,
    url: &str,
    document: &Locator,
    max_bytes: u64,
) -> Result<Content, SourceFault> {
    let mut request = Request::get(url)
        .header(header::ACCEPT, "*/*")
        .header(header::ACCEPT_ENCODING, "identity")
        .header(AUDIT_ENTRY, document.audit_entry_id.to_string());
    if let Some(traceparent) = traceparent() {
        request = request.header("traceparent", traceparent);
    }
    let request = request
        .body(Empty::new())
        .map_err(|_| SourceFault::Unavailable)?;
    let response = client.request(request).await.map_err(|error| {
        tracing::warn!(%error, "a source did not answer");
        SourceFault::Unavailable
    })?;
    content(response, max_bytes)
}

fn content(response: Response<Incoming>, max_bytes: u64) -> Result<Content, SourceFault> {
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(SourceFault::Gone),
        status => {
            tracing::warn!(%status, "a source answered with another status");
            return Err(SourceFault::Unavailable);
        }
    }
    // Compressed bytes would not be the registered ones.
    if response.headers().contains_key(header::CONTENT_ENCODING) {
        return Err(SourceFault::Unavailable);
    }
    if response.body().size_hint().lower() > max_bytes {
        return Err(SourceFault::TooLarge);
    }
    Ok(BodyStream::new(response.into_body())
        .filter_map(async |frame| match frame {
            Ok(frame) => frame.into_data().ok().map(Ok),
            Err(_) => Some(Err(SourceFault::Unavailable)),
        })
        .boxed())
}
