//! `RegisterDocuments`: a stream of items, each an operation of its own, with their outcomes in the order of the items.
//!
//! Items that have arrived are registered together: they share one transaction, and each has its outcome as if it had come alone. What has to do with
//! another item, or with an entry of the index, is registered alone afterwards.

mod batch;
mod window;

use delt_hub::document::{DocumentEntry, EncodedEntry};
use delt_proto::document::v1;
use futures_util::{Stream, StreamExt as _, stream, stream::BoxStream};
use tonic::Status;

use super::read;
use crate::grpc::{Api, Call};
use batch::Batches;

/// How many items are registered together at most.
const TOGETHER: usize = 128;
/// How many batches are on their way at once: while one is written, the next is read.
const BATCHES: usize = 2;

pub(super) type Outcomes = BoxStream<'static, Result<v1::RegisterDocumentsResponse, Status>>;

/// An item as it was read: its number, and the entry or what is wrong with it.
struct Item {
    number: u64,
    read: delt_hub::Result<(DocumentEntry, EncodedEntry)>,
}

/// The outcomes of the items, in their order. An item that fails does not end the stream.
///
/// The stream ends where its caller is no longer recognised, for a token may expire while it lasts, and where the transport breaks.
pub(super) fn outcomes(
    api: Api,
    call: Call,
    items: impl Stream<Item = Result<v1::RegisterDocumentsRequest, Status>> + Send + 'static,
) -> Outcomes {
    let mut batches = Batches::default();
    items
        .map(|item| item.map(Item::of))
        .ready_chunks(TOGETHER)
        .map(move |items| batches.next(api.clone(), call.clone(), items))
        .buffered(BATCHES)
        .flat_map(stream::iter)
        .boxed()
}

impl Item {
    fn of(request: v1::RegisterDocumentsRequest) -> Self {
        Self {
            number: request.item,
            read: read::entry(request.entry),
        }
    }
}
