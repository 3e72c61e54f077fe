//! One after another, in a binary whose tests run side by side: for tests that take a small machine for themselves, by several hubs, by load, or by killing
//! what serves; and for those that listen to everything that this process says.

use tokio::sync::{Mutex, MutexGuard};

static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other test that asked for it is alone. To be kept to the end of the test.
pub async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// The same for a test without a runtime.
pub fn alone_blocking() -> MutexGuard<'static, ()> {
    ALONE.blocking_lock()
}
