//! The face of a source that has its documents behind a web server.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::State;
use super::content::Refusal;
use crate::tls::PeerCertificate;

/// [`crate::profile::HTTPS_PATH`] in the router's words.
const PATH: &str = "/documents/{repository}/{unique_id}";

pub(super) fn router(state: State) -> Router {
    Router::new().route(PATH, get(retrieve)).with_state(state)
}

async fn retrieve(
    Shared(state): Shared<State>,
    caller: Option<axum::Extension<PeerCertificate>>,
    Path((repository, unique_id)): Path<(String, String)>,
    headers: http::HeaderMap,
) -> Response {
    state.hear(&headers);
    let caller = caller.map(|axum::Extension(caller)| caller);
    match state.open(caller.as_ref(), &repository, &unique_id).await {
        Ok(pieces) => (
            [(CONTENT_TYPE, "application/octet-stream")],
            Body::from_stream(pieces),
        )
            .into_response(),
        Err(Refusal::NotTheHub) => StatusCode::FORBIDDEN.into_response(),
        Err(Refusal::NotHere) => StatusCode::NOT_FOUND.into_response(),
    }
}
