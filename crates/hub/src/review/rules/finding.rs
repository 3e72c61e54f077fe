//! What a rule found.

use delt_policy::PatientKey;
use uuid::Uuid;

use super::{
    danish_time::Local,
    look::{Deed, Staff},
};
use crate::{clock::Micros, entropy, review::CaseKind};

/// How many entries a case names: enough to judge by, and the log has the rest.
pub(super) const EVIDENCE_MAX: usize = 50;

/// About whom a case is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum About {
    /// One person's doing, towards many.
    Person,
    /// One person's doing towards one patient.
    Both(PatientKey),
    /// What many did towards one patient.
    Patient(PatientKey),
}

/// A case in the making. Several about one subject are one case: the first opens it, the others bring evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) kind: CaseKind,
    pub(super) subject: Uuid,
    pub(super) about: About,
    pub(super) staff: Staff,
    pub(super) at: Micros,
    /// The entry that opened it.
    pub(super) entry: Uuid,
    /// Figures and codes.
    pub(super) detail: String,
    /// In the order in which they are kept, as many as fit.
    pub(super) evidence: Vec<Uuid>,
}

impl Finding {
    /// What a deed shows by itself. `figures` come before the day in the detail.
    pub(super) fn of(kind: CaseKind, about: About, deed: &Deed, figures: &str) -> Self {
        let space = if figures.is_empty() { "" } else { " " };
        Self {
            kind,
            subject: subject(kind, &about, &deed.staff, deed.local),
            about,
            staff: deed.staff.clone(),
            at: deed.at,
            entry: deed.entry,
            detail: format!("{figures}{space}day={}", deed.local.date),
            evidence: vec![deed.entry],
        }
    }

    /// The same, with all that led up to it.
    pub(super) fn with(self, mut evidence: Vec<Uuid>) -> Self {
        evidence.truncate(EVIDENCE_MAX);
        Self { evidence, ..self }
    }

    /// Another deed shows the same.
    pub(super) fn add(&mut self, evidence: &[Uuid]) {
        for entry in evidence {
            if self.evidence.len() < EVIDENCE_MAX && !self.evidence.contains(entry) {
                self.evidence.push(*entry);
            }
        }
    }
}

/// One case for a rule, a person or patient, and a day.
fn subject(kind: CaseKind, about: &About, staff: &Staff, local: Local) -> Uuid {
    let whom = match about {
        About::Person => staff.subject.clone(),
        About::Both(patient) => format!("{}|{}", staff.subject, patient.hex()),
        About::Patient(patient) => patient.hex(),
    };
    entropy::derived(kind.as_str(), &whom, &local.date.to_string())
}
