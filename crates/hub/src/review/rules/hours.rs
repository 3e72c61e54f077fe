//! Looks outside the working hours.

use delt_policy::OrganisationTree;

use super::{
    OutsideHours,
    danish_time::Local,
    finding::{About, Finding},
    known::Known,
    look::{Deed, Staff},
    tally::counted,
};
use crate::review::CaseKind;

impl OutsideHours {
    pub(super) fn judge(
        &self,
        deed: &Deed,
        known: &mut Known,
        tree: &OrganisationTree,
    ) -> Option<Finding> {
        if !self.enabled || self.is_within(deed.local) || !self.binds(&deed.staff, tree) {
            return None;
        }
        let kind = CaseKind::OutsideHours;
        let enough = usize::try_from(self.at_least).unwrap_or(usize::MAX);
        let subject = deed.staff.subject.clone();
        let evidence = known.count(counted(kind, subject, deed.entry.as_bytes(), deed), enough)?;
        let figures = format!("looks>={enough} hours={}-{}", self.from, self.to);
        Some(Finding::of(kind, About::Person, deed, &figures).with(evidence))
    }

    fn is_within(&self, local: Local) -> bool {
        self.weekdays.contains(&local.weekday) && (self.from..self.to).contains(&local.minute)
    }

    /// Whether somebody keeps these hours.
    fn binds(&self, staff: &Staff, tree: &OrganisationTree) -> bool {
        !self.shift_roles.contains(&staff.role)
            && (self.roles.contains(&staff.role)
                || self.sectors.contains(&tree.sector(&staff.organisation)))
    }
}
