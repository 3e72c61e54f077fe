//! How many requests are worked on at once. One more is turned away at once: a queue would only make everybody late.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use delt_hub::{Error, error::code};
use tokio::sync::Semaphore;

use super::status;

/// When a caller who was turned away may try again, in milliseconds.
const RETRY_AFTER_MS: u64 = 250;

/// Lets a request in, or answers `TOO_MANY`. A stream counts until its first answer; after that the limit on a connection's streams holds.
pub(super) async fn admit(
    State(places): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    match places.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_) => {
            let error = Error::new(code::TOO_MANY).retry_after_ms(RETRY_AFTER_MS);
            status(&error).into_http::<Body>()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    fn router(places: usize) -> Router {
        let admission = middleware::from_fn_with_state(Arc::new(Semaphore::new(places)), admit);
        Router::new().route("/", get(|| async { "in" })).layer(admission)
    }

    async fn ask(router: Router) -> Response {
        router.oneshot(Request::new(Body::empty())).await.unwrap()
    }

    #[tokio::test]
    async fn a_place_is_free_again_afterwards() {
        let router = router(1);
        for _ in 0..3 {
            assert!(ask(router.clone()).await.headers().get("grpc-status").is_none());
        }
    }

    #[tokio::test]
    async fn who_finds_no_place_is_told_to_come_back() {
        let response = ask(router(0)).await;
        assert_eq!(response.headers()["grpc-status"], "8");
    }
}
