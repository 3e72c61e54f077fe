//! Writing an export, line by line, to whatever takes bytes.

use std::io::{self, Write};

use super::{Header, Line, LineError};
use crate::note::Note;

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Line(#[from] LineError),
    #[error("the export cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes what the store holds and judges none of it: an export of a damaged log must come out, so that its
/// verification can show the damage.
#[derive(Debug)]
pub struct ExportWriter<W> {
    out: W,
}

impl<W: Write> ExportWriter<W> {
    /// Writes the header. Lines should follow in ascending order of index; for a `complete` export, all of them.
    pub fn new(out: W, checkpoint: Note, complete: bool) -> Result<Self, WriteError> {
        let header = Header {
            checkpoint,
            complete,
            chain_key: None,
        };
        Self::begin(out, &header)
    }

    /// The same with a header of the caller's own.
    pub fn begin(mut out: W, header: &Header) -> Result<Self, WriteError> {
        let header = header.to_line()?;
        writeln!(out, "{header}")?;
        Ok(Self { out })
    }

    pub fn write(&mut self, line: &Line) -> Result<(), WriteError> {
        let line = line.to_line()?;
        writeln!(self.out, "{line}")?;
        Ok(())
    }

    /// Flushes and gives the output back.
    pub fn finish(mut self) -> Result<W, WriteError> {
        self.out.flush()?;
        Ok(self.out)
    }
}
