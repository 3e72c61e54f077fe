//! One hub on a thread of its own, so that it can stand still or die without the others.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use delt_hub::entropy::SystemEntropy;
use delt_server::config::Config;
use delt_server::serve;
use tokio::sync::oneshot;

use super::clock::SteppingClock;

pub(crate) struct Instance {
    pub(crate) api: SocketAddr,
    pub(crate) clock: Arc<SteppingClock>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Instance {
    /// Starts a hub and waits until it serves.
    pub(crate) fn start(config: Config, clock: Arc<SteppingClock>) -> Self {
        let (end, ended) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let its = clock.clone();
        let thread = std::thread::spawn(move || {
            // One worker: where it waits for the clock, the whole hub waits.
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            let entropy = Arc::new(SystemEntropy::default());
            let running = runtime
                .block_on(serve::start_with(&config, its, entropy))
                .unwrap();
            tell.send(running.api).unwrap();
            // Dead is who simply is no more: nothing is flushed, sealed or said.
            let _gone = runtime.block_on(ended);
            drop(running);
            runtime.shutdown_timeout(Duration::from_millis(100));
        });
        Self {
            api: told.recv().expect("the hub starts"),
            clock,
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.clock.stand_still(false);
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}
