//! The patient works where who looked works, or is who looked.
//!
//! Who works where is learned from the log itself: from the entries of professionals whose tokens tell their own number.

use super::{
    Colleague,
    danish_time::DAY,
    finding::{About, Finding},
    kin::is_own_record,
    known::Known,
    look::{Deed, Look},
};
use crate::{clock::Micros, review::CaseKind};

impl Colleague {
    pub(super) fn judge(&self, deed: &Deed, look: &Look, known: &Known) -> Option<Finding> {
        if !self.enabled {
            return None;
        }
        let figures = if is_own_record(deed, look, known) {
            "own-record"
        } else if self.works_there(deed, look, known) {
            "same-organisation"
        } else {
            return None;
        };
        let about = About::Both(look.patient);
        Some(Finding::of(CaseKind::Colleague, about, deed, figures))
    }

    fn works_there(&self, deed: &Deed, look: &Look, known: &Known) -> bool {
        let since = deed.at.saturating_sub(self.memory());
        let place = &deed.staff.organisation;
        known
            .numbers(look.patient)
            .filter_map(|number| known.at_work(&number, place))
            .any(|seen| seen >= since)
    }

    /// How long somebody counts as working where they were seen.
    pub(super) fn memory(&self) -> Micros {
        Micros::from(self.days).saturating_mul(DAY)
    }
}
