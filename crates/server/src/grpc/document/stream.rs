//! `RegisterDocuments`: a stream of items, each an operation of its own, with their outcomes in the order of the items.

use std::{collections::VecDeque, future::Future};

use delt_hub::{
    Error, Kind, Operation as _,
    document::{DocumentEntry, operations::RegisterDocument},
};
use delt_proto::document::v1::{self as v1, register_documents_response::Outcome as ItemOutcome};
use futures_util::{
    FutureExt as _, Stream, StreamExt as _,
    future::{Either, Shared, join_all, ready},
    stream::BoxStream,
};
use tokio::sync::oneshot;
use tonic::Status;

use super::{read, write};
use crate::grpc::{Api, Call, status};

/// How many items of a stream are on their way at once, so that they share a commit. The next is read when the oldest has its outcome.
const WINDOW: usize = 64;

pub(super) type Outcomes = BoxStream<'static, Result<v1::RegisterDocumentsResponse, Status>>;

/// The outcomes of the items, in their order. An item that fails does not end the stream.
///
/// The stream ends where its caller is no longer recognised, for a token may expire while it lasts, and where the transport breaks.
pub(super) fn outcomes(
    api: Api,
    call: Call,
    items: impl Stream<Item = Result<v1::RegisterDocumentsRequest, Status>> + Send + 'static,
) -> Outcomes {
    let mut window = Window::default();
    items
        .map(move |item| match item {
            Err(broken) => Either::Left(ready(Err(broken))),
            Ok(item) => Either::Right(outcome(api.clone(), call.clone(), &mut window, item)),
        })
        .buffered(WINDOW)
        .boxed()
}

/// The outcome of one item. What is needed of the window is taken at once, in the order of the items.
fn outcome(
    api: Api,
    call: Call,
    window: &mut Window,
    item: v1::RegisterDocumentsRequest,
) -> impl Future<Output = Result<v1::RegisterDocumentsResponse, Status>> + Send + use<> {
    let number = item.item;
    let read = read::entry(item.entry);
    let turn = read.as_ref().ok().map(|(entry, _)| window.enter(entry));
    async move {
        let done = match (read, turn) {
            (Ok((entry, encoded)), Some(turn)) => {
                join_all(turn.after).await;
                let done = api
                    .attempt(&call, RegisterDocument { entry, encoded })
                    .await;
                drop(turn.done);
                done
            }
            (Err(error), _) => Err(api.refuse(&call, RegisterDocument::ACTION, error).await),
            (Ok(_), None) => Err(Error::internal("an item without its turn")),
        };
        let outcome = match done {
            Ok(done) => ItemOutcome::Registered(write::registered(done)),
            Err(error) if error.kind() == Kind::Unauthenticated => return Err(status(&error)),
            Err(error) => ItemOutcome::Error(write::item_error(&error)),
        };
        Ok(v1::RegisterDocumentsResponse {
            item: number,
            outcome: Some(outcome),
        })
    }
}

/// Resolves when an item has its outcome: its sender is dropped then.
type Done = Shared<oneshot::Receiver<()>>;

/// The items on their way. Those that have nothing to do with each other run side by side; one that builds on another waits for it.
#[derive(Default)]
struct Window(VecDeque<OnItsWay>);

struct OnItsWay {
    entry: Key,
    done: Done,
}

/// What decides whether two items have to do with each other.
struct Key {
    patient: delt_formats::identifier::PersonNumber,
    entry_uuid: uuid::Uuid,
    unique_id: String,
}

/// What an item waits for, and how it tells that it is done.
struct Turn {
    after: Vec<Done>,
    done: oneshot::Sender<()>,
}

impl Window {
    fn enter(&mut self, entry: &DocumentEntry) -> Turn {
        // What lies further back than the window has its outcome.
        while self.0.len() >= WINDOW {
            self.0.pop_front();
        }
        let after = self.0.iter().filter(|other| builds_on(entry, &other.entry));
        let after = after.map(|other| other.done.clone()).collect();
        let (done, receiver) = oneshot::channel();
        let key = Key {
            patient: entry.patient.clone(),
            entry_uuid: entry.entry_uuid,
            unique_id: entry.unique_id.clone(),
        };
        self.0.push_back(OnItsWay {
            entry: key,
            done: receiver.shared(),
        });
        Turn { after, done }
    }
}

/// Whether an entry must come after an earlier one: it has the same identity, or it is related to entries of the same person, of which the earlier
/// may be one or hang on one.
fn builds_on(entry: &DocumentEntry, earlier: &Key) -> bool {
    let same = entry.entry_uuid == earlier.entry_uuid || entry.unique_id == earlier.unique_id;
    let related = entry
        .relations
        .iter()
        .any(|relation| relation.target == earlier.entry_uuid);
    same || related || (!entry.relations.is_empty() && entry.patient == earlier.patient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::document::tests::entry;
    use delt_hub::document::{Relation, RelationCode};

    fn read(id: u128) -> DocumentEntry {
        let mut sent = entry();
        sent.entry_uuid = uuid::Uuid::from_u128(id).to_string();
        sent.unique_id = format!("1.2^{id}");
        sent.relations.clear();
        super::read::entry(Some(sent)).unwrap().0
    }

    #[tokio::test]
    async fn what_builds_on_another_waits_for_it_and_nothing_else_does() {
        let mut window = Window::default();
        let first = window.enter(&read(1));
        let second = window.enter(&read(2));
        assert!(second.after.is_empty());
        let again = window.enter(&read(1));
        assert_eq!(again.after.len(), 1);
        let mut replacement = read(3);
        replacement.relations = vec![Relation {
            code: RelationCode::Replaces,
            target: uuid::Uuid::from_u128(1),
        }];
        let third = window.enter(&replacement);
        assert_eq!(third.after.len(), 3);
        let waiting = join_all(third.after);
        drop((first.done, second.done, again.done));
        assert_eq!(waiting.await.len(), 3);
    }

    #[test]
    fn the_window_is_bounded() {
        let mut window = Window::default();
        for id in 0..1_000 {
            window.enter(&read(id));
        }
        assert_eq!(window.0.len(), WINDOW);
    }
}
