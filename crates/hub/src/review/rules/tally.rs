//! Unusually many in a day: patients of one person, places of one patient.

use super::{
    ManyPatients, ManyPlaces,
    finding::{About, Finding},
    known::{Counted, Known, Window},
    look::{Deed, Look},
};
use crate::review::CaseKind;

impl ManyPatients {
    pub(super) fn judge(&self, deed: &Deed, look: &Look, known: &mut Known) -> Option<Finding> {
        if !self.enabled {
            return None;
        }
        let kind = CaseKind::ManyPatients;
        let limit = self.limit(&deed.staff.role);
        let subject = deed.staff.subject.clone();
        let counted = counted(kind, subject, look.patient.as_bytes(), deed);
        let evidence = known.count(counted, limit.saturating_add(1))?;
        let figures = format!("patients>{limit}");
        Some(Finding::of(kind, About::Person, deed, &figures).with(evidence))
    }
}

impl ManyPlaces {
    pub(super) fn judge(&self, deed: &Deed, look: &Look, known: &mut Known) -> Option<Finding> {
        if !self.enabled {
            return None;
        }
        let kind = CaseKind::ManyPlaces;
        let limit = self.limit();
        let place = deed.staff.organisation.as_str().as_bytes();
        let counted = counted(kind, look.patient.hex(), place, deed);
        let evidence = known.count(counted, limit.saturating_add(1))?;
        let figures = format!("places>{limit}");
        let about = About::Patient(look.patient);
        Some(Finding::of(kind, about, deed, &figures).with(evidence))
    }

    fn limit(&self) -> usize {
        usize::try_from(self.places).unwrap_or(usize::MAX)
    }
}

/// What a deed adds to a tally of its day.
pub(super) fn counted(kind: CaseKind, subject: String, member: &[u8], deed: &Deed) -> Counted {
    Counted {
        window: Window {
            rule: kind,
            subject,
            day: deed.local.day(),
        },
        member: member.to_vec(),
        entry: deed.entry,
    }
}
