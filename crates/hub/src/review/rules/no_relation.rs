//! A look at a record whose decision cites no treatment relation.

use delt_policy::Purpose;

use super::{
    NoRelation,
    finding::{About, Finding},
    look::{Deed, Look},
};
use crate::review::CaseKind;

impl NoRelation {
    pub(super) fn judge(&self, deed: &Deed, look: &Look) -> Option<Finding> {
        if !self.enabled || look.related || self.has_another_ground(look) {
            return None;
        }
        let purpose = look.purpose.as_deref().unwrap_or("none");
        let figures = format!("purpose={purpose}");
        let about = About::Both(look.patient);
        Some(Finding::of(CaseKind::NoRelation, about, deed, &figures))
    }

    /// Whether the law lets somebody look on a ground that needs no present relation.
    fn has_another_ground(&self, look: &Look) -> bool {
        let purpose = |purpose: Purpose| look.purpose.as_deref() == Some(purpose.as_str());
        (purpose(Purpose::Btg) && !self.break_glass)
            || (purpose(Purpose::Hoperat) && look.past && !self.learning)
            || (purpose(Purpose::Hqualimp) && look.permitted_quality && !self.quality)
    }
}
