//! How long a source may keep the hub waiting over one document.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, timeout};

use crate::document::SourceFault;

/// The rest of a source's deadline for one document.
///
/// Only waiting for the source counts: a reader who takes the bytes slowly does not use up the source's time.
#[derive(Debug)]
pub struct Patience {
    left: Duration,
}

impl Patience {
    /// With the whole deadline left.
    pub const fn new(deadline: Duration) -> Self {
        Self { left: deadline }
    }

    /// Waits for the source's next step, and no longer than the rest of the deadline.
    pub async fn wait<T>(&mut self, step: impl Future<Output = T>) -> Result<T, SourceFault> {
        let begun = Instant::now();
        let outcome = timeout(self.left, step).await;
        self.left = self.left.saturating_sub(begun.elapsed());
        outcome.map_err(|_| SourceFault::DeadlineExceeded)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[tokio::test(start_paused = true)]
    async fn the_steps_share_one_deadline_and_pauses_between_them_are_free() {
        let mut patience = Patience::new(ms(100));
        assert_eq!(patience.wait(sleep(ms(60))).await, Ok(()));
        sleep(ms(500)).await;
        assert_eq!(patience.wait(sleep(ms(30))).await, Ok(()));
        assert_eq!(
            patience.wait(sleep(ms(30))).await,
            Err(SourceFault::DeadlineExceeded)
        );
        // What is there already costs no time.
        assert_eq!(patience.wait(std::future::ready(7)).await, Ok(7));
    }
}
