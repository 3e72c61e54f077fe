//! The patient shares family name or address with who looked.
//!
//! Whether they share one shows by keyed hashes that a register of persons told of. Where it has told nothing of who looked, the name in the token
//! stands in for the family name.

use std::collections::HashSet;

use super::{
    SameAddress, SameFamilyName,
    finding::{About, Finding},
    known::Known,
    look::{Deed, Look},
};
use crate::{
    keys::Keyring,
    patient::demographics::{Tag, Tags, family_tag},
    review::CaseKind,
};

impl SameFamilyName {
    pub(super) fn judge(
        &self,
        deed: &Deed,
        look: &Look,
        known: &Known,
        names: &Names<'_>,
    ) -> Option<Finding> {
        if !self.enabled || is_own_record(deed, look, known) {
            return None;
        }
        let (tag, by) = names.of(deed, known)?;
        let says_something = !names.common.contains(&tag);
        let shared = says_something && known.has_tag(look.patient, tag, |tags| tags.family);
        let about = About::Both(look.patient);
        shared.then(|| Finding::of(CaseKind::SameFamilyName, about, deed, by))
    }
}

impl SameAddress {
    pub(super) fn judge(&self, deed: &Deed, look: &Look, known: &Known) -> Option<Finding> {
        if !self.enabled || is_own_record(deed, look, known) {
            return None;
        }
        let tag = known.tags_of(deed.staff.key.as_ref()?)?.address?;
        let shared = known.has_tag(look.patient, tag, |tags| tags.address);
        let about = About::Both(look.patient);
        shared.then(|| Finding::of(CaseKind::SameAddress, about, deed, "by=register"))
    }
}

/// Everybody shares both with themself. The rule of colleagues finds who looks at the own record at work.
pub(super) fn is_own_record(deed: &Deed, look: &Look, known: &Known) -> bool {
    let own = deed.staff.key;
    own.is_some_and(|own| known.numbers(look.patient).any(|number| number == own))
}

/// The family names of those who look.
pub(super) struct Names<'a> {
    keys: &'a Keyring,
    common: HashSet<Tag>,
}

impl<'a> Names<'a> {
    pub(super) fn new(keys: &'a Keyring, rule: &SameFamilyName) -> Self {
        let common = rule.ignore.iter();
        let common = common.filter_map(|name| family_tag(keys, name)).collect();
        Self { keys, common }
    }

    /// The tag of who looked, and who told it.
    fn of(&self, deed: &Deed, known: &Known) -> Option<(Tag, &'static str)> {
        let told = |tags: &Tags| tags.family;
        let own = deed.staff.key.as_ref();
        if let Some(tag) = own.and_then(|own| known.tags_of(own)).and_then(told) {
            return Some((tag, "by=register"));
        }
        let name = deed.staff.name.as_deref()?;
        Some((family_tag(self.keys, name)?, "by=token"))
    }
}
