//! What the measuring process says to those that it measures, a line of JSON each, and how they answer.

use std::path::PathBuf;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines, Stdin};

use crate::bench::Failure;

/// An order. Who cannot follow it answers with an error.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// To the bare server: answer with the bytes of this file from now on.
    Answer(PathBuf),
    /// To a hub: keep the access log, or leave it out.
    Audited(bool),
    /// To a hub: how long the oldest entry of the log waits for its place, in microseconds.
    Lag,
    /// To the bare store: the process of the database that serves a connection.
    Backend,
    /// To the bare store: read the rows of these persons in turn, on so many connections, for so many milliseconds.
    Read {
        people: Vec<(String, String)>,
        readers: usize,
        ms: u64,
    },
    /// To the bare store: add so many entries of other persons to the index.
    Fill(u64),
    /// To the bare store: what the index takes on disk, in bytes.
    Bytes,
    /// To the bare store: write rows like those that are there, so many in a commit, for so many milliseconds.
    Insert { batch: usize, ms: u64 },
}

/// What was read or written.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Bare {
    pub(crate) statements: u64,
    pub(crate) rows: u64,
    pub(crate) seconds: f64,
}

/// An answer: what was asked for, or why not.
pub(crate) type Answer = Result<Value, String>;

pub(crate) fn read<T: DeserializeOwned>(line: &str) -> Result<T, Failure> {
    let answer: Answer = serde_json::from_str(line)?;
    Ok(serde_json::from_value(answer?)?)
}

/// The orders to this process.
#[derive(Debug)]
pub(super) struct Orders(Lines<BufReader<Stdin>>);

impl Orders {
    /// Says what somebody has to know to use this process.
    pub(super) async fn begin(ready: Value) -> Result<Self, Failure> {
        answer(&Ok(ready)).await?;
        Ok(Self(BufReader::new(tokio::io::stdin()).lines()))
    }

    /// The next order. None when the measuring process has ended, however it did: then this one ends too.
    pub(super) async fn next(&mut self) -> Result<Option<Order>, Failure> {
        let Some(line) = self.0.next_line().await? else {
            return Ok(None);
        };
        Ok(Some(serde_json::from_str(&line)?))
    }

    pub(super) async fn done<T: Serialize>(&self, done: Result<T, Failure>) -> Result<(), Failure> {
        let done = done.and_then(|value| Ok(serde_json::to_value(value)?));
        answer(&done.map_err(|failure| failure.to_string())).await
    }
}

async fn answer(answer: &Answer) -> Result<(), Failure> {
    let mut line = serde_json::to_string(answer)?;
    line.push('\n');
    let mut out = tokio::io::stdout();
    out.write_all(line.as_bytes()).await?;
    Ok(out.flush().await?)
}

/// The answer to an order that is meant for another.
pub(super) fn not_mine<T>() -> Result<T, Failure> {
    Err("this process does not do that".into())
}
