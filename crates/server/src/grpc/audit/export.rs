//! An export on the wire, in the format that was asked for.

use std::pin::Pin;

use bytes::Bytes;
use delt_hub::{Error, Hub, Result, audit::operations::Export};
use delt_proto::audit::v1::{ExportEntriesResponse, ExportFormat};
use futures_util::{Stream, stream};
use tonic::Status;

use crate::grpc::status;
use crate::http::fhir::audit_event::Converter;

/// Lines of an export as they are read.
pub(super) type ExportStream =
    Pin<Box<dyn Stream<Item = std::result::Result<ExportEntriesResponse, Status>> + Send>>;

/// Bytes of one message at most: FHIR says the same in several times as many, and a message must fit what clients take.
const CHUNK: usize = 1024 * 1024;

/// Which format is asked for.
///
/// # Errors
/// `INVALID_ARGUMENT` naming `format`.
pub(super) fn format(format: i32) -> Result<ExportFormat> {
    ExportFormat::try_from(format)
        .map_err(|_| Error::invalid("format", "is not a format of exports"))
}

/// The export, read step by step.
pub(super) fn lines(hub: Hub, export: Export, format: ExportFormat) -> ExportStream {
    let converter = (format == ExportFormat::Fhir).then(|| Converter::new(hub.log_verifier_key()));
    let reading = Reading {
        hub,
        export,
        converter,
        waiting: Bytes::new(),
    };
    Box::pin(stream::unfold(Some(reading), |state| async move {
        let mut reading = state?;
        match reading.next().await {
            Ok(chunk) if chunk.is_empty() => None,
            Ok(chunk) => Some((Ok(ExportEntriesResponse { chunk }), Some(reading))),
            Err(error) => Some((Err(status(&error)), None)),
        }
    }))
}

struct Reading {
    hub: Hub,
    export: Export,
    converter: Option<Converter>,
    /// Read, and not yet sent.
    waiting: Bytes,
}

impl Reading {
    /// The next bytes; none at the end.
    async fn next(&mut self) -> Result<Bytes> {
        while self.waiting.is_empty() {
            let Some(lines) = self.export.lines(&self.hub).await? else {
                return Ok(Bytes::new());
            };
            let lines = match &mut self.converter {
                Some(converter) => converter.convert(&lines).map_err(Error::internal)?,
                None => lines,
            };
            self.waiting = lines.into();
        }
        Ok(self.waiting.split_to(self.waiting.len().min(CHUNK)))
    }
}
