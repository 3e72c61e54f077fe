//! Background work that shutdown can wait for. Nothing in the server is started and then forgotten.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

/// Makes the two ends of a shutdown signal.
pub fn shutdown() -> (ShutdownHandle, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (ShutdownHandle(sender), Shutdown(receiver))
}

/// Asks for shutdown: when told to, and also when dropped.
#[derive(Debug)]
pub struct ShutdownHandle(watch::Sender<bool>);

impl ShutdownHandle {
    /// Asks everything that holds a [`Shutdown`] to finish.
    pub fn request(&self) {
        self.0.send_replace(true);
    }
}

/// Learns of shutdown. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Returns once shutdown was asked for, at once where it already was.
    pub async fn requested(&self) {
        // An error means that the handle is gone, and with it whoever would stop us: that is a request too.
        let _ = self.0.clone().wait_for(|requested| *requested).await;
    }

    pub fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// Tasks that are stopped when this is dropped, and waited for by [`Tasks::finish`].
#[derive(Debug, Default)]
pub struct Tasks(JoinSet<()>);

impl Tasks {
    pub fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(work);
    }

    /// Waits until one of them has ended; never returns while there is none.
    pub async fn reap(&mut self) {
        match self.0.join_next().await {
            Some(ended) => report(ended),
            None => std::future::pending().await,
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Waits for all of them, at most for `grace`, and stops the rest. Returns how many had to be stopped.
    pub async fn finish(mut self, grace: Duration) -> usize {
        let all = async {
            while let Some(ended) = self.0.join_next().await {
                report(ended);
            }
        };
        let _ = tokio::time::timeout(grace, all).await;
        let left = self.0.len();
        self.0.shutdown().await;
        left
    }
}

fn report(ended: Result<(), JoinError>) {
    // The panic's text could hold anything; that it happened is what an operator needs to know.
    if ended.is_err_and(|error| error.is_panic()) {
        tracing::error!("a task of the server failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn finishes_what_ends_in_time_and_stops_the_rest() {
        let mut tasks = Tasks::default();
        tasks.spawn(tokio::time::sleep(Duration::from_secs(1)));
        tasks.spawn(std::future::pending());
        assert_eq!(tasks.finish(Duration::from_secs(2)).await, 1);
    }

    #[tokio::test]
    async fn a_dropped_handle_counts_as_a_request() {
        let (handle, shutdown) = shutdown();
        assert!(!shutdown.is_requested());
        drop(handle);
        shutdown.requested().await;
        assert!(shutdown.is_requested());
    }
}
