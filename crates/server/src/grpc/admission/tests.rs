//! The door over a router of its own, with systems that are told by the first byte of their certificate.

use axum::{Router, middleware, routing::any};
use tonic_types::StatusExt as _;
use tower::ServiceExt as _;

use super::*;
use crate::tls::ClientCertificate;

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const EXPORT: &str = "/delt.audit.v1.AuditLogService/ExportEntries";
const GOOD: &str = "good";

#[derive(Debug)]
struct Systems;

impl Known for Systems {
    fn system(&self, peer: &PeerCertificate) -> Option<String> {
        let first = peer.0.as_deref()?.sha256.first().copied()?;
        Some(format!("system-{first}"))
    }

    fn token(&self, bearer: &str) -> bool {
        bearer == GOOD
    }
}

/// Answers when the whole request has come; a token other than the good one is refused.
async fn work(request: Request) -> Response {
    let good = call::bearer_of(request.headers()).is_none_or(|bearer| bearer == GOOD);
    let read = axum::body::to_bytes(request.into_body(), 1024).await;
    if !good {
        return refused(&Error::new(code::TOKEN_INVALID));
    }
    Response::new(Body::from(read.unwrap()))
}

struct World {
    router: Router,
    metrics: Metrics,
}

fn world(limits: &Limits) -> World {
    let metrics = Metrics::new("test");
    let longest = Duration::from_mins(1);
    let door = Arc::new(Door::new(Systems, limits, longest, &metrics).unwrap());
    let admission = middleware::from_fn_with_state(door, admit);
    let router = Router::new().route("/{*path}", any(work)).layer(admission);
    World { router, metrics }
}

fn places(requests_in_flight: usize) -> Limits {
    Limits {
        requests_in_flight,
        ..Limits::default()
    }
}

fn request(path: &str, system: Option<u8>) -> Request {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().unwrap();
    let certificate = |byte| ClientCertificate {
        sha256: [byte; 32],
        names: Vec::new(),
    };
    let peer = PeerCertificate(system.map(certificate).map(Arc::new));
    request.extensions_mut().insert(peer);
    request
}

fn with_token(token: &str) -> Request {
    let mut request = request("/a", Some(1));
    let value = format!("Bearer {token}").parse().unwrap();
    request
        .headers_mut()
        .insert(http::header::AUTHORIZATION, value);
    request
}

/// A request whose body never comes.
fn trickle(path: &str, system: Option<u8>) -> Request {
    let never = futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>();
    request(path, system).map(|_| Body::from_stream(never))
}

impl World {
    async fn ask(&self, request: Request) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// What the answer says, as a gRPC code; 0 where it was let in.
    async fn outcome(&self, request: Request) -> i32 {
        code_of(&self.ask(request).await)
    }

    /// So many requests that never end. Returns how many of them were let in.
    async fn hang(&self, path: &str, system: Option<u8>, count: usize, hung: &mut Hung) -> usize {
        let before = hung.len();
        for _ in 0..count {
            hung.spawn(self.router.clone().oneshot(trickle(path, system)));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        while let Some(ended) = hung.try_join_next() {
            assert_eq!(code_of(&ended.unwrap().unwrap()), 8);
        }
        hung.len() - before
    }

    fn counted(&self, line: &str) -> bool {
        let text = self.metrics.encode().unwrap();
        text.lines().any(|found| found == line)
    }
}

type Hung = tokio::task::JoinSet<Result<Response, std::convert::Infallible>>;

fn code_of(response: &Response) -> i32 {
    let status = response.headers().get("grpc-status");
    status.map_or(0, |status| status.to_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn a_place_is_free_again_afterwards() {
    let world = world(&places(1));
    for _ in 0..3 {
        assert_eq!(world.outcome(request("/a", Some(1))).await, 0);
    }
    assert!(world.counted("delt_admission_places_taken{pool=\"working\"} 0"));
}

#[tokio::test]
async fn who_finds_no_place_is_told_when_to_come_back() {
    let world = world(&places(0));
    let response = world.ask(request("/a", Some(1))).await;
    let status = tonic::Status::from_header_map(response.headers()).unwrap();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    assert_eq!(status.get_details_error_info().unwrap().reason, "TOO_MANY");
    let pause = status.get_details_retry_info().unwrap().retry_delay;
    assert_eq!(pause, Some(Duration::from_millis(250)));
    assert!(world.counted("delt_admission_refused_total{reason=\"places\",system=\"system-1\"} 1"));
}

#[tokio::test(start_paused = true)]
async fn a_stranger_takes_no_place_from_a_system_and_none_for_ever() {
    let world = world(&places(1));
    let mut hung = Hung::new();
    assert_eq!(world.hang("/a", None, 2, &mut hung).await, 1);
    assert_eq!(world.outcome(request("/a", None)).await, 8);
    assert_eq!(world.outcome(request("/a", Some(1))).await, 0);
    let response = hung.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(code_of(&response), 4);
    assert_eq!(world.outcome(request("/a", None)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_system_that_hangs_takes_its_share_and_no_more() {
    let world = world(&places(8));
    let mut hung = Hung::new();
    assert_eq!(world.hang("/a", Some(1), 20, &mut hung).await, 4);
    assert_eq!(world.hang("/a", Some(2), 20, &mut hung).await, 2);
    for system in 3..20 {
        assert_eq!(world.outcome(request("/a", Some(system))).await, 0);
    }
    assert!(world.counted("delt_admission_refused_total{reason=\"share\",system=\"system-1\"} 16"));
}

#[tokio::test(start_paused = true)]
async fn health_and_proofs_are_answered_when_everything_is_taken() {
    let world = world(&Limits {
        system_share_percent: 100,
        ..places(4)
    });
    let mut hung = Hung::new();
    assert_eq!(world.hang("/a", Some(1), 20, &mut hung).await, 4);
    assert_eq!(world.outcome(request("/a", Some(2))).await, 8);
    for system in [None, Some(1), Some(2)] {
        assert_eq!(world.outcome(request(HEALTH, system)).await, 0);
    }
}

#[tokio::test]
async fn a_stream_keeps_its_place_to_its_end() {
    let world = world(&places(2));
    let response = world.ask(request(EXPORT, Some(1))).await;
    assert_eq!(code_of(&response), 0);
    assert!(world.counted("delt_admission_places_taken{pool=\"working\"} 1"));
    assert_eq!(world.outcome(request("/a", Some(1))).await, 8);
    drop(response);
    assert!(world.counted("delt_admission_places_taken{pool=\"working\"} 0"));
    assert_eq!(world.outcome(request("/a", Some(1))).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_system_asks_as_often_as_it_may() {
    let world = world(&Limits {
        system_requests_per_second: 10,
        system_request_burst: 5,
        ..Limits::default()
    });
    for _ in 0..5 {
        assert_eq!(world.outcome(request("/a", Some(1))).await, 0);
    }
    assert_eq!(world.outcome(request("/a", Some(1))).await, 8);
    assert_eq!(world.outcome(request(HEALTH, Some(1))).await, 0);
    assert_eq!(world.outcome(request("/a", Some(2))).await, 0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.outcome(request("/a", Some(1))).await, 0);
}

#[tokio::test(start_paused = true)]
async fn who_tries_tokens_is_turned_away_and_who_has_a_good_one_is_not() {
    let world = world(&Limits {
        refusals_per_second: 1,
        refusal_burst: 3,
        ..Limits::default()
    });
    for attempt in 0..3 {
        let bad = with_token(&format!("bad-{attempt}"));
        assert_eq!(world.outcome(bad).await, 16);
    }
    assert_eq!(world.outcome(with_token("bad-4")).await, 8);
    assert_eq!(world.outcome(with_token(GOOD)).await, 0);
    assert_eq!(world.outcome(request("/a", Some(1))).await, 0);
    assert!(
        world.counted("delt_admission_refused_total{reason=\"refusals\",system=\"system-1\"} 1")
    );
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.outcome(with_token("bad-5")).await, 16);
}

#[tokio::test(start_paused = true)]
async fn what_would_come_too_late_is_not_begun() {
    let world = world(&Limits {
        queue_ms: 1_000,
        ..places(1_000)
    });
    let mut hung = Hung::new();
    assert_eq!(world.hang("/a", Some(1), 60, &mut hung).await, 60);
    let hurried = |timeout: &str| {
        let mut request = request("/a", Some(2));
        let timeout = timeout.parse().unwrap();
        request.headers_mut().insert("grpc-timeout", timeout);
        request
    };
    // 28 wait, and for 10 ms nothing has been done: that is 280 ms.
    assert_eq!(world.outcome(hurried("100m")).await, 8);
    assert_eq!(world.outcome(hurried("900m")).await, 0);
    assert!(world.counted("delt_admission_refused_total{reason=\"late\",system=\"system-2\"} 1"));
    // One a hundredth of a second: 132 need not wait longer than a second, and half of that is for one system.
    assert_eq!(world.hang("/a", Some(1), 100, &mut hung).await, 6);
    for system in 2..20 {
        assert_eq!(world.outcome(request("/a", Some(system))).await, 0);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(world.outcome(request("/a", Some(2))).await, 8);
    assert_eq!(world.outcome(request(EXPORT, Some(2))).await, 0);
}
