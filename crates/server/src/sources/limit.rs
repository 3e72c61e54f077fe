//! Bounds on what a source sends: how long it may take, and how much it may be.

use delt_hub::document::{Content, SourceFault};
use delt_hub::record::Patience;
use futures_util::{StreamExt as _, stream};

struct Limited {
    content: Content,
    patience: Patience,
    left: u64,
}

/// The same bytes, ended by an error where they take longer than `patience` or are more than `max_bytes`.
pub(super) fn limited(content: Content, patience: Patience, max_bytes: u64) -> Content {
    let limited = Limited {
        content,
        patience,
        left: max_bytes,
    };
    stream::unfold(Some(limited), async |state| {
        let mut limited = state?;
        match limited.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(limited))),
            Ok(None) => None,
            Err(fault) => Some((Err(fault), None)),
        }
    })
    .boxed()
}

impl Limited {
    async fn next(&mut self) -> Result<Option<bytes::Bytes>, SourceFault> {
        let Some(next) = self.patience.wait(self.content.next()).await? else {
            return Ok(None);
        };
        let bytes = next?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(length).ok_or(SourceFault::TooLarge)?;
        Ok(Some(bytes))
    }
}
