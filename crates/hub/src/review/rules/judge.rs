//! The rules, over a batch of entries in the order of the log.

use std::collections::HashMap;

use delt_policy::OrganisationTree;
use uuid::Uuid;

use super::{
    Rules,
    finding::Finding,
    kin::Names,
    known::Known,
    look::{Deed, Look},
};
use crate::keys::Keyring;

/// What the rules go by, beside what is remembered.
pub(super) struct Bench<'a> {
    pub(super) rules: &'a Rules,
    pub(super) names: Names<'a>,
    pub(super) tree: &'a OrganisationTree,
}

impl<'a> Bench<'a> {
    pub(super) fn new(rules: &'a Rules, keys: &'a Keyring, tree: &'a OrganisationTree) -> Self {
        Self {
            rules,
            names: Names::new(keys, &rules.same_family_name),
            tree,
        }
    }

    /// The cases that these deeds make or bring evidence to, each once, in the order in which the log shows them.
    pub(super) fn judge(&self, deeds: &[Deed], known: &mut Known) -> Vec<Finding> {
        let mut cases = Cases::default();
        for deed in deeds {
            if let Some(look) = &deed.look {
                for finding in self.findings(deed, look, known).into_iter().flatten() {
                    cases.add(finding);
                }
            }
            if let Some(key) = deed.staff.key {
                known.learn(key, &deed.staff.organisation, deed.at);
            }
        }
        cases.in_order
    }

    fn findings(&self, deed: &Deed, look: &Look, known: &mut Known) -> [Option<Finding>; 7] {
        let rules = self.rules;
        [
            rules.no_relation.judge(deed, look),
            rules.many_patients.judge(deed, look, known),
            rules.many_places.judge(deed, look, known),
            rules.same_family_name.judge(deed, look, known, &self.names),
            rules.same_address.judge(deed, look, known),
            rules.colleague.judge(deed, look, known),
            rules.outside_hours.judge(deed, known, self.tree),
        ]
    }
}

#[derive(Default)]
struct Cases {
    in_order: Vec<Finding>,
    places: HashMap<Uuid, usize>,
}

impl Cases {
    fn add(&mut self, finding: Finding) {
        let next = self.in_order.len();
        let place = *self.places.entry(finding.subject).or_insert(next);
        match self.in_order.get_mut(place) {
            Some(case) => case.add(&finding.evidence),
            None => self.in_order.push(finding),
        }
    }
}
