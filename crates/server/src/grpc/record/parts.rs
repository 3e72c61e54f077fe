//! Documents as streams of parts: the header, the bytes in order, the trailer.

use std::{
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use delt_hub::{Error, Result, record::Document};
use delt_proto::record::v1::{
    self as v1, DocumentHeader, DocumentTrailer, retrieve_document_response as single,
    retrieve_documents_response as several,
};
use futures_util::Stream;
use tokio::{sync::mpsc, task::JoinSet};
use tonic::Status;
use uuid::Uuid;

use crate::grpc::{document::item_error, status, wire};

/// Parts that wait for a reader. A chunk has at most 128 KiB.
const WAITING: usize = 4;
/// A reader who takes nothing for so long is taken for gone, and the source is let go.
const READER: Duration = Duration::from_mins(1);

/// One part of a document on its way to the reader.
pub(super) enum Retrieved {
    Header(DocumentHeader),
    Chunk(Bytes),
    Trailer(DocumentTrailer),
    Failed(Error),
}

/// The answer's stream. What fills it runs beside it, waits for the reader, and ends when the reader goes away.
#[derive(Debug)]
pub(crate) struct Parts<T> {
    parts: mpsc::Receiver<std::result::Result<T, Status>>,
    pumps: JoinSet<()>,
}

/// Where a pump puts its parts.
#[derive(Debug)]
pub(super) struct Outlet<T> {
    parts: mpsc::Sender<std::result::Result<T, Status>>,
    entry_uuid: String,
    _message: PhantomData<fn() -> T>,
}

/// A message that carries parts.
pub(super) trait Message: Sized {
    fn of(part: Retrieved, entry_uuid: &str) -> std::result::Result<Self, Status>;
}

impl<T> Parts<T> {
    pub(super) fn new() -> (Outlet<T>, Self) {
        let (sender, parts) = mpsc::channel(WAITING);
        let outlet = Outlet {
            parts: sender,
            entry_uuid: String::new(),
            _message: PhantomData,
        };
        (
            outlet,
            Self {
                parts,
                pumps: JoinSet::new(),
            },
        )
    }

    /// Runs `pump` until it ends or the stream is dropped.
    pub(super) fn pump(&mut self, pump: impl Future<Output = ()> + Send + 'static) {
        self.pumps.spawn(pump);
    }
}

impl<T> Stream for Parts<T> {
    type Item = std::result::Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.parts.poll_recv(cx)
    }
}

impl<T: Message> Outlet<T> {
    /// Another outlet of the same stream, for the parts of one entry.
    pub(super) fn of_entry(&self, entry: Uuid) -> Self {
        Self {
            parts: self.parts.clone(),
            entry_uuid: entry.to_string(),
            _message: PhantomData,
        }
    }

    /// Waits for the reader. `false` where there is none any more.
    pub(super) async fn put(&self, part: Retrieved) -> bool {
        let message = T::of(part, &self.entry_uuid);
        self.parts.send_timeout(message, READER).await.is_ok()
    }
}

/// Passes a document on to its end. A reader who went away is nobody's failure: nothing more is fetched, and nothing is said.
pub(super) async fn pass_on<T: Message>(mut document: Document, outlet: &Outlet<T>) -> Result<()> {
    if !outlet.put(Retrieved::Header(header(&document))).await {
        return Ok(());
    }
    while let Some(bytes) = document.next().await? {
        if !outlet.put(Retrieved::Chunk(bytes)).await {
            return Ok(());
        }
    }
    let trailer = DocumentTrailer {
        verified: document.is_verified(),
        size: document.size(),
    };
    outlet.put(Retrieved::Trailer(trailer)).await;
    Ok(())
}

fn header(document: &Document) -> DocumentHeader {
    DocumentHeader {
        entry_uuid: document.entry_uuid().to_string(),
        mime_type: document.mime_type().to_owned(),
        size: document.registered_size(),
        receipt: Some(wire::receipt(document.receipt())),
        opened_by_override: document.opened_by_override(),
    }
}

impl Message for v1::RetrieveDocumentResponse {
    fn of(part: Retrieved, _: &str) -> std::result::Result<Self, Status> {
        let part = match part {
            Retrieved::Header(header) => single::Part::Header(header),
            Retrieved::Chunk(bytes) => single::Part::Chunk(bytes),
            Retrieved::Trailer(trailer) => single::Part::Trailer(trailer),
            Retrieved::Failed(error) => return Err(status(&error)),
        };
        Ok(Self { part: Some(part) })
    }
}

impl Message for v1::RetrieveDocumentsResponse {
    fn of(part: Retrieved, entry_uuid: &str) -> std::result::Result<Self, Status> {
        let part = match part {
            Retrieved::Header(header) => several::Part::Header(header),
            Retrieved::Chunk(bytes) => several::Part::Chunk(bytes),
            Retrieved::Trailer(trailer) => several::Part::Trailer(trailer),
            Retrieved::Failed(error) => several::Part::Error(item_error(&error)),
        };
        Ok(Self {
            entry_uuid: entry_uuid.to_owned(),
            part: Some(part),
        })
    }
}
