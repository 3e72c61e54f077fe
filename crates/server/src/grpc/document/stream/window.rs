//! The order of items that build on each other.

use std::collections::VecDeque;

use delt_hub::document::DocumentEntry;
use futures_util::{FutureExt as _, future::Shared};
use tokio::sync::oneshot;

/// How many items that are registered alone are on their way at once, so that they share a commit.
pub(super) const WINDOW: usize = 64;

/// Resolves when an item has its outcome: its sender is dropped then.
pub(super) type Done = Shared<oneshot::Receiver<()>>;

/// The items on their way. Those that have nothing to do with each other run side by side; one that builds on another waits for it.
#[derive(Default)]
pub(super) struct Window(VecDeque<OnItsWay>);

struct OnItsWay {
    entry: Key,
    done: Done,
}

/// What decides whether two items have to do with each other.
struct Key {
    has_other_numbers: bool,
    targets: Vec<uuid::Uuid>,
    patient: delt_formats::identifier::PersonNumber,
    entry_uuid: uuid::Uuid,
    unique_id: String,
}

/// What an item waits for, and how it tells that it is done.
pub(super) struct Turn {
    pub(super) after: Vec<Done>,
    pub(super) done: oneshot::Sender<()>,
}

impl Window {
    pub(super) fn enter(&mut self, entry: &DocumentEntry, has_other_numbers: bool) -> Turn {
        // What lies further back than the window has its outcome.
        while self.0.len() >= WINDOW {
            self.0.pop_front();
        }
        let key = Key {
            has_other_numbers,
            targets: entry
                .relations
                .iter()
                .map(|relation| relation.target)
                .collect(),
            patient: entry.patient.clone(),
            entry_uuid: entry.entry_uuid,
            unique_id: entry.unique_id.clone(),
        };
        let after = self.0.iter().filter(|other| key.builds_on(&other.entry));
        let after = after.map(|other| other.done.clone()).collect();
        let (done, receiver) = oneshot::channel();
        self.0.push_back(OnItsWay {
            entry: key,
            done: receiver.shared(),
        });
        Turn { after, done }
    }
}

impl Key {
    /// Whether an entry must come after an earlier one: it has the same identity, one of them names the other, or it is related to entries of the same
    /// person, of which the earlier may be one or hang on one.
    fn builds_on(&self, earlier: &Self) -> bool {
        let same = self.entry_uuid == earlier.entry_uuid || self.unique_id == earlier.unique_id;
        let named = self.targets.contains(&earlier.entry_uuid)
            || earlier.targets.contains(&self.entry_uuid);
        let same_person = self.patient == earlier.patient
            || (self.has_other_numbers && earlier.has_other_numbers);
        same || named || (!self.targets.is_empty() && same_person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::document::{read, tests::entry};
    use delt_hub::document::{Relation, RelationCode};
    use futures_util::future::join_all;

    fn numbered(id: u128) -> DocumentEntry {
        let mut sent = entry();
        sent.entry_uuid = uuid::Uuid::from_u128(id).to_string();
        sent.unique_id = format!("1.2^{id}");
        sent.relations.clear();
        read::entry(Some(sent)).unwrap().0
    }

    #[tokio::test]
    async fn what_builds_on_another_waits_for_it_and_nothing_else_does() {
        let mut window = Window::default();
        let first = window.enter(&numbered(1), false);
        let second = window.enter(&numbered(2), false);
        assert!(second.after.is_empty());
        let again = window.enter(&numbered(1), false);
        assert_eq!(again.after.len(), 1);
        let mut replacement = numbered(3);
        replacement.relations = vec![Relation {
            code: RelationCode::Replaces,
            target: uuid::Uuid::from_u128(1),
        }];
        let third = window.enter(&replacement, false);
        assert_eq!(third.after.len(), 3);
        // What the replacement names comes no sooner than the replacement.
        let late = window.enter(&numbered(1), false);
        assert_eq!(late.after.len(), 3);
        let waiting = join_all(third.after);
        drop((first.done, second.done, again.done));
        assert_eq!(waiting.await.len(), 3);
    }

    #[test]
    fn the_window_is_bounded() {
        let mut window = Window::default();
        for id in 0..1_000 {
            window.enter(&numbered(id), false);
        }
        assert_eq!(window.0.len(), WINDOW);
    }
}
