//! Any question about a record, for the properties.

use delt_policy::*;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::any::*;
use crate::world::*;

/// One question about a record: who asks, why, and how the glass is broken.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) party: Party,
    pub(crate) purpose: Purpose,
    pub(crate) reason: Option<&'static str>,
    pub(crate) ground: Option<OverrideGround>,
}

impl Question {
    pub(crate) fn put(&self, action: Action, facts: &Facts, now: Micros) -> Decision {
        let request = Request {
            override_reason: self.reason,
            override_ground: self.ground,
            ..request(&self.party, action, Some(self.purpose))
        };
        decide(&request, facts, now)
    }

    /// What is seen, entry by entry; a denial shows nothing.
    pub(crate) fn sees(&self, facts: &Facts, entries: &[EntryFacts]) -> Vec<bool> {
        self.sees_at(facts, entries, NOW)
    }

    pub(crate) fn sees_at(&self, facts: &Facts, entries: &[EntryFacts], now: Micros) -> Vec<bool> {
        match self.put(Action::SearchRecord, facts, now).scope() {
            Ok(scope) => scope
                .review(entries)
                .into_iter()
                .map(Verdict::is_visible)
                .collect(),
            Err(_) => vec![false; entries.len()],
        }
    }
}

/// Mostly one that fits: a citizen's own request, a professional's purposes.
pub(crate) fn any_question() -> impl Strategy<Value = Question> {
    let reason = select(vec![
        None,
        Some("bevidstløs, kan ikke spørges"),
        Some("kort"),
    ]);
    let ground = option::weighted(0.8, select(&OverrideGround::ALL[..]));
    (any_party(), any_purpose(), reason, ground).prop_map(|(party, purpose, reason, ground)| {
        let citizen = party.person.as_ref().is_some_and(Person::is_citizen);
        Question {
            party,
            purpose: if citizen { Purpose::Patrqt } else { purpose },
            reason,
            ground,
        }
    })
}
