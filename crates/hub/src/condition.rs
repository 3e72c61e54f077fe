//! How the hub is doing, and how it ends: for those who run it.

use std::sync::atomic::Ordering;

use crate::{Hub, Settings, clock::Micros};

impl Hub {
    /// Whether the store can be read now and could be written a moment ago. Without a written audit entry nothing is answered.
    pub async fn store_answers(&self) -> bool {
        self.shared.writable.load(Ordering::Relaxed) && self.shared.store.is_ready().await
    }

    /// Whether what the encryption key closes, it also opens.
    pub fn keys_work(&self) -> bool {
        const SAMPLE: &[u8] = b"sample";
        let keys = &self.shared.keys;
        let opened = keys
            .seal("delt/check/v1", &[], SAMPLE)
            .and_then(|sealed| keys.open("delt/check/v1", &[], &sealed));
        opened.is_ok_and(|opened| opened == SAMPLE)
    }

    /// The hub's time, for edges that have none of their own.
    pub fn now(&self) -> Micros {
        self.shared.clock.now()
    }

    /// The operator's limits.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Sends those away who only wait, such as at an empty mailbox, so that no connection stays open for them. Whatever is asked is still answered.
    pub fn leave(&self) {
        self.shared.leaving.send_replace(true);
    }

    /// Ends background work: what was accepted is written, the log is sealed once more.
    pub async fn shut_down(&self) {
        self.leave();
        self.shared.background.shut_down().await;
        self.shared.writers.shut_down().await;
    }
}
