//! A run over a file of NDJSON.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, future};
use tokio::fs::File;
use tokio::io::BufReader;

use super::lines::{Line, lines};
use super::refused::Refused;
use super::{Item, Journal, JournalError, LineOutcome, Options};
use crate::json::{JsonError, entry_from_json};
use crate::request_id::seed;
use crate::{ClientError, Documents};

/// A run with more refused lines than this is stopped: something else is wrong than the lines.
pub const MAX_REFUSED: usize = 100_000;

/// So much of the file is read at once: each reading is a trip to another thread.
const READ_BYTES: usize = 1 << 20;

/// Why a run stopped. What was done by then is in the journal.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{}: {cause}", path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("more than {MAX_REFUSED} lines were refused")]
    TooManyRefused,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    pub registered: u64,
    /// Were registered before, with the same content.
    pub already_registered: u64,
    pub refused: u64,
}

/// A run over a file.
#[derive(Debug)]
pub struct Import<'a> {
    documents: &'a Documents,
    file: &'a Path,
    journal: Journal,
    refused: Refused,
    options: Options,
    summary: Summary,
}

impl<'a> Import<'a> {
    pub fn new(
        documents: &'a Documents,
        file: &'a Path,
        journal: Journal,
        options: Options,
    ) -> Self {
        Self {
            documents,
            file,
            journal,
            refused: Refused::beside(file),
            options,
            summary: Summary::default(),
        }
    }

    /// Registers the lines that the journal says are left, and tells each outcome. Where the connection breaks, the
    /// run goes on after a pause; it gives up when several attempts in a row bring it no further.
    pub async fn run(mut self, mut tell: impl FnMut(&LineOutcome)) -> Result<Summary, ImportError> {
        let mut fruitless = 0;
        loop {
            let before = self.told();
            let error = match self.pass(&mut tell).await {
                Ok(()) => break,
                Err(error) => error,
            };
            self.journal.save()?;
            fruitless = if self.told() > before {
                0
            } else {
                fruitless + 1
            };
            tokio::time::sleep(self.pause(fruitless, &error).ok_or(error)?).await;
        }
        let (path, refused) = (
            self.refused.path().to_owned(),
            self.journal.failed().clone(),
        );
        let failed = |cause| ImportError::File { path, cause };
        self.refused.settle(&refused).map_err(failed)?;
        self.journal.finish()?;
        Ok(self.summary)
    }

    fn told(&self) -> u64 {
        self.summary.registered + self.summary.already_registered + self.summary.refused
    }

    fn pause(&self, attempt: u32, error: &ImportError) -> Option<std::time::Duration> {
        let ImportError::Client(error) = error else {
            return None;
        };
        let caller = &self.documents.0.caller;
        caller.retry.pause(attempt, seed(caller.ids.next()), error)
    }

    /// One stream, from where the journal stands to the end of the file.
    async fn pass(&mut self, tell: &mut impl FnMut(&LineOutcome)) -> Result<(), ImportError> {
        let failed = |cause| ImportError::File {
            path: self.file.to_owned(),
            cause,
        };
        let input = File::open(self.file).await.map_err(failed)?;
        let broken = Arc::new(Mutex::new(None));
        let items = self.items(input, Arc::clone(&broken));
        let mut outcomes = self
            .documents
            .register_all(items, self.options.clone())
            .await?;
        while let Some(outcome) = outcomes.next().await? {
            self.count(&outcome);
            // Told and kept before the journal has it: a run that is killed here tells it once more, and never not at all.
            tell(&outcome);
            self.keep(&outcome)?;
            self.journal.record(outcome.line, outcome.result.is_ok())?;
            if self.journal.failed().len() > MAX_REFUSED {
                return Err(ImportError::TooManyRefused);
            }
        }
        let cause = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        cause.map_or(Ok(()), |cause| {
            Err(ImportError::File {
                path: self.file.to_owned(),
                cause,
            })
        })
    }

    /// The lines to send. A file that cannot be read further ends the stream, and says so in `broken`.
    fn items(
        &self,
        input: File,
        broken: Arc<Mutex<Option<std::io::Error>>>,
    ) -> impl Stream<Item = Item> + Send + 'static {
        let (done, again) = (self.journal.done(), self.journal.again().clone());
        let wants = move |line: u64| line > done || again.contains(&line);
        lines(BufReader::with_capacity(READ_BYTES, input))
            .map_err(move |error| {
                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            })
            .take_while(|line| future::ready(line.is_ok()))
            .filter_map(|line| future::ready(line.ok()))
            .filter(move |(number, _)| future::ready(wants(*number)))
            .map(read)
    }

    fn keep(&mut self, outcome: &LineOutcome) -> Result<(), ImportError> {
        let Err(error) = &outcome.result else {
            return Ok(());
        };
        let kept = self.refused.keep(outcome.line, error);
        kept.map_err(|cause| ImportError::File {
            path: self.refused.path().to_owned(),
            cause,
        })
    }

    fn count(&mut self, outcome: &LineOutcome) {
        match &outcome.result {
            Ok(answer) if answer.already_registered => self.summary.already_registered += 1,
            Ok(_) => self.summary.registered += 1,
            Err(_) => self.summary.refused += 1,
        }
    }
}

fn read((number, line): Line) -> Item {
    let entry = line
        .ok_or(JsonError::TooLong)
        .and_then(|line| entry_from_json(&line));
    (number, entry)
}
