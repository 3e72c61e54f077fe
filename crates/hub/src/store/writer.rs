//! Group commit: the work of many requests in one durable transaction.
//!
//! A writer takes whatever waits, runs each command in a savepoint of its own and all entries of the access log together, commits once, and only then
//! answers. While a commit is being made durable the next batch gathers. No lock is held over a request.

use std::{sync::Arc, time::Duration};

use sqlx::{PgPool, SqlStr, SqlitePool};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::{
    AsyncWork, SqliteTx, Tx,
    batch::{Batch, Job, Outcomes, Piece},
    begin_whole,
    load::Sizes,
    unavailable,
};
use crate::{
    Error, Result,
    audit::{Pending, Written},
    background::{Background, Stop},
    error::code,
};

/// Connections that write commands on PostgreSQL.
pub(super) const POSTGRES_WRITERS: u32 = 8;
/// Connections that append entries of the log there: while one's commit is made durable, the next batch is written.
pub(super) const POSTGRES_APPENDERS: u32 = 2;
/// How much waits before callers are turned away.
const QUEUE: usize = 4_096;
/// How many pieces share a commit at most.
const BATCH: usize = 256;

/// The queues of a store.
#[derive(Debug)]
pub(super) struct Writers {
    pub(super) commands: Queue,
    pub(super) appends: Queue,
    pub(super) sizes: Arc<Sizes>,
}

impl Writers {
    /// SQLite has one writer, so both kinds of work share it.
    pub(super) fn sqlite(pool: &SqlitePool, timeout: Duration, background: &Background) -> Self {
        let sizes = Arc::new(Sizes::default());
        let writer = Writer {
            database: Database::Sqlite(pool.clone()),
            batch: BATCH,
            timeout,
            sizes: sizes.clone(),
        };
        let queue = Queue::start(&writer, 1, background);
        Self {
            commands: queue.clone(),
            appends: queue,
            sizes,
        }
    }

    /// PostgreSQL shares the flush of concurrent commits itself. Commands keep a transaction each, because two batches that touch the same rows in
    /// another order would deadlock; appends take what they share with others in one order (see `audit::chain_rows`), so they may batch.
    pub(super) fn postgres(
        pool: &PgPool,
        begin: &SqlStr,
        timeout: Duration,
        background: &Background,
    ) -> Self {
        let sizes = Arc::new(Sizes::default());
        let writer = |batch| Writer {
            database: Database::Postgres(pool.clone(), begin.clone()),
            batch,
            timeout,
            sizes: sizes.clone(),
        };
        Self {
            commands: Queue::start(&writer(1), POSTGRES_WRITERS, background),
            appends: Queue::start(&writer(BATCH), POSTGRES_APPENDERS, background),
            sizes,
        }
    }
}

/// Where requests leave their work.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    jobs: mpsc::Sender<Job>,
    timeout: Duration,
}

type Jobs = Arc<Mutex<mpsc::Receiver<Job>>>;

impl Queue {
    fn start(writer: &Writer, writers: u32, background: &Background) -> Self {
        let (jobs, receiver) = mpsc::channel(QUEUE);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..writers {
            let work = writer.clone().work(receiver.clone(), background.stop());
            background.start(work);
        }
        let timeout = writer.timeout;
        Self { jobs, timeout }
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> usize {
        self.jobs
            .max_capacity()
            .saturating_sub(self.jobs.capacity())
    }

    pub(super) async fn run<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: AsyncWork<T>,
    {
        let (reply, answer) = oneshot::channel();
        let piece = Piece::new(work, reply);
        self.send(Job::Work(Box::new(piece)), answer).await
    }

    pub(super) async fn append(&self, entry: Pending) -> Result<Written> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Append(Box::new(entry), reply), answer).await
    }

    async fn send<T>(&self, job: Job, answer: oneshot::Receiver<Result<T>>) -> Result<T> {
        self.jobs
            .send_timeout(job, self.timeout)
            .await
            .map_err(|_| Error::new(code::STORE_UNAVAILABLE).retry_after_ms(1_000))?;
        answer
            .await
            .map_err(|_| Error::new(code::STORE_UNAVAILABLE))?
    }
}

/// Where a writer finds its connections.
#[derive(Clone)]
enum Database {
    Sqlite(SqlitePool),
    /// With the statement that begins.
    Postgres(PgPool, SqlStr),
}

#[derive(Clone)]
struct Writer {
    database: Database,
    batch: usize,
    timeout: Duration,
    sizes: Arc<Sizes>,
}

impl Writer {
    async fn work(self, jobs: Jobs, mut stop: Stop) {
        loop {
            let batch = tokio::select! {
                batch = self.gather(&jobs) => batch,
                () = stop.requested() => break,
            };
            if batch.is_empty() {
                break;
            }
            self.write(batch).await;
        }
        // What was queued before the stop is still written.
        while let Ok(mut jobs) = jobs.try_lock() {
            let Ok(job) = jobs.try_recv() else { break };
            drop(jobs);
            self.write(vec![job]).await;
        }
    }

    async fn gather(&self, jobs: &Jobs) -> Vec<Job> {
        let mut batch = Vec::new();
        jobs.lock().await.recv_many(&mut batch, self.batch).await;
        batch
    }

    /// Writes a batch and answers each of its jobs: those that ran, after the commit.
    async fn write(&self, jobs: Vec<Job>) {
        let mut batch = Batch::of(jobs);
        if batch.is_empty() {
            return;
        }
        self.sizes.count(batch.len());
        let outcomes = tokio::time::timeout(self.timeout, self.commit(&mut batch)).await;
        let outcomes = outcomes.unwrap_or_else(|_| Err(Error::new(code::STORE_UNAVAILABLE)));
        batch.answer(outcomes);
    }

    async fn commit(&self, batch: &mut Batch) -> Result<Outcomes> {
        let mut tx = self.begin().await?;
        if batch.only_appends() {
            // The usual case needs no savepoint: what fails is tried again below.
            if let Ok(outcomes) = batch.append(&mut tx).await {
                tx.commit().await?;
                return Ok(outcomes);
            }
            tx.rollback().await?;
            tx = self.begin().await?;
        }
        let outcomes = batch.run(&mut tx).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    async fn begin(&self) -> Result<Tx<'static>> {
        match &self.database {
            Database::Sqlite(pool) => {
                let begun = pool.begin_with("BEGIN IMMEDIATE").await;
                begun.map(|tx| Tx::Sqlite(SqliteTx::Write(tx)))
            }
            Database::Postgres(pool, begin) => begin_whole(pool, begin.clone()).await,
        }
        .map_err(unavailable)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::store::{Store, StoreSettings, on};

    async fn open(folder: &std::path::Path, background: &Background) -> Store {
        let settings = StoreSettings {
            url: format!("sqlite://{}", folder.join("delt.db").display()),
            pooler_url: None,
            standby_url: None,
            read_connections: 1,
            timeout_ms: 2_000,
            statement_ms: 30_000,
        };
        Store::open(&settings, background).await.unwrap()
    }

    /// Writes a row of so many bytes.
    struct Row(usize);

    impl AsyncWork<()> for Row {
        fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
            let insert =
                "INSERT INTO log_checkpoint (tree_size, signed_at, note) VALUES ($1, 0, $2)";
            Box::pin(async move {
                let size = i64::try_from(self.0).unwrap_or(i64::MAX);
                on!(tx, c => sqlx::query(insert).bind(size).bind("x".repeat(self.0)).execute(c).await.map(drop))
                    .map_err(unavailable)
            })
        }
    }

    /// Sets how large the writer's database may grow, in pages: a disk that is full, or no longer is.
    struct Disk(&'static str);

    impl AsyncWork<()> for Disk {
        fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
            let pragma = self.0;
            Box::pin(async move {
                let Tx::Sqlite(tx) = tx else { return Ok(()) };
                sqlx::raw_sql(pragma)
                    .execute(&mut **tx)
                    .await
                    .map(drop)
                    .map_err(unavailable)
            })
        }
    }

    /// Writes a row and breaks off, in a savepoint of its own.
    struct Broken;

    impl AsyncWork<()> for Broken {
        fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                let mut savepoint = tx.nested().await?;
                Row(1).run(&mut savepoint).await?;
                panic!("a fault of a test");
            })
        }
    }

    #[tokio::test]
    async fn a_fault_in_one_piece_fails_that_piece_alone() {
        let folder = tempfile::tempdir().unwrap();
        let background = Background::new();
        let store = open(folder.path(), &background).await;
        let (before, broken, after) = tokio::join!(
            store.write(Row(2)),
            store.write(Broken),
            store.write(Row(3))
        );
        assert_eq!(broken.unwrap_err().code(), code::INTERNAL);
        before.unwrap();
        after.unwrap();
        // What it had begun is gone, so its row can be written.
        store.write(Row(1)).await.unwrap();
        background.shut_down().await;
    }

    /// Waits, so that what comes after it stands in the queue.
    struct Slow(oneshot::Receiver<()>);

    impl AsyncWork<()> for Slow {
        fn run<'a>(&'a mut self, _: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
            Box::pin(async move {
                drop((&mut self.0).await);
                Ok(())
            })
        }
    }

    /// Goes as far as the queue.
    fn begin(work: std::pin::Pin<&mut impl Future<Output = Result<()>>>) {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(work.poll(&mut cx).is_pending());
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let background = Background::new();
        let store = open(folder.path(), &background).await;
        let (go, held) = oneshot::channel();
        let mut slow = Box::pin(store.write(Slow(held)));
        begin(slow.as_mut());
        tokio::task::yield_now().await;
        let mut abandoned = Box::pin(store.write(Row(7)));
        begin(abandoned.as_mut());
        let mut waited = Box::pin(store.write(Row(8)));
        begin(waited.as_mut());
        drop(abandoned);
        go.send(()).unwrap();
        slow.await.unwrap();
        waited.await.unwrap();
        // Its row can be written, so it is not there.
        store.write(Row(7)).await.unwrap();
        background.shut_down().await;
    }

    // SQLite answers a full disk by taking the whole transaction back, savepoints and all.
    #[tokio::test]
    async fn a_full_disk_fails_the_batch_and_not_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let background = Background::new();
        let store = open(folder.path(), &background).await;
        store.write(Row(1)).await.unwrap();
        store
            .write(Disk("PRAGMA max_page_count = 1"))
            .await
            .unwrap();
        let full = store.write(Row(4 << 20)).await.unwrap_err();
        assert_eq!(full.code(), code::STORE_UNAVAILABLE);
        // There is room again for what is small, as after an operator has made some.
        store.write(Row(2)).await.unwrap();
        background.shut_down().await;
    }
}
