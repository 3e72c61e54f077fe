//! `/log/`: checkpoint, tiles and entry bundles as C2SP tlog-tiles has them, for tools that others wrote.
//!
//! Hashes and a signature, so no certificate is needed and no entry is left. Whoever fetches them takes no place from a hospital: they have places of
//! their own, and one more is turned away at once.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use delt_hub::{Error, Hub, Kind};
use delt_ledger::merkle::{TILE_WIDTH, TileId};
use http::{
    HeaderName, StatusCode, Uri,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use tokio::sync::Semaphore;

const PREFIX: &str = "/log/";
/// One in so many of the places for requests.
const SHARE: usize = 16;
/// A full tile never changes, and a narrower one is a fixed part of it.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// What the routes share.
#[derive(Debug, Clone)]
struct Log {
    hub: Hub,
    places: Arc<Semaphore>,
    deadline: Duration,
}

/// The routes of the log. `requests` is how many requests of all kinds are worked on at once.
pub(crate) fn router(hub: &Hub, requests: usize, deadline: Duration) -> Router {
    let log = Log {
        hub: hub.clone(),
        places: Arc::new(Semaphore::new(requests.div_ceil(SHARE))),
        deadline,
    };
    Router::new()
        .route("/log/checkpoint", get(answer))
        .route("/log/tile/{*path}", get(answer))
        .with_state(log)
}

async fn answer(State(log): State<Log>, uri: Uri) -> Response {
    let Ok(_place) = log.places.try_acquire() else {
        return refused(StatusCode::TOO_MANY_REQUESTS);
    };
    // As it was sent: another spelling of a path is another resource, and there is none.
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let path = path.strip_prefix(PREFIX).unwrap_or("");
    match tokio::time::timeout(log.deadline, log.find(path)).await {
        Ok(Ok(found)) => found.unwrap_or_else(|| refused(StatusCode::NOT_FOUND)),
        Ok(Err(error)) if error.kind() == Kind::Unavailable => {
            refused(StatusCode::SERVICE_UNAVAILABLE)
        }
        Ok(Err(_)) => refused(StatusCode::INTERNAL_SERVER_ERROR),
        Err(_) => refused(StatusCode::SERVICE_UNAVAILABLE),
    }
}

impl Log {
    async fn find(&self, path: &str) -> Result<Option<Response>, Error> {
        if path == "checkpoint" {
            let published = self.hub.published_checkpoint().await?;
            return Ok(published.map(|published| found(TEXT, "no-cache", published.note)));
        }
        let bytes = if let Some(rest) = path.strip_prefix("tile/entries/") {
            match TileId::from_path(&format!("tile/0/{rest}")) {
                Some((id, width)) => self.hub.log_entries(id.index, width).await?,
                None => None,
            }
        } else {
            match TileId::from_path(path) {
                Some((id, width)) => self.hub.log_tile(id, width.min(TILE_WIDTH)).await?,
                None => None,
            }
        };
        Ok(bytes.map(|bytes| found(BYTES, IMMUTABLE, bytes)))
    }
}

fn found(kind: &'static str, cache: &'static str, body: impl IntoResponse) -> Response {
    let nosniff = HeaderName::from_static("x-content-type-options");
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, cache),
        (nosniff, "nosniff"),
    ];
    (headers, body).into_response()
}

/// What is not there yet may be there in a moment, so no answer of this kind is kept.
fn refused(status: StatusCode) -> Response {
    let mut response = (status, [(CACHE_CONTROL, "no-store")]).into_response();
    if status != StatusCode::NOT_FOUND {
        let later = http::HeaderValue::from_static("1");
        response.headers_mut().insert(RETRY_AFTER, later);
    }
    response
}
