//! Another edition comes into force.

use std::sync::{Arc, PoisonError, RwLock};

use delt_policy::RolePolicy;
use futures_util::future::BoxFuture;

use super::rows;
use crate::{
    Hub, Result,
    clock::Micros,
    organisation::Directory,
    store::{AsyncWork, Store, Tx},
};

/// Which edition gave way to which, by version. Both are the same where the policies did not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    pub from: String,
    pub to: String,
}

impl Hub {
    /// Puts another edition of the role policies into force. What began before this returns may still be decided by the old one, wholly; what begins
    /// afterwards is decided by the new one, wholly. On an error the old one stays.
    ///
    /// The edition and the moment are durable before the first request is decided by it. This is the operator's act, which no caller stands behind:
    /// the record of it is that row, and the version in every audit entry from then on.
    pub async fn replace_roles(&self, roles: RolePolicy) -> Result<Replaced> {
        let shared = &self.shared;
        // One at a time, so that what is in force last is also what is recorded last.
        let turn = shared.editions.turn.lock().await;
        let from = self.roles().version().to_owned();
        let to = roles.version().to_owned();
        let roles = Arc::new(roles);
        if from != to {
            enter_into_force(&shared.store, &roles, shared.clock.now()).await?;
            replace(&shared.roles, roles);
        }
        drop(turn);
        Ok(Replaced { from, to })
    }

    /// Puts another directory of organisations and systems in the place of the present one. What began before goes on with the old one.
    pub fn replace_directory(&self, directory: Directory) {
        replace(&self.shared.directory, Arc::new(directory));
    }
}

/// The value behind a poisoned lock is only ever replaced, so it is whole all the same.
fn replace<T>(lock: &RwLock<Arc<T>>, by: Arc<T>) {
    let mut current = lock.write().unwrap_or_else(PoisonError::into_inner);
    *current = by;
}

/// Records that these policies are in force from now on, unless they were already. Several hubs of one database may do so at once.
pub(crate) async fn enter_into_force(
    store: &Store,
    roles: &Arc<RolePolicy>,
    now: Micros,
) -> Result<()> {
    let roles = Arc::clone(roles);
    store.write(Entering { roles, now }).await
}

struct Entering {
    roles: Arc<RolePolicy>,
    now: Micros,
}

impl AsyncWork<()> for Entering {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let last = rows::in_force(tx, Micros::MAX).await?;
            if last
                .as_ref()
                .is_some_and(|last| last.version == self.roles.version())
            {
                return Ok(());
            }
            // A clock that was set back must not put the newest edition before an older one.
            let since = last.map_or(self.now, |last| self.now.max(last.since + 1));
            rows::keep(tx, &self.roles, self.now).await?;
            rows::enter(tx, self.roles.version(), since).await
        })
    }
}
