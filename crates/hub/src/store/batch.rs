//! What shares one durable transaction: commands, each in a savepoint of its own, and entries of the access log, all at once.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::oneshot;

use super::Tx;
use crate::{
    Error, Result,
    audit::{Pending, Written, append},
    error::code,
};

/// A piece of work on a transaction.
pub(crate) trait AsyncWork<T>: Send + 'static {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<T>>;
}

impl<T, F> AsyncWork<T> for F
where
    F: for<'a> FnMut(&'a mut Tx<'_>) -> BoxFuture<'a, Result<T>> + Send + 'static,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<T>> {
        self(tx)
    }
}

/// What a request leaves in a queue.
pub(super) enum Job {
    Work(Box<dyn Work>),
    Append(Box<Pending>, oneshot::Sender<Result<Written>>),
}

/// Work with its type forgotten, so that different requests stand in one queue.
pub(super) trait Work: Send {
    /// Runs the work and keeps what it made until the batch is durable.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>>;
    fn answer(self: Box<Self>, outcome: Result<()>);
    /// Whether the caller went away before it was begun.
    fn is_abandoned(&self) -> bool;
}

pub(super) struct Piece<T, W> {
    work: W,
    done: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, W> Piece<T, W> {
    pub(super) const fn new(work: W, reply: oneshot::Sender<Result<T>>) -> Self {
        Self {
            work,
            done: None,
            reply,
        }
    }
}

impl<T, W> Work for Piece<T, W>
where
    T: Send + 'static,
    W: AsyncWork<T>,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.done = Some(unbroken(self.work.run(tx)).await?);
            Ok(())
        })
    }

    fn answer(self: Box<Self>, outcome: Result<()>) {
        let Self { done, reply, .. } = *self;
        let lost = || Error::new(code::STORE_UNAVAILABLE);
        // A caller that went away no longer wants the answer; what it asked for is done all the same.
        drop(reply.send(outcome.and_then(|()| done.ok_or_else(lost))));
    }

    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }
}

/// A fault in one piece must not end the writer, and with it all writing.
async fn unbroken<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let ran = AssertUnwindSafe(work).catch_unwind().await;
    ran.map_err(|_| Error::internal("a piece of work broke off"))?
}

/// Jobs that share a commit.
#[derive(Default)]
pub(super) struct Batch {
    works: Vec<Box<dyn Work>>,
    entries: Vec<Pending>,
    replies: Vec<oneshot::Sender<Result<Written>>>,
}

/// What became of each job, in their order. It counts once the transaction has committed.
pub(super) struct Outcomes {
    works: Vec<Result<()>>,
    entries: Vec<Result<Written>>,
}

impl Batch {
    pub(super) fn of(jobs: Vec<Job>) -> Self {
        let mut batch = Self::default();
        for job in jobs {
            match job {
                // Its deadline has passed in the queue: nobody is told of it, so nothing is done. Entries of the log are always written.
                Job::Work(work) if work.is_abandoned() => {}
                Job::Work(work) => batch.works.push(work),
                Job::Append(entry, reply) => {
                    batch.entries.push(*entry);
                    batch.replies.push(reply);
                }
            }
        }
        batch
    }

    /// Runs everything. An error is one of the transaction itself, which is lost then.
    pub(super) async fn run(&mut self, tx: &mut Tx<'_>) -> Result<Outcomes> {
        let mut works = Vec::with_capacity(self.works.len());
        for work in &mut self.works {
            let mut savepoint = tx.nested().await?;
            let outcome = work.run(&mut savepoint).await;
            works.push(settled(savepoint, outcome).await?);
        }
        let entries = append_all(tx, &mut self.entries).await?;
        Ok(Outcomes { works, entries })
    }

    pub(super) fn only_appends(&self) -> bool {
        self.works.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.works.len() + self.entries.len()
    }

    /// Whether all of it was abandoned.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends all entries, for a transaction in which nothing else is done. After an error it must be taken back.
    pub(super) async fn append(&mut self, tx: &mut Tx<'_>) -> Result<Outcomes> {
        let written = unbroken(append::write_all(tx, &mut self.entries)).await?;
        Ok(Outcomes {
            works: Vec::new(),
            entries: written.into_iter().map(Ok).collect(),
        })
    }

    pub(super) fn answer(self, outcomes: Result<Outcomes>) {
        let Outcomes { works, entries } = outcomes.unwrap_or_else(|error| Outcomes {
            works: vec![Err(error.clone()); self.works.len()],
            entries: vec![Err(error); self.entries.len()],
        });
        for (work, outcome) in self.works.into_iter().zip(works) {
            work.answer(outcome);
        }
        for (reply, outcome) in self.replies.into_iter().zip(entries) {
            drop(reply.send(outcome));
        }
    }
}

/// Keeps what succeeded and takes back what did not.
async fn settled<T>(savepoint: Tx<'_>, outcome: Result<T>) -> Result<Result<T>> {
    match &outcome {
        Ok(_) => savepoint.commit().await?,
        Err(_) => savepoint.rollback().await?,
    }
    Ok(outcome)
}

/// Appends all entries in few statements; where that fails, one by one, so that only those fail whose fault it is.
async fn append_all(tx: &mut Tx<'_>, entries: &mut [Pending]) -> Result<Vec<Result<Written>>> {
    if let Ok(written) = append_some(tx, entries).await? {
        return Ok(written.into_iter().map(Ok).collect());
    }
    let mut outcomes = Vec::with_capacity(entries.len());
    for entry in entries.chunks_mut(1) {
        let written = append_some(tx, entry).await?;
        let lost = || Error::internal("an entry that was not written");
        outcomes.push(written.and_then(|mut one| one.pop().ok_or_else(lost)));
    }
    Ok(outcomes)
}

async fn append_some(tx: &mut Tx<'_>, entries: &mut [Pending]) -> Result<Result<Vec<Written>>> {
    if entries.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let mut savepoint = tx.nested().await?;
    let outcome = unbroken(append::write_all(&mut savepoint, entries)).await;
    settled(savepoint, outcome).await
}
