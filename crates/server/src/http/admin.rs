//! The admin port: is the process alive, is it ready to serve, and its metrics. Plain HTTP for the operator's own network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use futures_util::future::{BoxFuture, join_all};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::telemetry::Metrics;

/// The media type that `OpenMetrics` 1.0 asks for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A check that takes longer counts as failed, since whoever asks gives up soon after.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// What a check finds: nothing wrong, or a sentence for the operator.
pub type CheckResult = Result<(), String>;

type Check = Arc<dyn Fn() -> BoxFuture<'static, CheckResult> + Send + Sync>;

/// The named checks behind `/readyz`, such as `store`, `log` and `keys`.
#[derive(Clone, Default)]
pub struct Readiness(Vec<(&'static str, Check)>);

impl Readiness {
    /// Adds a check. It is asked again on each request.
    #[must_use]
    pub fn with<F>(
        mut self,
        name: &'static str,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = CheckResult> + Send + 'static,
    {
        self.0.push((name, Arc::new(move || Box::pin(check()))));
        self
    }

    /// Asks all checks at once.
    pub async fn ask(&self) -> BTreeMap<&'static str, CheckResult> {
        let asked = self.0.iter().map(|(name, check)| async move {
            let answer = tokio::time::timeout(CHECK_TIMEOUT, check()).await;
            (
                *name,
                answer.unwrap_or_else(|_| Err("did not answer in time".to_owned())),
            )
        });
        join_all(asked).await.into_iter().collect()
    }
}

impl std::fmt::Debug for Readiness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// The routes of the admin port.
pub fn router(metrics: Metrics, readiness: Readiness) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready).with_state(readiness))
        .route("/metrics", get(scrape).with_state(metrics))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let checks = readiness.ask().await;
    let ready = checks.values().all(Result::is_ok);
    let text = |result| match result {
        Ok(()) => "ok".to_owned(),
        Err(reason) => reason,
    };
    let checks: BTreeMap<_, _> = checks
        .into_iter()
        .map(|(name, found)| (name, text(found)))
        .collect();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = Json(serde_json::json!({ "ready": ready, "checks": checks }));
    (status, [(CACHE_CONTROL, "no-store")], body).into_response()
}

async fn scrape(State(metrics): State<Metrics>) -> Response {
    match metrics.encode() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn get(readiness: Readiness, path: &str) -> (StatusCode, String) {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = router(Metrics::new("test"), readiness)
            .oneshot(request)
            .await
            .unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn is_alive_and_shows_metrics() {
        assert_eq!(
            get(Readiness::default(), "/healthz").await.0,
            StatusCode::OK
        );
        let (status, text) = get(Readiness::default(), "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.ends_with("# EOF\n"));
    }

    #[tokio::test]
    async fn is_ready_when_every_check_is() {
        let readiness = Readiness::default().with("store", async || Ok(()));
        let (status, body) = get(readiness, "/readyz").await;
        assert_eq!(status, StatusCode::OK);
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({ "ready": true, "checks": { "store": "ok" } })
        );
    }

    #[tokio::test(start_paused = true)]
    async fn is_not_ready_when_one_check_fails_or_hangs() {
        let readiness = Readiness::default()
            .with("store", async || Err("cannot be reached".to_owned()))
            .with("log", std::future::pending)
            .with("keys", async || Ok(()));
        let (status, body) = get(readiness, "/readyz").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains(r#""store":"cannot be reached""#), "{body}");
        assert!(body.contains(r#""log":"did not answer in time""#), "{body}");
        assert!(body.contains(r#""keys":"ok""#), "{body}");
    }
}
