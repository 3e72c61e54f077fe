//! The lines of a file, without holding more than one of them in memory.

use std::io;

use futures_util::{Stream, stream};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use crate::json::MAX_LINE_BYTES;

/// A line with its number from 1; `None` for its content if it is too long.
pub(super) type Line = (u64, Option<Vec<u8>>);

/// All lines that are not blank.
pub(super) fn lines<R>(input: R) -> impl Stream<Item = io::Result<Line>> + Send
where
    R: AsyncBufRead + Unpin + Send,
{
    stream::try_unfold((input, 0), |(mut input, mut number)| async move {
        loop {
            number += 1;
            let Some(line) = read(&mut input).await? else {
                return Ok(None);
            };
            if line
                .as_ref()
                .is_none_or(|line| !line.trim_ascii().is_empty())
            {
                return Ok(Some(((number, line), (input, number))));
            }
        }
    })
}

/// `None` at the end of the file, `Some(None)` for a line that is too long.
async fn read<R: AsyncBufRead + Unpin>(input: &mut R) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    let limit = MAX_LINE_BYTES as u64 + 1;
    if (&mut *input)
        .take(limit)
        .read_until(b'\n', &mut line)
        .await?
        == 0
    {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_some() || line.len() <= MAX_LINE_BYTES {
        return Ok(Some(Some(line)));
    }
    skip(input).await?;
    Ok(Some(None))
}

/// To the end of the line, without keeping it.
async fn skip<R: AsyncBufRead + Unpin>(input: &mut R) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf().await?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |end| end + 1);
        input.consume(used);
        if end.is_some() || used == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt as _;

    async fn read_all(text: &[u8]) -> Vec<Line> {
        lines(text).try_collect().await.unwrap()
    }

    #[tokio::test]
    async fn blank_lines_count_but_are_left_out() {
        let read = read_all(b"a\n\n \r\nb").await;
        assert_eq!(read, [(1, Some(b"a".to_vec())), (4, Some(b"b".to_vec()))]);
        assert!(read_all(b"").await.is_empty());
    }

    #[tokio::test]
    async fn a_long_line_costs_only_itself() {
        let fits = vec![b'x'; MAX_LINE_BYTES];
        let mut text = fits.clone();
        text.extend(b"\n");
        text.extend(vec![b'y'; MAX_LINE_BYTES * 2]);
        text.extend(b"\nb\n");
        assert_eq!(
            read_all(&text).await,
            [(1, Some(fits)), (2, None), (3, Some(b"b".to_vec()))]
        );
    }
}
