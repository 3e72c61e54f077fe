//! The witness on the wire (C2SP tlog-witness, "HTTP Interface").

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use delt_ledger::witness::MAX_REQUEST_BYTES;
use http::{StatusCode, header};
use tower::limit::GlobalConcurrencyLimitLayer;

use super::state::{Answer, Witness};

/// The media type of the size that a conflict tells.
pub(super) const SIZE: &str = "text/x.tlog.size";

const TEXT: &str = "text/plain; charset=utf-8";

/// A request that is not here after this is dropped.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Requests at once.
const IN_FLIGHT: usize = 64;

/// `POST /add-checkpoint`, `GET /<origin hash>/checkpoint`, and `GET /readyz` for whoever watches the process.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .route("/readyz", get(async || "ready\n"))
        .layer(GlobalConcurrencyLimitLayer::new(IN_FLIGHT))
        .with_state(witness)
}

async fn add(State(witness): State<Arc<Witness>>, body: Body) -> Response {
    let read = axum::body::to_bytes(body, MAX_REQUEST_BYTES);
    let body = match tokio::time::timeout(BODY_TIMEOUT, read).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return refusal(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"),
        Err(_) => return refusal(StatusCode::REQUEST_TIMEOUT, "the request took too long"),
    };
    // On a thread that nobody interrupts: a caller who goes away must not leave a decision half made.
    let answer = tokio::task::spawn_blocking(move || witness.add(&body)).await;
    answered(answer.unwrap_or(Answer::Failed))
}

fn answered(answer: Answer) -> Response {
    match answer {
        Answer::Cosigned(line) => text(StatusCode::OK, TEXT, format!("{line}\n")),
        Answer::Conflict(size) => text(StatusCode::CONFLICT, SIZE, format!("{size}\n")),
        Answer::Refused(why) => {
            let status = StatusCode::from_u16(why.status()).unwrap_or(StatusCode::BAD_REQUEST);
            refusal(status, &why.to_string())
        }
        Answer::Failed => refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the checkpoint cannot be remembered, so it is not cosigned",
        ),
    }
}

async fn checkpoint(
    State(witness): State<Arc<Witness>>,
    Path(origin_hash): Path<String>,
) -> Response {
    match witness.checkpoint(&origin_hash) {
        Some(note) => text(StatusCode::OK, TEXT, note),
        None => refusal(StatusCode::NOT_FOUND, "never cosigned here"),
    }
}

fn refusal(status: StatusCode, why: &str) -> Response {
    text(status, TEXT, format!("{why}\n"))
}

fn text(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
