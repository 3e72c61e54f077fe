//! Items that have arrived together.

use std::{collections::HashSet, future::Future, iter::once, sync::Arc};

use delt_hub::{
    Error, Kind, Operation as _, Released, Result, Together,
    document::{
        DocumentEntry,
        operations::{RegisterDocument, Registered},
    },
};
use delt_proto::document::v1::{self as v1, register_documents_response::Outcome as ItemOutcome};
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::{Shared, join_all},
    stream,
};
use tokio::sync::oneshot;
use tonic::Status;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{
    Item,
    window::{Turn, WINDOW, Window},
};
use crate::{
    grpc::{Api, Call, counted_as, document::write, status},
    telemetry::{Request, span},
};

type Response = std::result::Result<v1::RegisterDocumentsResponse, Status>;

/// The batches of a stream. One waits for the one before it where an item of it may have to do with an item of that.
#[derive(Default)]
pub(super) struct Batches {
    before: Option<(Traits, Done)>,
}

/// Resolves when a batch is done: its sender is dropped then.
type Done = Shared<oneshot::Receiver<()>>;

/// What decides whether two batches have to do with each other.
struct Traits {
    ids: HashSet<Uuid>,
    names: HashSet<String>,
    has_relations: bool,
}

impl Traits {
    fn of<'a>(entries: impl Iterator<Item = &'a DocumentEntry>) -> Self {
        let mut traits = Self {
            ids: HashSet::new(),
            names: HashSet::new(),
            has_relations: false,
        };
        for entry in entries {
            traits.ids.insert(entry.entry_uuid);
            traits.names.insert(entry.unique_id.clone());
            traits.has_relations |= !entry.relations.is_empty();
        }
        traits
    }

    fn must_follow(&self, before: &Self) -> bool {
        self.has_relations
            || before.has_relations
            || !self.ids.is_disjoint(&before.ids)
            || !self.names.is_disjoint(&before.names)
    }
}

impl Batches {
    /// The outcomes of the next batch. Its place in the order is taken at once.
    pub(super) fn next(
        &mut self,
        api: Api,
        call: Call,
        items: Vec<std::result::Result<Item, Status>>,
    ) -> impl Future<Output = Vec<Response>> + Send + use<> {
        // What comes after the transport broke is nothing.
        let mut broken = None;
        let whole = items
            .into_iter()
            .map_while(|item| item.map_err(|e| broken = Some(e)).ok());
        let items: Vec<Item> = whole.collect();
        let entries = items.iter().filter_map(|item| item.read.as_ref().ok());
        let traits = Traits::of(entries.map(|(entry, _)| entry));
        let before = self.before.take();
        let after = before.and_then(|(before, done)| traits.must_follow(&before).then_some(done));
        let (done, receiver) = oneshot::channel::<()>();
        self.before = Some((traits, receiver.shared()));
        async move {
            if let Some(after) = after {
                // An error is its sender dropped, which is what is waited for.
                let _ = after.await;
            }
            let mut outcomes = Batch { api, call }.outcomes(items).await;
            outcomes.extend(broken.map(Err));
            drop(done);
            outcomes
        }
    }
}

struct Batch {
    api: Api,
    call: Call,
}

/// An item that is registered alone, whether its person may have other numbers, and how it counts.
type Alone = (Result<(RegisterDocument, bool)>, Request);

impl Batch {
    async fn outcomes(&self, items: Vec<Item>) -> Vec<Response> {
        let numbers: Vec<u64> = items.iter().map(|item| item.number).collect();
        let outcomes = self.registered(items).await;
        numbers.into_iter().zip(outcomes).map(response).collect()
    }

    /// All that can be is registered together, the others after it, alone.
    async fn registered(&self, items: Vec<Item>) -> Vec<Result<Released<Registered>>> {
        let action = RegisterDocument::ACTION.as_str();
        let mut sound = Vec::with_capacity(items.len());
        let read = items.into_iter().map(|item| {
            let sound_one = item
                .read
                .map(|(entry, encoded)| sound.push(RegisterDocument { entry, encoded }));
            (sound_one.err(), self.api.metrics.request(action))
        });
        let read: Vec<_> = read.collect();
        let sound: Arc<[RegisterDocument]> = sound.into();
        let together = self.together(&sound).await;
        let mut together = sound.iter().zip(together);
        let mut outcomes = Vec::with_capacity(read.len());
        let mut alone: Vec<Alone> = Vec::new();
        for (wrong, counted) in read {
            let left = match wrong {
                Some(error) => Err(error),
                None => match together.next() {
                    Some((_, Together::Done(done))) => {
                        counted.end(counted_as(done.as_ref().err()));
                        outcomes.push(Some(done));
                        continue;
                    }
                    Some((item, Together::Alone { has_other_numbers })) => {
                        Ok((item.clone(), has_other_numbers))
                    }
                    None => Err(Error::internal("an item without its outcome")),
                },
            };
            outcomes.push(None);
            alone.push((left, counted));
        }
        let mut alone = self.one_by_one(alone).await.into_iter();
        let lost = || Err(Error::internal("an item without its outcome"));
        outcomes
            .into_iter()
            .map(|done| done.or_else(|| alone.next()).unwrap_or_else(lost))
            .collect()
    }

    async fn together(&self, items: &Arc<[RegisterDocument]>) -> Vec<Together> {
        if items.is_empty() {
            return Vec::new();
        }
        let Self { api, call } = self;
        let span = call.origin.operation("RegisterDocuments batch");
        let work = api
            .hub
            .register_together(&call.credentials, &call.context, items.clone());
        // On the heap, as in `Api::attempt_counted`.
        let work = Box::pin(work.instrument(span.clone()));
        let done = tokio::time::timeout(call.deadline(api.deadline), work).await;
        span::ended(
            &span,
            counted_as(done.as_ref().ok().and_then(|done| done.as_ref().err())),
        );
        let left = |_: &RegisterDocument| Together::Alone {
            has_other_numbers: true,
        };
        match done {
            Ok(Ok(done)) => done,
            // The refusal has its entry, and so it is the first item's. Each other one is refused by itself.
            Ok(Err(error)) => {
                let rest = items.iter().skip(1).map(left);
                once(Together::Done(Err(error))).chain(rest).collect()
            }
            // Too much at once for a store that is slow now: each by itself has a deadline of its own, and what was written after all is there already.
            Err(_) => items.iter().map(left).collect(),
        }
    }

    /// In their order where they build on each other, and else side by side.
    async fn one_by_one(&self, items: Vec<Alone>) -> Vec<Result<Released<Registered>>> {
        let mut window = Window::default();
        let work = items.into_iter().map(|(item, counted)| {
            let entered = item.map(|(item, linked)| {
                let turn = window.enter(&item.entry, linked);
                (item, turn)
            });
            self.alone(entered, counted)
        });
        stream::iter(work.collect::<Vec<_>>())
            .buffered(WINDOW)
            .collect()
            .await
    }

    async fn alone(
        &self,
        item: Result<(RegisterDocument, Turn)>,
        counted: Request,
    ) -> Result<Released<Registered>> {
        let Self { api, call } = self;
        match item {
            Ok((item, turn)) => {
                join_all(turn.after).await;
                let done = api.attempt_counted(call, item, counted).await;
                drop(turn.done);
                done
            }
            Err(error) => {
                let action = RegisterDocument::ACTION;
                Err(api.refuse_counted(call, action, error, counted).await)
            }
        }
    }
}

fn response((item, done): (u64, Result<Released<Registered>>)) -> Response {
    let outcome = match done {
        Ok(done) => ItemOutcome::Registered(write::registered(done)),
        Err(error) if error.kind() == Kind::Unauthenticated => return Err(status(&error)),
        Err(error) => ItemOutcome::Error(write::item_error(&error)),
    };
    let outcome = Some(outcome);
    Ok(v1::RegisterDocumentsResponse { item, outcome })
}
