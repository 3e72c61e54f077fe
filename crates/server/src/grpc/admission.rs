//! How many requests are worked on at once. One more is turned away at once: a queue would only make everybody late.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use delt_hub::{Error, error::code};
use tokio::sync::Semaphore;

use super::status;
use crate::tls::PeerCertificate;

/// When a caller who was turned away may try again, in milliseconds.
const RETRY_AFTER_MS: u64 = 250;
/// One in so many places is for those who present no certificate: health checks, and whoever verifies the log.
const NAMELESS_SHARE: usize = 16;

/// The places of requests that are worked on. Those of the nameless are apart, so that a stranger can take none from a hospital.
#[derive(Debug)]
pub(super) struct Places {
    known: Semaphore,
    nameless: Semaphore,
    longest: Duration,
}

impl Places {
    /// `longest` is how long a request may hold its place, its own arrival included: one that trickles in would hold it for ever.
    pub(super) const fn new(places: usize, longest: Duration) -> Self {
        Self {
            known: Semaphore::const_new(places),
            nameless: Semaphore::const_new(places.div_ceil(NAMELESS_SHARE)),
            longest,
        }
    }

    fn of(&self, request: &Request) -> &Semaphore {
        let peer = request.extensions().get::<PeerCertificate>();
        if peer.is_some_and(|peer| peer.0.is_some()) {
            &self.known
        } else {
            &self.nameless
        }
    }
}

/// Lets a request in, or answers `TOO_MANY`. A stream counts until its first answer; after that the limit on a connection's streams holds.
pub(super) async fn admit(
    State(places): State<Arc<Places>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = places.of(&request).try_acquire() else {
        return refused(&Error::new(code::TOO_MANY).retry_after_ms(RETRY_AFTER_MS));
    };
    let answered = tokio::time::timeout(places.longest, next.run(request)).await;
    answered.unwrap_or_else(|_| refused(&Error::new(code::DEADLINE_EXCEEDED)))
}

fn refused(error: &Error) -> Response {
    status(error).into_http::<Body>()
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware, routing::any};
    use tower::ServiceExt as _;

    use super::*;
    use crate::tls::ClientCertificate;

    fn router(places: usize) -> Router {
        let places = Arc::new(Places::new(places, Duration::from_mins(1)));
        let admission = middleware::from_fn_with_state(places, admit);
        let read = async |_: bytes::Bytes| "in";
        Router::new().route("/", any(read)).layer(admission)
    }

    async fn ask(router: Router) -> Response {
        router.oneshot(Request::new(Body::empty())).await.unwrap()
    }

    /// A request whose body never comes.
    fn trickle() -> Request {
        let never = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
        Request::new(Body::from_stream(never))
    }

    fn from_a_system(mut request: Request) -> Request {
        let certificate = ClientCertificate {
            sha256: [0; 32],
            names: Vec::new(),
        };
        request
            .extensions_mut()
            .insert(PeerCertificate(Some(Arc::new(certificate))));
        request
    }

    fn is_in(response: &Response) -> bool {
        response.headers().get("grpc-status").is_none()
    }

    #[tokio::test]
    async fn a_place_is_free_again_afterwards() {
        let router = router(1);
        for _ in 0..3 {
            assert!(is_in(&ask(router.clone()).await));
        }
    }

    #[tokio::test]
    async fn who_finds_no_place_is_told_to_come_back() {
        let response = ask(router(0)).await;
        assert_eq!(response.headers()["grpc-status"], "8");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_takes_no_place_from_a_system_and_none_for_ever() {
        let router = router(1);
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(router.clone().oneshot(trickle()));
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(ask(router.clone()).await.headers()["grpc-status"], "8");
        let system = from_a_system(Request::new(Body::empty()));
        assert!(is_in(&router.clone().oneshot(system).await.unwrap()));
        let response = tasks.join_next().await.unwrap().unwrap().unwrap();
        assert_eq!(response.headers()["grpc-status"], "4");
        assert!(is_in(&ask(router).await));
    }
}
