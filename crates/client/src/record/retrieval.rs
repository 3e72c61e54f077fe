//! A document on its way: header, bytes, trailer.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use delt_proto::record::v1::retrieve_document_response::Part;
use delt_proto::record::v1::{DocumentHeader, DocumentTrailer};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::ClientError;

type Parts = BoxStream<'static, Result<Option<Part>, ClientError>>;

/// A document whose header has arrived. Its bytes may be used only when the end has come without an error.
pub struct Retrieval {
    header: DocumentHeader,
    parts: Parts,
    idle: Duration,
    received: u64,
    trailer: Option<DocumentTrailer>,
}

impl Retrieval {
    /// Waits for the header. `idle` is the longest wait for each part.
    pub(super) async fn open(parts: Parts, idle: Duration) -> Result<Self, ClientError> {
        let header = DocumentHeader::default();
        let mut retrieval = Self {
            header,
            parts,
            idle,
            received: 0,
            trailer: None,
        };
        match retrieval.part().await? {
            Some(Part::Header(header)) => Ok(Self {
                header,
                ..retrieval
            }),
            Some(_) => Err(ClientError::Contract(
                "a document that does not begin with its header",
            )),
            None => Err(ClientError::Incomplete(
                "the document ended before its header",
            )),
        }
    }

    pub fn header(&self) -> &DocumentHeader {
        &self.header
    }

    /// What was checked; there once all bytes have come.
    pub fn trailer(&self) -> Option<&DocumentTrailer> {
        self.trailer.as_ref()
    }

    /// The next bytes; `None` when the document is whole.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] when the stream ends without the trailer, or with another size than announced.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, ClientError> {
        if self.trailer.is_some() {
            return Ok(None);
        }
        match self.part().await? {
            Some(Part::Chunk(chunk)) => {
                self.received = self.received.saturating_add(chunk.len() as u64);
                Ok(Some(chunk))
            }
            Some(Part::Trailer(trailer)) => self.finish(trailer).map(|()| None),
            Some(Part::Header(_)) => Err(ClientError::Contract("a document with two headers")),
            None => Err(ClientError::Incomplete(
                "the document ended without its trailer",
            )),
        }
    }

    fn finish(&mut self, trailer: DocumentTrailer) -> Result<(), ClientError> {
        let announced = self.header.size.is_none_or(|size| size == self.received);
        if !announced || trailer.size != self.received {
            return Err(ClientError::Incomplete(
                "the document has another size than announced",
            ));
        }
        self.trailer = Some(trailer);
        Ok(())
    }

    /// Writes the bytes to `out`. After an error, what was written must be thrown away.
    pub async fn write_to(
        mut self,
        out: &mut (impl AsyncWrite + Unpin),
    ) -> Result<DocumentTrailer, ClientError> {
        while let Some(chunk) = self.chunk().await? {
            out.write_all(&chunk).await?;
        }
        out.flush().await?;
        Ok(self.trailer.unwrap_or_default())
    }

    /// The whole document in memory, if it has at most `limit` bytes.
    pub async fn into_bytes(mut self, limit: usize) -> Result<Vec<u8>, ClientError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if bytes.len().saturating_add(chunk.len()) > limit {
                return Err(ClientError::Incomplete(
                    "the document is larger than the caller's limit",
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    async fn part(&mut self) -> Result<Option<Part>, ClientError> {
        let next = tokio::time::timeout(self.idle, self.parts.next()).await;
        match next.map_err(|_| ClientError::Incomplete("the document stopped coming"))? {
            None => Ok(None),
            Some(answer) => answer?
                .map(Some)
                .ok_or(ClientError::Contract("an empty part")),
        }
    }
}

// By hand, because the stream has no text.
impl fmt::Debug for Retrieval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrieval")
            .field("entry_uuid", &self.header.entry_uuid)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn header(size: Option<u64>) -> Part {
        Part::Header(DocumentHeader {
            size,
            ..Default::default()
        })
    }

    fn chunk(text: &'static str) -> Part {
        Part::Chunk(Bytes::from_static(text.as_bytes()))
    }

    fn trailer(size: u64) -> Part {
        Part::Trailer(DocumentTrailer {
            verified: true,
            size,
        })
    }

    async fn read(parts: Vec<Part>) -> Result<Vec<u8>, ClientError> {
        let parts = stream::iter(parts.into_iter().map(|part| Ok(Some(part)))).boxed();
        Retrieval::open(parts, Duration::from_secs(1))
            .await?
            .into_bytes(10)
            .await
    }

    #[tokio::test]
    async fn a_whole_document_is_read() {
        let whole = vec![header(Some(5)), chunk("ab"), chunk("cde"), trailer(5)];
        assert_eq!(read(whole).await.unwrap(), b"abcde");
        assert_eq!(read(vec![header(None), trailer(0)]).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn what_is_not_whole_is_refused() {
        let cut = [
            vec![],
            vec![header(Some(5)), chunk("abcde")],
            vec![header(Some(6)), chunk("abcde"), trailer(5)],
            vec![header(None), chunk("abcde"), trailer(6)],
            vec![header(None), chunk("0123456789+"), trailer(11)],
        ];
        for parts in cut {
            assert!(matches!(read(parts).await, Err(ClientError::Incomplete(_))));
        }
        for parts in [vec![chunk("a")], vec![header(None), header(None)]] {
            assert!(matches!(read(parts).await, Err(ClientError::Contract(_))));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_document_that_hangs_is_given_up() {
        let hanging = stream::iter([Ok(Some(header(None)))])
            .chain(stream::pending())
            .boxed();
        let mut retrieval = Retrieval::open(hanging, Duration::from_mins(1))
            .await
            .unwrap();
        assert!(matches!(
            retrieval.chunk().await,
            Err(ClientError::Incomplete(_))
        ));
    }
}
