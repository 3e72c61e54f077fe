//! What was in force at an earlier time.

use std::sync::{Arc, Mutex, PoisonError};

use delt_policy::{Edition, RolePolicy};

use super::rows;
use crate::{Error, Result, clock::Micros, operation::Context, store::Tx};

/// So many past editions are kept ready; loading one is some ten milliseconds of work.
const READY_MAX: usize = 4;

/// Past editions that were asked for lately, the latest last.
#[derive(Debug, Default)]
pub(crate) struct PastEditions {
    ready: Mutex<Vec<Arc<RolePolicy>>>,
    /// Whoever puts another edition into force holds it.
    pub(super) turn: tokio::sync::Mutex<()>,
}

/// The policies that were in force at a time.
#[derive(Debug, Clone)]
pub(crate) struct InForceThen {
    pub(crate) roles: Arc<RolePolicy>,
    /// The time lies before the first record: these came first, and nothing is known from before.
    pub(crate) assumed: bool,
}

/// The role policies in force at `at`, by the history in the store.
pub(crate) async fn in_force_at(tx: &mut Tx<'_>, cx: &Context, at: Micros) -> Result<InForceThen> {
    let (found, assumed) = match rows::in_force(tx, at).await? {
        Some(found) => (found, false),
        None => (
            rows::first(tx)
                .await?
                .ok_or_else(|| Error::internal("no edition was ever in force"))?,
            true,
        ),
    };
    let roles = load(tx, cx, &found.version).await?;
    Ok(InForceThen { roles, assumed })
}

async fn load(tx: &mut Tx<'_>, cx: &Context, version: &str) -> Result<Arc<RolePolicy>> {
    if cx.roles.version() == version {
        return Ok(Arc::clone(&cx.roles));
    }
    if let Some(ready) = cx.editions.ready(version) {
        return Ok(ready);
    }
    let text = rows::text(tx, version)
        .await?
        .ok_or_else(|| Error::internal("the text of an edition is missing"))?;
    let edition = Edition::from_text(&text).map_err(Error::internal)?;
    let roles = RolePolicy::from_past_edition(edition).map_err(Error::internal)?;
    if roles.version() != version {
        return Err(Error::internal("the text of an edition is another's"));
    }
    Ok(cx.editions.keep_ready(roles))
}

impl PastEditions {
    fn ready(&self, version: &str) -> Option<Arc<RolePolicy>> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready
            .iter()
            .find(|roles| roles.version() == version)
            .cloned()
    }

    fn keep_ready(&self, roles: RolePolicy) -> Arc<RolePolicy> {
        let roles = Arc::new(roles);
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= READY_MAX {
            ready.remove(0);
        }
        ready.push(Arc::clone(&roles));
        roles
    }
}
