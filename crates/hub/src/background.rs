//! Work that goes on behind the operations, and how it ends.

use std::{future::Future, sync::Mutex};

use tokio::{sync::watch, task::JoinSet};

/// One kind of the hub's own tasks. Every one of them is waited for at shutdown.
///
/// Writers are a kind of their own, because the others still write when they end: the sealer seals once more.
#[derive(Debug)]
pub(crate) struct Background {
    tasks: Mutex<JoinSet<()>>,
    stop: watch::Sender<bool>,
}

/// Tells a task that it is time to end.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Resolves when the hub shuts down.
    pub(crate) async fn requested(&mut self) {
        // An error means that the hub is gone, which is a reason to end as well.
        let _gone = self.0.wait_for(|stop| *stop).await;
    }
}

impl Background {
    pub(crate) fn new() -> Self {
        Self {
            tasks: Mutex::default(),
            stop: watch::Sender::new(false),
        }
    }

    pub(crate) fn stop(&self) -> Stop {
        Stop(self.stop.subscribe())
    }

    pub(crate) fn start(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Ok(mut tasks) = self.tasks.lock() {
            tasks.spawn(task);
        }
    }

    /// Asks every task to end and waits until they have.
    pub(crate) async fn shut_down(&self) {
        self.stop.send_replace(true);
        let mut tasks = match self.tasks.lock() {
            Ok(mut tasks) => std::mem::take(&mut *tasks),
            Err(_) => return,
        };
        while tasks.join_next().await.is_some() {}
    }
}
