//! Reading lines of bounded length from a stream that may be hostile.

use std::io::{self, BufRead, Read as _};

use super::MAX_LINE_BYTES;

/// What was read: a line without its newline, one that was cut short, or one too long to hold.
pub(super) enum Read<'a> {
    Line(&'a [u8]),
    /// The file ended before the line's newline.
    Unterminated,
    TooLong,
}

/// The lines of an input, one buffer for all, numbered from 1.
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// The number of the line read last.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line; none at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Read<'_>>> {
        self.buffer.clear();
        let limit = u64::try_from(MAX_LINE_BYTES)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let read = self
            .input
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if self.buffer.ends_with(b"\n") {
            self.buffer.pop();
            return Ok(Some(Read::Line(&self.buffer)));
        }
        if self.buffer.len() <= MAX_LINE_BYTES {
            return Ok(Some(Read::Unterminated));
        }
        self.input.skip_until(b'\n')?;
        Ok(Some(Read::TooLong))
    }
}
