//! Who is worked for, and how many at once. One more is turned away at once, told when to come back, and costs next to nothing.
//!
//! [`kind`] says what sort of call it is, [`book`] who has which places, [`pace`] how long one more would wait, [`rate`] how often. The reasons are in
//! `docs/decisions/0012-limits-and-overload.md`.

mod book;
mod kind;
mod pace;
mod pools;
mod rate;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use delt_hub::{Error, Hub, error::code};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use self::{
    book::{Asked, Book, Brought, Full, Seat},
    kind::Kinds,
    pools::{PerPool, Pool},
};
use super::{call, status};
use crate::{
    config::Limits,
    telemetry::{Metrics, NotAdmitted, Places},
    tls::PeerCertificate,
};

/// `UNAUTHENTICATED` as it stands in a header.
const UNAUTHENTICATED: &[u8] = b"16";

/// The door, and everybody who is inside.
#[derive(Debug)]
pub(super) struct Door {
    book: Mutex<Book>,
    kinds: Kinds,
    /// What tells a system by its certificate, and a token that was found good.
    known: Box<dyn Known>,
    /// How long a request may take until its answer begins, its own arrival included: one that trickles in would hold its place for ever.
    longest: Duration,
    metrics: Metrics,
    taken: PerPool<Places>,
}

/// What the door knows of callers without asking the store.
pub(super) trait Known: std::fmt::Debug + Send + Sync {
    /// The registered system that this certificate stands for.
    fn system(&self, peer: &PeerCertificate) -> Option<String>;
    /// Whether this very token was found good before.
    fn token(&self, bearer: &str) -> bool;
}

impl Known for Hub {
    fn system(&self, peer: &PeerCertificate) -> Option<String> {
        let certificate = peer.0.as_deref()?;
        let directory = self.directory();
        let system = directory.system_by_certificate(&certificate.sha256, &certificate.names);
        system.map(|system| system.id.clone())
    }

    fn token(&self, bearer: &str) -> bool {
        self.remembers(bearer)
    }
}

impl Door {
    pub(super) fn new(
        known: impl Known + 'static,
        limits: &Limits,
        longest: Duration,
        metrics: &Metrics,
    ) -> Result<Self, prost::DecodeError> {
        Ok(Self {
            book: Mutex::new(Book::new(limits)),
            kinds: Kinds::of_contract()?,
            known: Box::new(known),
            longest,
            metrics: metrics.clone(),
            taken: PerPool::each(|pool: Pool| metrics.places(pool.name())),
        })
    }

    /// What is written in it is whole at all times.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>, request: &Request) -> Result<Place, Error> {
        let now = Instant::now();
        let peer = request.extensions().get::<PeerCertificate>();
        let system = peer.and_then(|peer| self.known.system(peer));
        let asked = Asked {
            system: system.as_deref(),
            kind: self.kinds.of(request.uri().path()),
            deadline: call::timeout_of(request.headers()),
        };
        let bearer = call::bearer_of(request.headers());
        let brought = bearer.map_or(Brought::Nothing, |_| Brought::Token);
        let mut book = self.book();
        let distrust = asked
            .system
            .and_then(|system| book.distrust(system, brought, now));
        let trusted = |pause| {
            bearer
                .is_some_and(|bearer| self.known.token(bearer))
                .then_some(())
                .ok_or(pause)
        };
        let entered = match distrust.map(trusted) {
            Some(Err(pause)) => Err(Full {
                reason: NotAdmitted::Refusals,
                pause,
            }),
            _ => book.enter(&asked, now),
        };
        drop(book);
        entered
            .map(|seat| self.place(seat, brought))
            .map_err(|full| self.turn_away(full, asked.system))
    }

    fn place(self: &Arc<Self>, seat: Seat, brought: Brought) -> Place {
        self.taken.of(seat.pool).inc();
        Place {
            door: Arc::clone(self),
            seat,
            brought,
        }
    }

    fn turn_away(&self, full: Full, system: Option<&str>) -> Error {
        self.metrics
            .not_admitted(full.reason, system.unwrap_or_default());
        let ms = u64::try_from(full.pause.as_millis()).unwrap_or(u64::MAX);
        Error::new(code::TOO_MANY).retry_after_ms(ms)
    }
}

/// A place, free again when it is dropped.
#[derive(Debug)]
struct Place {
    door: Arc<Door>,
    seat: Seat,
    brought: Brought,
}

impl Place {
    /// Counts an answer that says that the credentials were not good: each of them left an entry of the log, and is cheap to make.
    fn look_at(&self, headers: &HeaderMap) {
        let refused = headers
            .get("grpc-status")
            .is_some_and(|status| status == UNAUTHENTICATED);
        if refused {
            self.door
                .book()
                .refused(self.seat, self.brought, Instant::now());
        }
    }

    /// Keeps the place until the end of the answer's stream.
    fn kept_by(self, response: Response) -> Response {
        response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                if let Some(trailers) = frame.trailers_ref() {
                    self.look_at(trailers);
                }
                frame
            }))
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.door.book().leave(self.seat, Instant::now());
        self.door.taken.of(self.seat.pool).dec();
    }
}

/// Lets a request in, or answers `TOO_MANY`. A stream keeps its place to its end.
pub(super) async fn admit(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let place = match door.enter(&request) {
        Ok(place) => place,
        Err(full) => return refused(&full),
    };
    let is_stream = place.seat.is_stream();
    let Ok(response) = tokio::time::timeout(door.longest, next.run(request)).await else {
        return refused(&Error::new(code::DEADLINE_EXCEEDED));
    };
    place.look_at(response.headers());
    if is_stream {
        place.kept_by(response)
    } else {
        response
    }
}

fn refused(error: &Error) -> Response {
    status(error).into_http::<Body>()
}
